/**
 * Our rules grouped by what X is to hold: rules of equal query share one wire rule, and a tweet that matches it
 * matched them all. The tag at X is `traptor:<installation>:<hash of the query>`; our own tags never travel in it.
 */

import { queryOf } from "./query.ts";
import { type Rule, RuleFault, shortHash } from "./rule.ts";

export interface WireRule {
  /** The query: what identifies a rule at X. */
  readonly value: string;
  readonly hash: string;
  readonly rules: readonly [Rule, ...Rule[]];
}

export interface WireRules {
  /** In the order in which the rules came. */
  readonly all: readonly WireRule[];
  readonly byValue: ReadonlyMap<string, WireRule>;
  readonly byHash: ReadonlyMap<string, WireRule>;
}

/** The set with nothing in it. */
export const NO_WIRE_RULES: WireRules = { all: [], byValue: new Map(), byHash: new Map() };

/** Groups rules by their query. A rule that cannot be translated is handed to `onFault` and left out. */
export function groupRules(rules: readonly Rule[], onFault: (rule: Rule, fault: RuleFault) => void): WireRules {
  const grouped = new Map<string, Rule[]>();
  for (const rule of rules) {
    try {
      const value = queryOf(rule);
      const sharers = grouped.get(value);
      if (sharers) sharers.push(rule);
      else grouped.set(value, [rule]);
    } catch (error) {
      if (!(error instanceof RuleFault)) throw error;
      onFault(rule, error);
    }
  }
  const all = [...grouped].map(([value, sharers]) => ({
    value,
    hash: shortHash(value),
    rules: sharers as [Rule, ...Rule[]],
  }));
  return {
    all,
    byValue: new Map(all.map((wireRule) => [wireRule.value, wireRule])),
    byHash: new Map(all.map((wireRule) => [wireRule.hash, wireRule])),
  };
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
