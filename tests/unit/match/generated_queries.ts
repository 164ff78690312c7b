/**
 * Queries of every kind that our matcher decides exactly, made by chance from what the simulator's tweets hold, so
 * that most of them match something. Both our parser and the simulator's take each of them.
 */

import { isExactQuery } from "../../../src/model/exact_query.ts";
import { queriesOf } from "../../../src/model/query.ts";
import { readRule, type Rule } from "../../../src/model/rule.ts";
import { checkQuery } from "../../../src/simulate/query/checks.ts";
import type { WorldTweet } from "../../../src/simulate/world/types.ts";

/** What queries can ask for. */
export interface Vocabulary {
  readonly words: readonly string[];
  readonly phrases: readonly string[];
  readonly hashtags: readonly string[];
  readonly cashtags: readonly string[];
  /** Words of addresses. */
  readonly addresses: readonly string[];
  /** Names and ids. */
  readonly accounts: readonly string[];
  readonly names: readonly string[];
  readonly languages: readonly string[];
  readonly countries: readonly string[];
  /** West, south, east, north. */
  readonly boxes: readonly (readonly [number, number, number, number])[];
}

type Chance = () => number;

/** How often each kind of query is made. */
const KINDS: readonly (readonly [weight: number, make: (vocabulary: Vocabulary, chance: Chance) => string])[] = [
  [14, (has, chance) => asTrack(pick(has.words, chance))],
  [8, (has, chance) => asTrack(`${pick(has.words, chance)} ${pick(has.words, chance)}`)],
  [6, (has, chance) => asTrack(`${pick(has.words, chance)},${pick(has.words, chance)} ${pick(has.words, chance)}`)],
  [10, (has, chance) => asTrack(`"${pick(has.phrases, chance)}"`)],
  [8, (has, chance) => asTrack(`#${pick(has.hashtags, chance)}`)],
  [2, (has, chance) => asTrack(`$${pick(has.cashtags, chance)}`)],
  [6, (has, chance) => asTrack(`@${pick(has.names, chance)}`)],
  [6, (has, chance) => asTrack(pick(has.addresses, chance))],
  [10, (has, chance) => translated("follow", pick(has.accounts, chance))],
  [6, (has, chance) => translated("geo", areaNear(pick(has.boxes, chance), chance).join(","))],
  [24, (has, chance) => written(has, chance)],
];

/** The vocabulary of some tweets. */
export function vocabularyOf(tweets: readonly WorldTweet[]): Vocabulary {
  const all = tweets.flatMap((
    tweet,
  ) => [tweet, ...[tweet.retweeted, tweet.quoted].filter((other) => other !== undefined)]);
  const entities = all.map(({ tweet }) => tweet.note_tweet?.entities ?? tweet.entities ?? {});
  const people = all.flatMap(({ author, mentioned }) => [author, ...mentioned]);
  const places = all.map(({ place }) => place).filter((place) => place !== undefined);
  const texts = all.map(({ plainText }) => plainText.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []);
  return {
    words: distinct(texts.flat()),
    phrases: distinct(texts.flatMap((words) => [words.slice(0, 2).join(" "), words.slice(1, 4).join(" ")])),
    hashtags: distinct(entities.flatMap(({ hashtags = [] }) => hashtags.map(({ tag }) => tag))),
    cashtags: distinct(entities.flatMap(({ cashtags = [] }) => cashtags.map(({ tag }) => tag))),
    addresses: distinct(
      entities.flatMap(({ urls = [] }) => urls.flatMap((url) => url.expanded_url.match(/\w+/g) ?? [])),
    ),
    accounts: distinct(people.flatMap(({ id, username }) => [id, username])),
    names: distinct(people.map(({ username }) => username)),
    languages: [...distinct(all.map(({ tweet }) => tweet.lang)), "he", "und"],
    countries: distinct(places.map((place) => place.country_code)),
    boxes: places.map((place) => place.geo.bbox),
  };
}

/** So many different queries. */
export function exactQueries(count: number, vocabulary: Vocabulary, chance: Chance): string[] {
  const total = KINDS.reduce((sum, [weight]) => sum + weight, 0);
  const queries = new Set<string>();
  for (let tries = 0; queries.size < count; tries++) {
    if (tries > count * 100) throw new Error(`Only ${queries.size} different queries were found in ${tries} tries`);
    let left = chance() * total;
    const kind = KINDS.find(([weight]) => (left -= weight) < 0) ?? KINDS[0]!;
    const query = kind[1](vocabulary, chance);
    if (isForBoth(query)) queries.add(query);
  }
  return [...queries];
}

