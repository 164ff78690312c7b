/** What is asked of X by default covers all that the matcher looks at: it is watched while it matches. */

import { assert, assertEquals } from "@std/assert";
import { X_OPTIONS } from "../../../src/config/x_options.ts";
import { Matcher } from "../../../src/match/matcher.ts";
import type { JsonObject } from "../../../src/model/json.ts";
import { saying, sent } from "./matching_bench.ts";

/** Queries with every operator that our matcher decides. */
const QUERIES = [
  ...["word", '"two words"', "#tag", "$cash", "@name", "from:name", "to:name", "retweets_of:name", "word lang:en"],
  ...["conversation_id:1", "word in_reply_to_tweet_id:1", "word retweets_of_tweet_id:1", "place_country:DE"],
  ...["bounding_box:[1 1 1.1 1.1]", "word is:retweet", "word is:quote", "word is:reply"],
  ...["word has:hashtags", "word has:cashtags", "word has:mentions"],
];

/** Tweets on which each of them looks at all that it may look at. */
const TWEETS = [
  saying("word two words"),
  sent({ text: "word", geo: { place_id: "p" } }, {
    places: [{ id: "p", country_code: "DE", geo: { bbox: [1, 1, 1, 1] } }],
  }),
  sent({
    text: "RT",
    author_id: "1",
    in_reply_to_user_id: "2",
    referenced_tweets: [{ type: "retweeted", id: "5" }, { type: "replied_to", id: "7" }],
  }, {
    tweets: [
      { id: "5", text: "word", author_id: "2", referenced_tweets: [{ type: "quoted", id: "6" }] },
      { id: "6", text: "word", note_tweet: { text: "word" } },
    ],
    users: [{ id: "1", username: "name" }, { id: "2", username: "name" }],
  }),
];

/** An object that notes which members are asked for, by the kind of object they are in. */
function watched(object: JsonObject, kind: string, seen: Map<string, Set<string>>): JsonObject {
  const names = seen.get(kind) ?? new Set();
  seen.set(kind, names);
  return new Proxy(object, {
    get(target, name) {
      if (typeof name === "string") names.add(name);
      const value = target[name as string];
      return Array.isArray(value) && kind === "includes"
        ? value.map((entry) => watched(entry as JsonObject, String(name), seen))
        : value;
    },
  });
}

function fieldsRead(): Map<string, Set<string>> {
  const seen = new Map<string, Set<string>>();
  const matcher = new Matcher(QUERIES.map((value) => ({ value })));
  const found = new Set<string>();
  for (const message of TWEETS) {
    const data = watched(message["data"] as JsonObject, "tweets", seen);
    const includes = watched(message["includes"] as JsonObject, "includes", seen);
    for (const { value } of matcher.match({ data, includes })) found.add(value);
  }
  assert(found.size > 5);
  return seen;
}

const listed = (text: string) => new Set(text.split(","));

Deno.test("the fields of tweets, users and places that the matcher reads are asked for by default", () => {
  const seen = fieldsRead();
  const requested: Record<string, ReadonlySet<string>> = {
    tweets: listed(X_OPTIONS.tweetFields.default),
    users: listed(X_OPTIONS.userFields.default),
    places: listed(X_OPTIONS.placeFields.default),
  };
  for (const [kind, fields] of Object.entries(requested)) {
    assertEquals([...seen.get(kind)!].filter((name) => !fields.has(name)), [], `${kind} lack fields`);
  }
  assertEquals([...seen.get("tweets")!].sort(), [
    ...["author_id", "conversation_id", "entities", "geo", "id", "in_reply_to_user_id", "lang", "note_tweet"],
    ...["referenced_tweets", "text"],
  ]);
  assertEquals([...seen.get("users")!].sort(), ["id", "username"]);
  assertEquals([...seen.get("places")!].sort(), ["country_code", "geo", "id"]);
});

Deno.test("the lists that the matcher looks into are filled by the expansions that are asked for by default", () => {
  const filledBy: Record<string, readonly string[]> = {
    tweets: ["referenced_tweets.id"],
    users: ["author_id", "in_reply_to_user_id", "referenced_tweets.id.author_id"],
    places: ["geo.place_id"],
  };
  const expansions = listed(X_OPTIONS.expansions.default);
  const lists = [...fieldsRead().get("includes")!];
  assertEquals(lists.sort(), Object.keys(filledBy).sort());
  for (const list of lists) {
    assertEquals(filledBy[list]!.filter((name) => !expansions.has(name)), [], `includes.${list} lacks some`);
  }
});
