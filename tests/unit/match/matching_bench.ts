/** Tweets as X sends them, made of what a test says about them, and whether a query matches one. */

import { Matcher } from "../../../src/match/matcher.ts";
import { isExactQuery } from "../../../src/model/exact_query.ts";
import type { JsonObject } from "../../../src/model/json.ts";

/** What X sends of a tweet whose `data` has these fields. */
export function sent(data: JsonObject, includes: JsonObject = {}): JsonObject {
  return { data: { id: "1", ...data }, includes };
}

export function saying(text: string): JsonObject {
  return sent({ text });
}

/** Whether a query matches a message; the query is one that may share a rule. */
export function matches(query: string, message: JsonObject): boolean {
  if (!isExactQuery(query)) throw new Error(`Only X decides ${query}`);
  return new Matcher([{ value: query }]).match(message).length === 1;
}

/** Those of some queries that match a message. */
export function matchesOf(queries: readonly string[], message: JsonObject): string[] {
  return queries.filter((query) => matches(query, message));
}
