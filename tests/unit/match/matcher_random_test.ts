import { assert, assertEquals } from "@std/assert";
import { Content } from "../../../src/match/content.ts";
import { Matcher } from "../../../src/match/matcher.ts";
import { predicateOf } from "../../../src/match/predicate.ts";
import type { JsonObject, JsonValue } from "../../../src/model/json.ts";
import { parseQuery } from "../../../src/model/query_parser.ts";
import { withChance } from "../../support/seeded.ts";
import { exactQueries, queriesForIds, vocabularyOf } from "./generated_queries.ts";
import { messages, simulatedTweets } from "./simulated_tweets.ts";

const QUERIES = 400;
const TWEETS = 1_500;

/** Queries of all kinds and tweets that they are about. */
function world(chance: () => number): { queries: { value: string }[]; tweets: JsonObject[] } {
  const seed = Math.floor(chance() * 2 ** 31);
  const values = exactQueries(QUERIES, vocabularyOf([...simulatedTweets(800, [], seed)]), chance);
  const tweets = [...simulatedTweets(TWEETS, values, seed)];
  values.push(...queriesForIds(tweets.slice(0, 50)));
  return { queries: [...new Set(values)].map((value) => ({ value })), tweets: tweets.map(messages()) };
}

Deno.test("the index loses no match: it finds what asking every query finds", async () => {
  await withChance((chance) => {
    const { queries, tweets } = world(chance);
    const matcher = new Matcher(queries);
    const naive = queries.map((query) => ({ query, matches: predicateOf(parseQuery(query.value).tree!) }));
    let matches = 0;
    for (const tweet of tweets) {
      const content = new Content(tweet);
      const wanted = naive.filter(({ matches }) => matches(content)).map(({ query }) => query.value);
      const found = matcher.match(tweet).map(({ value }) => value);
      assertEquals(found.toSorted(), wanted.toSorted(), JSON.stringify(tweet));
      matches += found.length;
    }
    assert(matches > TWEETS, `only ${matches} matches`);
  });
});

Deno.test("nothing in a message makes matching throw: tweets with parts lost, moved and of other kinds", async () => {
  await withChance((chance) => {
    const { queries, tweets } = world(chance);
    const matcher = new Matcher(queries);
    let matches = 0;
    for (const tweet of tweets) {
      const parts = Object.entries(tweet).map(([name, part]) => [name, mangle(part, chance)]);
      const mangled: JsonObject = Object.fromEntries(parts);
      try {
        matches += matcher.match(mangled).length;
      } catch (error) {
        throw new Error(JSON.stringify(mangled), { cause: error });
      }
    }
    assert(matches > 0);
  });
});

Deno.test("any JSON is a tweet in which nothing, or something, is found", async () => {
  await withChance((chance) => {
    const { queries } = world(chance);
    const matcher = new Matcher(queries);
    for (let round = 0; round < 3_000; round++) {
      const message = { data: anything(chance, 4), includes: anything(chance, 4) };
      try {
        matcher.match(message);
      } catch (error) {
        throw new Error(JSON.stringify(message), { cause: error });
      }
    }
  });
});

/** Takes parts away, or puts something else in their place. */
function mangle(value: JsonValue, chance: () => number): JsonValue {
  if (chance() < 0.02) return anything(chance, 2);
  if (Array.isArray(value)) return value.filter(() => chance() > 0.02).map((item) => mangle(item, chance));
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(() => chance() > 0.02);
  return Object.fromEntries(kept.map(([name, item]) => [name, mangle(item, chance)]));
}

/** Names that a tweet has, so that chance goes deep. */
const NAMES = [
  ...["data", "id", "text", "entities", "urls", "hashtags", "tag", "mentions", "username", "note_tweet", "geo"],
  ...["coordinates", "place_id", "bbox", "users", "tweets", "places", "referenced_tweets", "type", "author_id", "lang"],
  ...["expanded_url", "display_url", "unwound_url", "country_code", "in_reply_to_user_id", "__proto__", "constructor"],
];
const SCALARS: readonly JsonValue[] = [
  ...[null, true, 0, -1, 1e308, "", "retweeted", "quoted", "1", "\ud83d", "a b", "&amp;&lt", "https://t.co/"],
];

function anything(chance: () => number, depth: number): JsonValue {
  const pick = <T>(items: readonly T[]) => items[Math.floor(chance() * items.length)]!;
  if (depth === 0 || chance() < 0.3) return pick(SCALARS);
  const size = Math.floor(chance() * 6);
  if (chance() < 0.4) return Array.from({ length: size }, () => anything(chance, depth - 1));
  return Object.fromEntries(Array.from({ length: size + 4 }, () => [pick(NAMES), anything(chance, depth - 1)]));
}
