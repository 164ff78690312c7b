/** Tweets of the simulator's world, and the messages that X would send of them with traptor's default settings. */

import { X_OPTIONS } from "../../../src/config/x_options.ts";
import type { JsonObject } from "../../../src/model/json.ts";
import { readSelection } from "../../../src/simulate/api/parameters.ts";
import { TweetJson } from "../../../src/simulate/api/tweet_json.ts";
import { checkQuery } from "../../../src/simulate/query/checks.ts";
import type { Node } from "../../../src/simulate/query/syntax.ts";
import type { HeldRule } from "../../../src/simulate/rule_book.ts";
import { People } from "../../../src/simulate/world/people.ts";
import type { WorldTweet } from "../../../src/simulate/world/types.ts";
import { World } from "../../../src/simulate/world/world.ts";

const FIRST_POST = Date.UTC(2026, 10, 23, 10, 0, 0);

/** What is asked of X, by the names of its request's parameters. */
export type Request = Readonly<Record<string, string>>;

/** What the default settings ask X for. */
export const DEFAULT_REQUEST: Request = {
  "tweet.fields": X_OPTIONS.tweetFields.default,
  "expansions": X_OPTIONS.expansions.default,
  "user.fields": X_OPTIONS.userFields.default,
  "media.fields": X_OPTIONS.mediaFields.default,
  "place.fields": X_OPTIONS.placeFields.default,
};

/** Writes a tweet as X would, and parses it. */
export function messages(request: Request = DEFAULT_REQUEST): (tweet: WorldTweet) => JsonObject {
  const selection = readSelection(new URLSearchParams(request));
  if (!("value" in selection)) throw new Error("The simulator does not take the default fields");
  const json = new TweetJson(selection.value);
  return (tweet) => JSON.parse(`${json.message(tweet)}}`);
}

/** A world in which most tweets are about one of some queries. */
export function* simulatedTweets(count: number, queries: readonly string[], seed: number): Generator<WorldTweet> {
  const world = new World(seed, new People(seed));
  const rules = queries.map((value, at): HeldRule => ({
    id: String(at + 1),
    value,
    node: treeOf(value),
    matchJson: "",
  }));
  for (let number = 0; number < count; number++) yield world.post(FIRST_POST + number * 20, rules);
}

/** The simulator's tree of a query that it takes. */
export function treeOf(query: string): Node {
  const { node, details } = checkQuery(query, { longest: Infinity });
  if (!node) throw new Error(`The simulator refuses ${query}: ${details.join("; ")}`);
  return node;
}
