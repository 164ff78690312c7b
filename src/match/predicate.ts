/**
 * Decides whether one query matches a tweet's content, and names the keys by which it is found: of the keys of a query
 * a tweet that matches has at least one, so only queries with a key of the tweet need to be looked at.
 *
 * It decides the queries that `model/exact_query.ts` calls exact; any other operator is an error of ours.
 */

import { type Box, readBox } from "../model/area.ts";
import { operatorOf } from "../model/operators.ts";
import type { QueryNode, Term } from "../model/query_tree.ts";
import { type Account, type Content, languageCode } from "./content.ts";
import { wordsOf } from "./words.ts";

export type Predicate = (content: Content) => boolean;

/** Where a key is looked up. */
export type KeyKind = "word" | "#" | "$" | "@" | "from" | "to" | "retweets_of" | "country" | "tweet" | "cell";

export interface Key {
  readonly kind: KeyKind;
  readonly value: string;
}

/** A function that tells whether a tweet's content matches. Throws RangeError for what cannot be decided exactly. */
export function predicateOf(node: QueryNode): Predicate {
  if (node.kind === "term") return termPredicate(node);
  if (node.kind === "not") {
    const part = predicateOf(node.part);
    return (content) => !part(content);
  }
  const parts = node.parts.map(predicateOf);
  return node.kind === "and"
    ? (content) => parts.every((part) => part(content))
    : (content) => parts.some((part) => part(content));
}

/** The keys of a query; undefined when a tweet that matches it may have none. */
export function keysOf(node: QueryNode): readonly Key[] | undefined {
  if (node.kind === "not") return undefined;
  if (node.kind === "term") return termKeys(node);
  const parts = node.parts.map(keysOf);
  if (node.kind === "or") return parts.includes(undefined) ? undefined : (parts as Key[][]).flat();
  // Of parts that must all be there, the one that is likely to be rarest.
  return parts.reduce((best, keys) => {
    if (!best || !keys) return best ?? keys;
    return commonness(keys) < commonness(best) ? keys : best;
  }, undefined);
}

/** Whether a tweet that has one of the query's keys matches it, so that nothing else needs to be looked at. */
export function isDecidedByKeys(node: QueryNode): boolean {
  if (node.kind === "or") return node.parts.every(isDecidedByKeys);
  if (node.kind !== "term") return false;
  const { operator, value } = node;
  if (operator === "keyword" || operator === "phrase") return wordsOf(value).length === 1;
  return KEYS_THAT_DECIDE.has(operatorOf(operator)?.name ?? operator);
}

/** Operators whose key is all that they ask for. */
const KEYS_THAT_DECIDE = new Set(["#", "$", "@", "from", "to", "retweets_of", "place_country"]);

/** A guess at how many tweets have one of some keys: short words are common, accounts and entities are not. */
function commonness(keys: readonly Key[]): number {
  return keys.reduce((sum, { kind, value }) => sum + (kind === "word" ? 1 + 40 / value.length : 1), 0);
}

/** The cell of a degree by a degree in which a point lies. */
export function cellOf(longitude: number, latitude: number): string {
  return `${Math.floor(longitude)},${Math.floor(latitude)}`;
}

function termKeys({ operator, value }: Term): readonly Key[] | undefined {
  const lower = value.toLowerCase();
  switch (operator) {
    case "keyword":
    case "phrase": {
      const longest = wordsOf(value).reduce((best, word) => word.length > best.length ? word : best, "");
      return longest === "" ? undefined : [{ kind: "word", value: longest }];
    }
    case "#":
    case "$":
    case "@":
      return [{ kind: operator, value: lower }];
  }
  switch (operatorOf(operator)?.name) {
    case "from":
      return [{ kind: "from", value: lower }];
    case "to":
      return [{ kind: "to", value: lower }];
    case "retweets_of":
      return [{ kind: "retweets_of", value: lower }];
    case "place_country":
      return [{ kind: "country", value: lower }];
    case "conversation_id":
    case "in_reply_to_tweet_id":
    case "retweets_of_tweet_id":
      return [{ kind: "tweet", value }];
    case "bounding_box":
      return boxCells(value);
  }
  return undefined;
}

/** The cells that a box touches: whatever lies within it has its south-western corner in one of them. */
function boxCells(value: string): readonly Key[] {
  const { west, south, east, north } = boxOf(value);
  const cells: Key[] = [];
  for (let longitude = Math.floor(west); longitude <= east; longitude++) {
    for (let latitude = Math.floor(south); latitude <= north; latitude++) {
      cells.push({ kind: "cell", value: cellOf(longitude, latitude) });
    }
  }
  return cells;
}

function termPredicate({ operator, value }: Term): Predicate {
  const lower = value.toLowerCase();
  switch (operator) {
    case "keyword":
    case "phrase":
      return wordsPredicate(wordsOf(value));
    case "#":
      return (content) => content.tags("hashtags").has(lower);
    case "$":
      return (content) => content.tags("cashtags").has(lower);
    case "@":
      return (content) => content.mentions.has(lower);
  }
  switch (operatorOf(operator)?.name) {
    case "from":
      return (content) => isAccount(content.author, lower);
    case "to":
      return (content) => isAccount(content.repliedTo, lower);
    case "retweets_of":
      return (content) => isAccount(content.retweetedFrom, lower);
    case "lang": {
      const code = languageCode(value);
      return (content) => content.language === code;
    }
    case "place_country":
      return (content) => content.country === lower;
    case "conversation_id":
      return (content) => content.conversationId === value;
    case "in_reply_to_tweet_id":
      return (content) => content.repliedToTweet === value;
    case "retweets_of_tweet_id":
      return (content) => content.retweetedTweet === value;
    case "bounding_box":
      return boxPredicate(value);
    case "is":
      if (lower === "retweet") return (content) => content.isRetweet;
      if (lower === "quote") return (content) => content.isQuote;
      if (lower === "reply") return (content) => content.isReply;
      break;
    case "has":
      if (lower === "hashtags") return (content) => content.tags("hashtags").size > 0;
      if (lower === "cashtags") return (content) => content.tags("cashtags").size > 0;
      if (lower === "mentions") return (content) => content.mentions.size > 0;
  }
  throw new RangeError(`Cannot decide ${operator}:${value} here: only X can`);
}

function isAccount(account: Account, reference: string): boolean {
  return account.id === reference || account.name === reference;
}

function wordsPredicate(words: readonly string[]): Predicate {
  const [only] = words;
  if (words.length === 1) return (content) => content.words.has(only!);
  return (content) =>
    words.every((word) => content.words.has(word)) && content.texts.some((text) => holdsInOrder(text, words));
}

function holdsInOrder(text: readonly string[], words: readonly string[]): boolean {
  for (let at = 0; at + words.length <= text.length; at++) {
    if (words.every((word, offset) => text[at + offset] === word)) return true;
  }
  return false;
}

/** Exact coordinates within the box, or else a place that lies completely within it. */
function boxPredicate(value: string): Predicate {
  const box = boxOf(value);
  return ({ whereabouts: at }) =>
    at !== undefined && at.west >= box.west && at.east <= box.east && at.south >= box.south && at.north <= box.north;
}

function boxOf(value: string): Box {
  const box = readBox(value);
  if (!box) throw new RangeError(`Cannot decide bounding_box:[${value}]: it has no four numbers`);
  return box;
}
