/** A tagger, and what its tests speak of: rules, rules at X, tweets, and what became of a tweet. */

import { type Tagged, Tagger, type TaggerOptions } from "../../../src/match/tagger.ts";
import type { JsonObject } from "../../../src/model/json.ts";
import { readRule, type Rule } from "../../../src/model/rule.ts";
import type { TweetMessage } from "../../../src/model/stream_message.ts";
import {
  type WantedQueries,
  wantedQueries,
  type WantedQuery,
  type WireRule,
  wireRuleOf,
} from "../../../src/model/wire_rules.ts";
import { FakeClock } from "../../support/fake_clock.ts";

export const INSTALLATION = "0a1b2c3d";

export function tagger(options: Partial<TaggerOptions> = {}): Tagger {
  return new Tagger({ installation: INSTALLATION, clock: new FakeClock(), ...options });
}

export const track = (value: string, id = 0) => readRule(value, { type: "track", id });
export const query = (value: string, id = 0) => readRule(value, { type: "query", id });

export function wanted(...rules: Rule[]): WantedQueries {
  return wantedQueries(rules, (_rule, fault) => {
    throw fault;
  });
}

/** Rules at X by its ids, each for some queries. */
export function held(rules: Readonly<Record<string, readonly WantedQuery[]>>): Map<string, WireRule> {
  return new Map(Object.entries(rules).map(([id, queries]) => [id, wireRuleOf(queries)]));
}

/** A tweet of some rules at X. */
export function tweet(...matched: { id: string; tag?: string }[]): TweetMessage {
  return tweetSaying("", ...matched);
}

export function tweetSaying(text: string, ...matched: { id: string; tag?: string }[]): TweetMessage {
  const message: JsonObject = { data: { id: "1790000000000000001", text } };
  return {
    kind: "tweet",
    id: "1790000000000000001",
    line: new TextEncoder().encode(JSON.stringify(message)),
    message,
    matched: matched.map(({ id, tag = "" }) => ({ id, tag })),
    createdAt: null,
    partialErrors: [],
  };
}

/** The rules that a tweet is tagged with, or why it is dropped. */
export function named(tagger: Tagger, message: TweetMessage): string[] | string {
  const tagged = tagger.tag(message);
  return tagged.kind === "drop" ? tagged.reason : rulesOf(tagged);
}

/** The rules with who said so. */
export function attributed(tagger: Tagger, message: TweetMessage): [string, string[]] | string {
  const tagged = tagger.tag(message);
  return tagged.kind === "drop" ? tagged.reason : [tagged.attribution, rulesOf(tagged)];
}

function rulesOf(tagged: Tagged & { kind: "match" }): string[] {
  return tagged.rules.map(({ slot, value }) => `${slot.type}:${slot.id} ${value}`);
}
