/** A page of search is taken apart into tweets as the stream sends them. */

import { assert, assertEquals } from "@std/assert";
import type { JsonObject, JsonValue } from "../../../src/model/json.ts";
import { tweetsOnPage } from "../../../src/stream/search_page.ts";
import { withChance } from "../../support/seeded.ts";

const user = (id: string, username = `user_${id}`): JsonObject => ({ id, username, name: `User ${id}` });

/** The ids of what is included with each tweet of a page. */
function included(page: JsonObject): Record<string, string[]>[] {
  return tweetsOnPage(page).map(({ includes }) =>
    Object.fromEntries(
      Object.entries((includes ?? {}) as Record<string, JsonObject[]>).map(([kind, objects]) => [
        kind,
        objects.map(({ id, media_key }) => String(id ?? media_key)),
      ]),
    )
  );
}

Deno.test("each tweet has its author, whom and what it answers or mentions, its media, poll and place, and no other's", () => {
  const page = {
    data: [
      {
        id: "10",
        author_id: "1",
        in_reply_to_user_id: "2",
        edit_history_tweet_ids: ["9", "10"],
        referenced_tweets: [{ type: "replied_to", id: "20" }, { type: "quoted", id: "21" }],
        entities: { mentions: [{ username: "user_3", id: "3" }, { username: "User_4" }] },
        note_tweet: { entities: { mentions: [{ username: "user_5", id: "5" }] } },
        attachments: { media_keys: ["3_1"], poll_ids: ["70"] },
        geo: { place_id: "p1" },
      },
      { id: "11", author_id: "6", attachments: { media_keys: ["3_2", "3_3"] } },
      { id: "12" },
    ],
    includes: {
      users: [1, 2, 3, 4, 5, 6, 7, 8].map((id) => user(String(id))),
      tweets: [
        { id: "9", author_id: "1" },
        { id: "20", author_id: "7" },
        { id: "21", author_id: "1", attachments: { media_keys: ["3_4"] } },
        { id: "22", author_id: "8" },
      ],
      media: ["3_1", "3_2", "3_3", "3_4", "3_5"].map((media_key) => ({ media_key, type: "photo" })),
      polls: [{ id: "70" }, { id: "71" }],
      places: [{ id: "p1" }, { id: "p2" }],
    },
    meta: { result_count: 3 },
  };
  assertEquals(included(page).map((one) => sorted(one)), [
    sorted({
      tweets: ["20", "21", "9"],
      users: ["1", "2", "3", "4", "5", "7"],
      media: ["3_1", "3_4"],
      polls: ["70"],
      places: ["p1"],
    }),
    sorted({ users: ["6"], media: ["3_2", "3_3"] }),
    {},
  ]);
  assertEquals(tweetsOnPage(page).map(({ data }) => data), page.data);
  assertEquals(Object.keys(tweetsOnPage(page)[2]!), ["data"]);
});

Deno.test("an account whose name is the number of another is not taken for that one", () => {
  const pair = [user("2", "x"), user("1", "2")];
  for (const users of [pair, pair.toReversed()]) {
    assertEquals(included({ data: [{ id: "10", author_id: "2" }], includes: { users } }), [{ users: ["2"] }]);
    const mention = { id: "11", entities: { mentions: [{ username: "2" }] } };
    assertEquals(included({ data: [mention], includes: { users } }), [{ users: ["1"] }]);
  }
});

Deno.test("what is included stands once, also where tweets refer to each other in a circle", () => {
  const page = {
    data: [{ id: "10", author_id: "1", referenced_tweets: [{ id: "20" }, { id: "20" }], in_reply_to_user_id: "1" }],
    includes: {
      users: [user("1")],
      tweets: [{ id: "20", referenced_tweets: [{ id: "21" }] }, { id: "21", referenced_tweets: [{ id: "20" }] }],
    },
  };
  assertEquals(included(page).map(sorted), [{ tweets: ["20", "21"], users: ["1"] }]);
});

Deno.test("an empty page, and one in an odd form, has no tweets", () => {
  const pages: JsonObject[] = [{}, { meta: { result_count: 0 } }, { data: null }, { data: {} }, { data: "10" }];
  for (const page of pages) assertEquals(tweetsOnPage(page), []);
  assertEquals(tweetsOnPage({ data: [null, "10", 10, ["10"], { id: "10" }], includes: [] }), [{ data: { id: "10" } }]);
  assertEquals(tweetsOnPage({ data: [{ id: "10", author_id: "1" }], includes: { users: { "1": {} } } }), [
    { data: { id: "10", author_id: "1" } },
  ]);
});

const NAMES = [
  ...["data", "includes", "id", "author_id", "referenced_tweets", "attachments", "media_keys", "poll_ids", "geo"],
  ...["place_id", "entities", "mentions", "username", "note_tweet", "users", "tweets", "media", "polls", "places"],
  ...["edit_history_tweet_ids", "in_reply_to_user_id", "media_key", "__proto__", "constructor"],
];

function anything(chance: () => number, depth: number): JsonValue {
  const kind = chance();
  if (depth === 0 || kind < 0.2) return ["1", "2", 1, null, true, "", "__proto__"][Math.floor(chance() * 7)]!;
  const parts = Array.from({ length: Math.floor(chance() * 6) }, () => anything(chance, depth - 1));
  if (kind < 0.5) return parts;
  const entries = parts.map((part) => [NAMES[Math.floor(chance() * NAMES.length)]!, part] as const);
  return JSON.parse(`{${entries.map((pair) => pair.map((one) => JSON.stringify(one)).join(":")).join(",")}}`);
}

Deno.test("whatever X answers, nothing throws, and only what the page includes is included", () =>
  withChance((chance) => {
    for (let round = 0; round < 3_000; round++) {
      const [data, includes] = [anything(chance, 5), anything(chance, 5)];
      const tweets = tweetsOnPage({ data, includes });
      const own = JSON.stringify(includes);
      for (const tweet of tweets) {
        assert(Array.isArray(data) && data.includes(tweet["data"]!));
        for (const objects of Object.values(tweet["includes"] ?? {})) {
          for (const object of objects) {
            assert(own.includes(JSON.stringify(object)), JSON.stringify({ data, includes }));
          }
        }
      }
    }
  }));

function sorted(lists: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(lists).map(([kind, ids]) => [kind, ids.toSorted()]));
}
