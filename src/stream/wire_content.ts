/**
 * Reads which of the wanted queries a rule at X holds: whoever made it, and whatever was wanted then, its text alone
 * tells. It holds a query when it has all of the query's alternatives.
 */

import { parseQuery } from "../model/query_parser.ts";
import { alternativesOf } from "../model/query_tree.ts";
import { type WantedQueries, type WantedQuery, type WireRule, wireRuleOf } from "../model/wire_rules.ts";

export interface WireContent {
  /** The rule, with the wanted queries in it. */
  readonly rule: WireRule;
  /** Whether there is nothing else in it. */
  readonly isClean: boolean;
}

export class WireContents {
  readonly #wanted: WantedQueries;
  readonly #refused: ReadonlySet<string>;
  /** The queries that may share a rule, by the first of their alternatives. */
  #beginnings: Map<string, { readonly query: WantedQuery; readonly parts: readonly string[] }[]> | undefined;

  /** Queries that X has refused are not wanted of it. */
  constructor(wanted: WantedQueries, refused: ReadonlySet<string>) {
    this.#wanted = wanted;
    this.#refused = refused;
  }

  /** What is in a rule at X. */
  of(value: string): WireContent {
    const whole = this.#wanted.byValue.get(value);
    if (whole) {
      const isRefused = this.#refused.has(value);
      return { rule: wireRuleOf(isRefused ? [] : [whole], value), isClean: !isRefused };
    }
    const alternatives = new Set(alternativesIn(value));
    const queries = new Set<WantedQuery>();
    const used = new Set<string>();
    for (const alternative of alternatives) {
      for (const { query, parts } of this.#beginningWith(alternative)) {
        if (!parts.every((part) => alternatives.has(part))) continue;
        queries.add(query);
        parts.forEach((part) => used.add(part));
      }
    }
    return { rule: wireRuleOf([...queries], value), isClean: used.size === alternatives.size };
  }

  #beginningWith(alternative: string) {
    if (!this.#beginnings) {
      this.#beginnings = new Map();
      for (const query of this.#wanted.all) {
        if (!query.isExact || this.#refused.has(query.value)) continue;
        const parts = alternativesIn(query.value);
        const sharers = this.#beginnings.get(parts[0]!);
        if (sharers) sharers.push({ query, parts });
        else this.#beginnings.set(parts[0]!, [{ query, parts }]);
      }
    }
    return this.#beginnings.get(alternative) ?? [];
  }
}

/** The texts of a query's alternatives, as they are written. */
export function alternativesIn(value: string): readonly string[] {
  const { tree, complaints } = parseQuery(value);
  if (!tree || complaints.some(({ level }) => level === "fault")) return [value];
  return alternativesOf(tree).map(({ start, end }) => value.slice(start, end));
}
