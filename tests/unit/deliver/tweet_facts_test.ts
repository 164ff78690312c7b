import { assertEquals } from "@std/assert";
import { factsOf, messageIn } from "../../../src/deliver/tweet_facts.ts";
import type { JsonObject } from "../../../src/model/json.ts";
import { tweetRecord } from "../../support/tweets.ts";

function textOf(data: JsonObject, includes: JsonObject = {}): string {
  return factsOf(messageIn(tweetRecord({ id: "1", data, includes }))!).text;
}

Deno.test("what is told of a tweet is read from its record", () => {
  const rules = [{ value: "deno", tag: "runtimes" }, { value: "#deno" }];
  assertEquals(factsOf(messageIn(tweetRecord({ id: "1790000000000000001", text: "Deno 2", rules }))!), {
    createdAt: "2026-11-23T09:59:58.000Z",
    authorId: "9007199254740993",
    authorUsername: "deno_land",
    text: "Deno 2",
    lang: "en",
    rules: [{ tag: "runtimes", value: "deno" }, { tag: null, value: "#deno" }],
  });
});

Deno.test("a text is whole: of a long tweet, of a retweet, and without HTML's entities", () => {
  assertEquals(textOf({ text: "a &lt;b&gt; &amp;amp; c" }), "a <b> &amp; c");
  assertEquals(textOf({ text: "short…", note_tweet: { text: "the long one" } }), "the long one");
  const retweet = { text: "RT @a: short…", referenced_tweets: [{ type: "retweeted", id: "2" }] };
  const original = { id: "2", text: "short…", note_tweet: { text: "the long one &amp; more" } };
  assertEquals(textOf(retweet, { tweets: [{ id: "3", text: "another" }, original] }), "the long one & more");
  assertEquals(textOf(retweet, { tweets: [{ id: "3", text: "another" }] }), "RT @a: short…");
  const quote = { text: "see this", referenced_tweets: [{ type: "quoted", id: "2" }] };
  assertEquals(textOf(quote, { tweets: [original] }), "see this");
});

Deno.test("when a tweet was made is told by us, else by X, else not at all", () => {
  const createdAt = (createdAt: string | null, data: JsonObject) =>
    factsOf(messageIn(tweetRecord({ id: "1", createdAt, data }))!).createdAt;
  assertEquals(
    createdAt("2026-11-23T09:00:00.000Z", { created_at: "2020-01-01T00:00:00Z" }),
    "2026-11-23T09:00:00.000Z",
  );
  assertEquals(createdAt(null, { created_at: "2026-11-23T09:59:58Z" }), "2026-11-23T09:59:58.000Z");
  assertEquals(createdAt(null, { created_at: "yesterday" }), null);
  assertEquals(createdAt(null, { created_at: 1_700_000_000 }), null);
});

Deno.test("whatever a record holds, reading it does not fail", () => {
  const nothing = { createdAt: null, authorId: null, authorUsername: null, text: "", lang: null, rules: [] };
  const odd: JsonObject[] = [
    {},
    { data: null, includes: [], traptor: 1 },
    { data: { text: 1, note_tweet: "a", lang: [], author_id: 5, referenced_tweets: { type: "retweeted" } } },
    { data: { referenced_tweets: [null, { type: "retweeted" }, 1] }, includes: { users: null, tweets: [null, {}] } },
    { traptor: { collection_rules: "a", created_at_iso: {} } },
  ];
  for (const message of odd) assertEquals(factsOf(message), nothing, JSON.stringify(message));
  const record = (text: string) => ({ id: "1", value: new TextEncoder().encode(text), headers: {} });
  for (const text of ["", "[]", "null", "{", '"a"']) assertEquals(messageIn(record(text)), undefined, text);
});

Deno.test("half a character becomes the replacement character, for no database takes it", () => {
  assertEquals(textOf({ text: "a\ud800b" }), "a\ufffdb");
});

Deno.test("an author's id beyond 2^53 that came as a number names the right author", () => {
  const value = new TextEncoder().encode(
    '{"data":{"id":1790000000000000001,"author_id":9007199254740993},"includes":{"users":[{"id":9007199254740993,"username":"a"}]}}',
  );
  const facts = factsOf(messageIn({ id: "1790000000000000001", value, headers: {} })!);
  assertEquals([facts.authorId, facts.authorUsername], ["9007199254740993", "a"]);
});
