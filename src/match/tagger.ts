/**
 * Names the rules that a tweet matched, and makes its record or says why there is none. X decides what matched: by the
 * id of its rule, or else by the hash in its tag. Pure but for the clock; awaits nothing.
 *
 * The rule set is swapped in one assignment. A rule that was taken away keeps its name for a while, so that a tweet
 * which X sends for it until the change has reached all of X is dropped as `rule_removed`, not as a riddle.
 */

import type { Clock } from "../base/clock.ts";
import type { DropReason } from "../base/events.ts";
import { makeRecord, type Provenance, type TweetRecord } from "../model/record.ts";
import type { Rule } from "../model/rule.ts";
import type { MatchedRule, TweetMessage } from "../model/stream_message.ts";
import { hashOfTag, NO_WIRE_RULES, type WireRules } from "../model/wire_rules.ts";
import type { RateLimit } from "./rate_limit.ts";

export interface TaggerOptions {
  installation: string;
  clock: Clock;
  rateLimit?: RateLimit;
}

export type Tagged =
  | { readonly kind: "record"; readonly record: TweetRecord; readonly rules: readonly Rule[] }
  | { readonly kind: "drop"; readonly reason: DropReason };

interface RuleSet {
  readonly wanted: WireRules;
  /** X's rule id to the hash of our wire rule. */
  readonly held: ReadonlyMap<string, string>;
}

export class Tagger {
  readonly #options: TaggerOptions;
  #current: RuleSet = { wanted: NO_WIRE_RULES, held: new Map() };
  #before: RuleSet = this.#current;

  constructor(options: TaggerOptions) {
    this.#options = options;
  }

  /** The rules that are wanted from now on; what X held of them before still counts. */
  want(wanted: WireRules): void {
    this.#before = this.#current;
    this.#current = { wanted, held: this.#current.held };
    this.#options.rateLimit?.keepOnly(new Set(wanted.all.flatMap((wire) => wire.rules.map((rule) => rule.value))));
  }

  /** What X holds of the wanted rules, after a synchronisation. */
  hold(held: ReadonlyMap<string, string>): void {
    this.#current = { wanted: this.#current.wanted, held };
  }

  /** The record of a tweet, or the reason to drop it. */
  tag(tweet: TweetMessage, provenance: Provenance): Tagged {
    const rules = this.#rulesOf(tweet.matched, this.#current);
    const [first, ...others] = rules;
    if (!first) {
      const known = this.#rulesOf(tweet.matched, this.#before).length > 0;
      return { kind: "drop", reason: known ? "rule_removed" : "no_rule" };
    }
    const { clock, rateLimit } = this.#options;
    if (rateLimit && !rateLimit.allows(rules)) return { kind: "drop", reason: "rate_limited" };
    const record = makeRecord(tweet.id, tweet.line, {
      rules: [first, ...others],
      attribution: "x",
      provenance,
      collectedAt: clock.now(),
      createdAt: tweet.createdAt,
    });
    return { kind: "record", record, rules };
  }

  #rulesOf(matched: readonly MatchedRule[], set: RuleSet): Rule[] {
    const rules = new Set<Rule>();
    for (const { id, tag } of matched) {
      const hash = set.held.get(id) ?? hashOfTag(tag, this.#options.installation);
      for (const rule of (hash !== undefined && set.wanted.byHash.get(hash)?.rules) || []) rules.add(rule);
    }
    return [...rules];
  }
}