/** Queries for single tweets of a conversation. */
export function queriesForIds(tweets: readonly WorldTweet[]): string[] {
  return tweets.flatMap(({ tweet, retweeted }) => {
    const answered = tweet.referenced_tweets?.find(({ type }) => type === "replied_to")?.id;
    return [
      `conversation_id:${tweet.conversation_id}`,
      ...(answered === undefined
        ? []
        : [`(from:nobody OR to:${tweet.in_reply_to_user_id}) in_reply_to_tweet_id:${answered}`]),
      ...(retweeted ? [`from:${tweet.author_id} retweets_of_status_id:${retweeted.tweet.id}`] : []),
    ];
  }).filter(isForBoth);
}

/** Whether both sides know what a query means. */
export function isForBoth(query: string): boolean {
  return isExactQuery(query) && checkQuery(query, { longest: 1_024 }).node !== undefined;
}

/** A query as somebody writes it: alternatives, groups and negations around one or two things that stand alone. */
function written(has: Vocabulary, chance: Chance): string {
  const parts = [chance() < 0.3 ? group(has, chance, 2) : standalone(has, chance)];
  if (chance() < 0.3) parts.push(chance() < 0.5 ? group(has, chance, 1) : standalone(has, chance));
  while (chance() < 0.5) {
    parts.push(`${chance() < 0.4 ? "-" : ""}${chance() < 0.7 ? beside(has, chance) : standalone(has, chance)}`);
  }
  const query = shuffled(parts, chance).join(" ");
  return chance() < 0.15 ? `${query} OR ${standalone(has, chance)}` : query;
}

function group(has: Vocabulary, chance: Chance, depth: number): string {
  const alternatives = Array.from({ length: 2 + Math.floor(chance() * 3) }, () => {
    if (depth > 1 && chance() < 0.3) return `${group(has, chance, depth - 1)} ${standalone(has, chance)}`;
    return chance() < 0.2 ? `(${standalone(has, chance)} -${standalone(has, chance)})` : standalone(has, chance);
  });
  return `(${alternatives.join(" OR ")})`;
}

/** A term that may be a rule of its own. */
function standalone(has: Vocabulary, chance: Chance): string {
  return pick<() => string>([
    () => cased(pick(has.words, chance), chance),
    () => cased(pick(has.words, chance), chance),
    () => `"${cased(pick(has.phrases, chance), chance)}"`,
    () => `#${cased(pick(has.hashtags, chance), chance)}`,
    () => `$${cased(pick(has.cashtags, chance), chance)}`,
    () => `@${cased(pick(has.names, chance), chance)}`,
    () => cased(pick(has.addresses, chance), chance),
    () =>
      `${pick(["from", "to", "retweets_of", "retweets_of_user"], chance)}:${cased(pick(has.accounts, chance), chance)}`,
    () => `place_country:${cased(pick(has.countries, chance), chance)}`,
    () => `${pick(["bounding_box", "geo_bounding_box"], chance)}:[${smallBox(pick(has.boxes, chance)).join(" ")}]`,
  ], chance)();
}

/** A term that stands beside others only. */
function beside(has: Vocabulary, chance: Chance): string {
  const fixed = ["is:retweet", "is:reply", "is:quote", "has:hashtags", "has:cashtags", "has:mentions"];
  return chance() < 0.4 ? `lang:${pick(has.languages, chance)}` : pick(fixed, chance);
}

function cased(text: string, chance: Chance): string {
  return chance() < 0.2 ? text.toUpperCase() : chance() < 0.2 ? text.toLowerCase() : text;
}

function asTrack(value: string): string {
  return translated("track", value);
}

function translated(type: Rule["slot"]["type"], value: string): string {
  return queriesOf(readRule(value, { type, id: 0 }))[0]!;
}

/** An area around a place or across its edge, now and then so large that it is cut into tiles. */
function areaNear([west, south, east, north]: Vocabulary["boxes"][number], chance: Chance): number[] {
  const by = () => Math.round((chance() - 0.3) * 200) / 1_000;
  return [west - by(), south - by(), east + Math.abs(by()), north + Math.abs(by())].map((degrees) =>
    Number(degrees.toFixed(4))
  );
}

/** A box around a place that X takes. */
function smallBox([west, south, east, north]: Vocabulary["boxes"][number]): number[] {
  return [west - 0.01, south - 0.01, east + 0.01, north + 0.01].map((degrees) => Number(degrees.toFixed(4)));
}

function shuffled<T>(items: readonly T[], chance: Chance): T[] {
  return items.map((item) => [chance(), item] as const).sort(([one], [other]) => one - other).map(([, item]) => item);
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].filter((text) => text !== "");
}

/** One of several. */
export function pick<T>(choices: readonly T[], chance: Chance): T {
  return choices[Math.floor(chance() * choices.length)]!;
}
