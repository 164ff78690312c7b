/**
 * Names the rules that a tweet matched, or says why there is none. X decides which of its rules matched: by the id of
 * its rule, or else by the hash in its tag. Where several of our queries share one rule at X, our own matcher decides
 * among them. Pure but for the clock; awaits nothing.
 *
 * What X held before is remembered for a while, so that a tweet which X sends for it until the change has reached all
 * of X is tagged with what is still wanted of it, or dropped as `rule_removed`, not as a riddle.
 */

import type { Clock } from "../base/clock.ts";
import type { DropReason } from "../base/events.ts";
import type { Attribution } from "../model/record.ts";
import type { Rule } from "../model/rule.ts";
import type { MatchedRule, TweetMessage } from "../model/stream_message.ts";
import { hashOfTag, NO_QUERIES, type WantedQueries, type WantedQuery, type WireRule } from "../model/wire_rules.ts";
import { Matcher } from "./matcher.ts";

export interface TaggerOptions {
  installation: string;
  clock: Clock;
}

export type Tagged =
  | {
    readonly kind: "match";
    readonly rules: readonly [Rule, ...Rule[]];
    readonly attribution: Attribution;
  }
  | { readonly kind: "drop"; readonly reason: DropReason };

/** How long a rule that X does not hold any more is remembered, in milliseconds: X needs seconds, rarely minutes. */
const REMEMBERED_MS = 10 * 60_000;

/** A rule at X, and until when it is of use. */
interface Known {
  readonly rule: WireRule;
  readonly until: number;
}

/** What a tweet's rules at X stand for. */
interface Found {
  /** What X names by itself. */
  readonly named: ReadonlySet<WantedQuery>;
  /** Rules at X that several queries share. */
  readonly shared: readonly WireRule[];
}

export class Tagger {
  readonly #options: TaggerOptions;
  #wanted: WantedQueries = NO_QUERIES;
  /** Rules at X by `id:` and by `hash:`: those that it holds, is about to hold, or held a while ago. */
  readonly #known = new Map<string, Known>();
  /** Over all queries that share a rule at X, made when it is first needed. */
  #matcher: Matcher<WantedQuery> | undefined;

  constructor(options: TaggerOptions) {
    this.#options = options;
  }

  /** The rules that are wanted from now on; what X holds for them still counts. */
  want(wanted: WantedQueries): void {
    this.#wanted = wanted;
  }

  /** What X is about to be asked for: tweets may come before it has answered. */
  expect(rules: Iterable<WireRule>): void {
    const until = this.#options.clock.now() + REMEMBERED_MS;
    for (const rule of rules) this.#known.set(`hash:${rule.hash}`, { rule, until });
    this.#matcher = undefined;
  }

  /** What X holds of the wanted rules, after a synchronisation. */
  hold(held: ReadonlyMap<string, WireRule>): void {
    const now = this.#options.clock.now();
    for (const [key, { rule, until }] of this.#known) {
      if (until === Infinity) this.#known.set(key, { rule, until: now + REMEMBERED_MS });
      else if (until < now) this.#known.delete(key);
    }
    for (const [id, rule] of held) {
      this.#known.set(`id:${id}`, { rule, until: Infinity });
      this.#known.set(`hash:${rule.hash}`, { rule, until: Infinity });
    }
    this.#matcher = undefined;
  }

  /** The rules of a tweet, or the reason to drop it. */
  tag(tweet: TweetMessage): Tagged {
    const { named, shared } = this.#find(tweet.matched);
    if (named.size === 0 && shared.length === 0) return { kind: "drop", reason: "no_rule" };
    const queries = new Set(named);
    let attribution: Attribution = "x";
    if (shared.length > 0) {
      const among = new Set(shared.flatMap((rule) => rule.queries));
      const matched = this.#matching(tweet).filter((query) => among.has(query));
      for (const query of matched) queries.add(query);
      // A rule at X of whose queries none matches here: all that is known is that one of them did.
      const riddles = shared.filter((rule) => !rule.queries.some((query) => queries.has(query)));
      attribution = riddles.length > 0 ? "wire" : "local";
      for (const query of riddles.flatMap((rule) => rule.queries)) queries.add(query);
    }
    const [first, ...others] = this.#wantedRules(queries);
    if (!first) return { kind: "drop", reason: "rule_removed" };
    return { kind: "match", rules: [first, ...others], attribution };
  }

  #find(matched: readonly MatchedRule[]): Found {
    const named = new Set<WantedQuery>();
    const shared: WireRule[] = [];
    for (const { id, tag } of matched) {
      const hash = hashOfTag(tag, this.#options.installation);
      const rule = (this.#known.get(`id:${id}`) ?? this.#known.get(`hash:${hash}`))?.rule;
      if (!rule) continue;
      if (rule.queries.length === 1) named.add(rule.queries[0]!);
      else shared.push(rule);
    }
    return { named, shared };
  }

  /** The queries in shared rules that the tweet matches. */
  #matching(tweet: TweetMessage): WantedQuery[] {
    if (!this.#matcher) {
      const rules = [...this.#known.values()].map(({ rule }) => rule);
      const queries = rules.filter((rule) => rule.queries.length > 1).flatMap((rule) => rule.queries);
      this.#matcher = new Matcher(new Set(queries));
    }
    return this.#matcher.match(tweet.message);
  }

  /** The rules of queries, as far as they are still wanted. */
  #wantedRules(queries: Iterable<WantedQuery>): Rule[] {
    const rules = new Set<Rule>();
    for (const { value } of queries) for (const rule of this.#wanted.byValue.get(value)?.rules ?? []) rules.add(rule);
    return [...rules];
  }
}
