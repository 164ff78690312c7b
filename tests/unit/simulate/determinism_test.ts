import { assertEquals, assertNotEquals } from "@std/assert";
import { withSimulator } from "./session.ts";

const RULES = [
  "deno",
  "地震",
  "from:783214 OR to:783214",
  "bounding_box:[13.30 52.45 13.50 52.58]",
  "#opendata lang:pt",
];
const QUERY =
  "?tweet.fields=entities,geo,note_tweet,referenced_tweets&expansions=author_id,geo.place_id,referenced_tweets.id";

/** What a simulator of a seed sends in five seconds. */
async function sentWith(seed: number): Promise<string[]> {
  let lines: string[] = [];
  await withSimulator({ seed, rate: 40 }, async ({ addRules, open, clock }) => {
    await addRules(...RULES);
    const stream = await open(QUERY);
    await clock.advance(5_000);
    lines = await stream.atLeast(201);
  });
  return lines;
}

Deno.test("the same seed at the same time sends the same bytes, another seed others", async () => {
  const [one, again, other] = [await sentWith(5), await sentWith(5), await sentWith(6)];
  assertEquals(one, again);
  assertNotEquals(one[0], other[0]);
});

Deno.test("the world has what tweets have: scripts, retweets, quotes, answers, edits, long texts, places", async () => {
  const tweets = (await sentWith(9)).map((line) => JSON.parse(line));
  const has = (test: (tweet: Record<string, Record<string, unknown>>) => unknown) => tweets.some(test);
  const referenced = (type: string) =>
    has(({ data }) => JSON.stringify(data!["referenced_tweets"] ?? "").includes(type));
  assertEquals(["retweeted", "quoted", "replied_to"].filter((type) => !referenced(type)), []);
  assertEquals(has(({ data }) => (data!["edit_history_tweet_ids"] as string[]).length > 1), true, "edits");
  assertEquals(has(({ data }) => data!["note_tweet"]), true, "long texts");
  assertEquals(has(({ data }) => data!["geo"]), true, "places");
  for (const script of ["Latin", "Han", "Cyrillic", "Arabic"]) {
    const pattern = new RegExp(`\\p{Script=${script}}`, "u");
    assertEquals(has(({ data }) => pattern.test(data!["text"] as string)), true, script);
  }
  for (const { data } of tweets) assertEquals(BigInt(data.id) > 2n ** 53n, true);
});

Deno.test("positions of entities are those of the text, in code points", async () => {
  for (const line of await sentWith(12)) {
    const { data } = JSON.parse(line);
    const points = [...data.text];
    const at = ({ start, end }: { start: number; end: number }) => points.slice(start, end).join("");
    for (const entity of data.entities?.hashtags ?? []) assertEquals(at(entity), `#${entity.tag}`);
    for (const entity of data.entities?.mentions ?? []) assertEquals(at(entity), `@${entity.username}`);
    for (const entity of data.entities?.urls ?? []) assertEquals(at(entity), entity.url);
  }
});
