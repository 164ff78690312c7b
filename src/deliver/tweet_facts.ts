/**
 * What databases keep of a tweet beside its record, read from the record. Nothing in it makes this throw; what is
 * missing, or is not what X says that it is, is null.
 */

import { isObject, type JsonObject, type JsonValue, parseJson } from "../model/json.ts";
import type { TweetRecord } from "../model/record.ts";

/** A rule that the tweet matched. */
export interface MatchedRule {
  readonly tag: string | null;
  readonly value: string;
}

export interface TweetFacts {
  /** ISO 8601, in UTC. */
  readonly createdAt: string | null;
  readonly authorId: string | null;
  /** The name after the @. */
  readonly authorUsername: string | null;
  /** The whole text as a person reads it: of a long tweet, and of a retweet that of the retweeted one. */
  readonly text: string;
  readonly lang: string | null;
  readonly rules: readonly MatchedRule[];
}

const decoder = new TextDecoder();
const ESCAPES: Readonly<Record<string, string>> = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/** The record's JSON; undefined when it is no JSON object. */
export function messageIn(record: TweetRecord): JsonObject | undefined {
  try {
    const message = parseJson(decoder.decode(record.value));
    return isObject(message) ? message : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** What is told of the tweet in a record's JSON. */
export function factsOf(message: JsonObject): TweetFacts {
  const data = objectIn(message, "data");
  const authorId = textIn(data, "author_id");
  const author = includedIn(message, "users").find((user) => textIn(user, "id") === authorId);
  const retweetedId = referenceIn(data, "retweeted");
  const retweeted = includedIn(message, "tweets").find((tweet) => textIn(tweet, "id") === retweetedId);
  return {
    createdAt: momentIn(objectIn(message, "traptor"), "created_at_iso") ?? momentIn(data, "created_at"),
    authorId,
    authorUsername: author && authorId !== null ? textIn(author, "username") : null,
    text: wholeText(retweeted && retweetedId !== null ? retweeted : data),
    lang: textIn(data, "lang"),
    rules: objectsIn(objectIn(message, "traptor")["collection_rules"]).map((rule) => ({
      tag: textIn(rule, "tag"),
      value: textIn(rule, "value") ?? "",
    })),
  };
}

/** The id of the tweet that this one retweets, quotes or answers. */
export function referenceIn(data: JsonObject, type: "retweeted" | "quoted" | "replied_to"): string | null {
  const found = objectsIn(data["referenced_tweets"]).find((reference) => reference["type"] === type);
  return found ? textIn(found, "id") : null;
}

/** The objects of one kind that X sent beside the tweet. */
export function includedIn(message: JsonObject, kind: "users" | "tweets" | "places"): JsonObject[] {
  return objectsIn(objectIn(message, "includes")[kind]);
}

/** A member that is an object, or an empty one. */
export function objectIn(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isObject(value) ? value : {};
}

/** The objects in a list; none when it is no list. */
export function objectsIn(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** A member that is a text, as databases can keep it: half a character of UTF-16 becomes U+FFFD. */
export function textIn(object: JsonObject, name: string): string | null {
  const value = object[name];
  return typeof value === "string" ? value.toWellFormed() : null;
}

/** A member that is a moment, as ISO 8601 with milliseconds. */
export function momentIn(object: JsonObject, name: string): string | null {
  const text = textIn(object, name);
  const moment = text !== null && /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(moment) ? null : new Date(moment).toISOString();
}

/** X writes three characters of a text as HTML entities. */
function wholeText(tweet: JsonObject): string {
  const text = textIn(objectIn(tweet, "note_tweet"), "text") ?? textIn(tweet, "text") ?? "";
  return text.replace(/&(?:amp|lt|gt);/g, (escape) => ESCAPES[escape]!);
}
