/**
 * What X is to hold for our rules. Rules of equal query share it; several queries may share one wire rule, joined by
 * OR, where X allows fewer rules than there are queries.
 *
 * The tag at X is `traptor:<installation>:<hash of the wire rule's value>`; our own tags never travel in it, so a
 * change of tags or other fields changes nothing at X.
 */

import { isExactQuery } from "./exact_query.ts";
import { DEFAULT_TRANSLATION, queriesOf, type Translation } from "./query.ts";
import { type Rule, RuleFault, shortHash } from "./rule.ts";

/** One query and all rules that it stands for. */
export interface WantedQuery {
  readonly value: string;
  readonly rules: readonly [Rule, ...Rule[]];
  /** Whether our own matcher decides it exactly, so that it may share a wire rule. */
  readonly isExact: boolean;
}

/** All queries that are wanted, in the order in which their rules came. */
export interface WantedQueries {
  readonly all: readonly WantedQuery[];
  readonly byValue: ReadonlyMap<string, WantedQuery>;
  /** How many rules they stand for. */
  readonly rules: number;
}

/** One rule at X: the queries of which X names no single one when there are several. */
export interface WireRule {
  /** What identifies a rule at X. */
  readonly value: string;
  readonly hash: string;
  readonly queries: readonly WantedQuery[];
}

/** What stands between the queries of a wire rule. */
export const WIRE_JOIN = " OR ";

/** The set with nothing in it. */
export const NO_QUERIES: WantedQueries = { all: [], byValue: new Map(), rules: 0 };

/** The queries of rules. A rule that cannot be translated is handed to `onFault` and left out. */
export function wantedQueries(
  rules: readonly Rule[],
  onFault: (rule: Rule, fault: RuleFault) => void,
  translation: Translation = DEFAULT_TRANSLATION,
): WantedQueries {
  const grouped = new Map<string, Rule[]>();
  let count = 0;
  for (const rule of rules) {
    try {
      for (const value of new Set(queriesOf(rule, translation))) {
        const sharers = grouped.get(value);
        if (sharers) sharers.push(rule);
        else grouped.set(value, [rule]);
      }
      count += 1;
    } catch (error) {
      if (!(error instanceof RuleFault)) throw error;
      onFault(rule, error);
    }
  }
  const all = [...grouped].map(([value, sharers]): WantedQuery => ({
    value,
    rules: sharers as [Rule, ...Rule[]],
    isExact: isExactQuery(value),
  }));
  return { all, byValue: new Map(all.map((query) => [query.value, query])), rules: count };
}

/** The rules of refused queries, with X's words on each. */
export function refusedRules(wanted: WantedQueries, refused: ReadonlyMap<string, string>): Map<Rule, string> {
  const rules = new Map<Rule, string>();
  for (const [value, reason] of refused) {
    for (const rule of wanted.byValue.get(value)?.rules ?? []) rules.set(rule, reason);
  }
  return rules;
}

/** The wire rule of some queries; unless X holds it as another text, they are joined in their order. */
export function wireRuleOf(
  queries: readonly WantedQuery[],
  value = queries.map((query) => query.value).join(WIRE_JOIN),
): WireRule {
  return { value, hash: shortHash(value), queries };
}

/** The tag of a wire rule at X. */
export function wireTag(installation: string, hash: string): string {
  return `traptor:${installation}:${hash}`;
}

/** The hash in a tag at X when this installation made it, else undefined. */
export function hashOfTag(tag: string, installation: string): string | undefined {
  const prefix = `traptor:${installation}:`;
  return tag.startsWith(prefix) ? tag.slice(prefix.length) : undefined;
}
