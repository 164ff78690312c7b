/**
 * How fast a tweet is matched against all rules, and what more rules cost: few and many rules over the same tweets, by
 * turns within one run, so that whatever else the machine does falls on both.
 *
 *   deno run -A scripts/bench/matching.ts     this bench alone
 *
 * @module
 */
import { Matcher } from "../../src/match/matcher.ts";
import { isExactQuery } from "../../src/model/exact_query.ts";
import { queriesOf } from "../../src/model/query.ts";
import { readRule } from "../../src/model/rule.ts";
import type { RuleType } from "../../src/model/slot.ts";
import { Random } from "../../src/simulate/random.ts";
import { messages, simulatedTweets } from "../../tests/unit/match/simulated_tweets.ts";
import { median } from "./measures.ts";
import type { Row } from "./row.ts";

const FEW_RULES = 400;
const MANY_RULES = 25_000;
const TWEETS = 5_000;
const RUNS = 21;
const SEED = 1;

/** Measures matching. */
export function matching(): Row[] {
  const random = new Random(SEED);
  const many = queries(MANY_RULES, random);
  // Few rules of the same mixture, spread over the many.
  const few = many.filter((_query, at) => at % (MANY_RULES / FEW_RULES) < 1);
  const values = many.map(({ value }) => value);
  const tweets = [...simulatedTweets(TWEETS, values, SEED)].map(messages());
  const matchers = [new Matcher(few), new Matcher(many)] as const;
  const times: [number[], number[]] = [[], []];
  const matches = [0, 0];
  for (let run = -3; run < RUNS; run++) {
    matchers.forEach((matcher, which) => {
      const startedAt = performance.now();
      let count = 0;
      for (const tweet of tweets) count += matcher.match(tweet).length;
      if (run >= 0) times[which]!.push((performance.now() - startedAt) / TWEETS);
      matches[which] = count / TWEETS;
    });
  }
  const [fewMs, manyMs] = [median(times[0]), median(times[1])];
  const perSecond = (ms: number) => `${Math.round(1_000 / ms).toLocaleString("en-US")} tweets/s`;
  const found = (which: 0 | 1) => `${matches[which]!.toFixed(2)} matches a tweet`;
  return [
    [`matching against ${FEW_RULES} rules`, `${perSecond(fewMs)}, ${found(0)}`, "50,000 tweets/s"],
    [`matching against ${MANY_RULES} rules`, `${perSecond(manyMs)}, ${found(1)}`, "50,000 tweets/s"],
    ["what a tweet costs more with the many", `${(manyMs / fewMs).toFixed(2)} times`, "1.5 times"],
  ];
}

/** Queries of rules as people have them: keywords, accounts, hashtags and areas. */
function queries(count: number, random: Random): { value: string }[] {
  const values = new Set<string>();
  while (values.size < count) {
    const [type, value] = rule(random);
    const [query] = queriesOf(readRule(value, { type, id: 0 }));
    if (query !== undefined && isExactQuery(query)) values.add(query);
  }
  return [...values].map((value) => ({ value }));
}

function rule(random: Random): [RuleType, string] {
  const kind = random.below(100);
  if (kind < 25) return ["track", word(random)];
  if (kind < 40) return ["track", `${word(random)} ${word(random)}`];
  if (kind < 45) return ["track", `"${word(random)} ${word(random)}"`];
  if (kind < 60) return ["track", `#${word(random)}${random.below(2_000)}`];
  if (kind < 90) return ["follow", String(1_000_000_000_000_000_000n + BigInt(random.below(2 ** 31)) * 7_919n)];
  const [west, south] = [random.below(3_000) / 10 - 150, random.below(1_000) / 10 - 50];
  return ["geo", [west, south, west + 0.2, south + 0.2].map((degrees) => degrees.toFixed(2)).join(",")];
}

/** A made-up word of two to four syllables: about a million there are. */
function word(random: Random): string {
  const syllable = () => random.pick([..."bcdfghklmnprstvwz"]) + random.pick([..."aeiou"]);
  return Array.from({ length: 2 + random.below(3) }, syllable).join("");
}

if (import.meta.main) { for (const row of matching()) console.log(`| ${row.join(" | ")} |`); }
