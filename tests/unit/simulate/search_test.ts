import { assert, assertEquals } from "@std/assert";
import { type Session, withSimulator } from "./session.ts";

const SEARCH = "/2/tweets/search/recent";

/**
 * Runs a test half a minute after ten seconds of traffic, of which the last five were after the stream had been left.
 */
function afterTraffic(test: (session: Session, received: string[]) => Promise<void>): () => Promise<void> {
  return () =>
    withSimulator({ rate: 20 }, async (session) => {
      await session.addRules("deno", "地震", "is:retweet #opendata");
      const stream = await session.open();
      await session.clock.advance(5_000);
      const received = (await stream.atLeast(101)).map((line) => JSON.parse(line).data.id);
      await stream.leave();
      await session.clock.advance(5_000);
      session.simulator.pause();
      await session.clock.advance(31_000);
      await test(session, received);
    });
}

/** All pages of a search. */
async function searchAll({ ask }: Session, parameters: string): Promise<{ id: string; text: string }[]> {
  const found: { id: string; text: string }[] = [];
  let next = "";
  do {
    const { status, body, text } = await ask(`${SEARCH}?${parameters}&max_results=10${next}`);
    assertEquals(status, 200, text);
    assertEquals(body.meta.result_count, body.data?.length ?? 0);
    found.push(...body.data ?? []);
    next = body.meta.next_token ? `&next_token=${body.meta.next_token}` : "";
  } while (next !== "");
  return found;
}

Deno.test(
  "search finds what was sent and what was not, newest first, each once",
  afterTraffic(async (session, received) => {
    const found = await searchAll(session, "query=deno OR 地震");
    const ids = found.map(({ id }) => id);
    assertEquals(ids, [...new Set(ids)].sort().reverse());
    assert(ids.some((id) => id > received.at(-1)!), "nothing of the time without a stream");
    assert(ids.some((id) => id <= received.at(-1)!), "nothing of the time with a stream");
    for (const { text } of found) assert(/deno|地震/i.test(text) || text.length > 200, text);
  }),
);

Deno.test(
  "search is bounded by ids, the bounds excluded",
  afterTraffic(async (session) => {
    const all = (await searchAll(session, "query=deno")).map(({ id }) => id);
    const [until, since] = [all[1], all[4]];
    const some = await searchAll(session, `query=deno&since_id=${since}&until_id=${until}`);
    assertEquals(some.map(({ id }) => id), all.slice(2, 4));
  }),
);

Deno.test(
  "search is bounded by times",
  afterTraffic(async (session) => {
    const found = await searchAll(
      session,
      "query=deno&start_time=2026-11-23T10:00:05Z&end_time=2026-11-23T10:00:06Z&tweet.fields=created_at",
    ) as unknown as { created_at: string }[];
    assert(found.length > 0);
    for (const { created_at } of found) assertEquals(created_at.slice(0, 20), "2026-11-23T10:00:05.");
  }),
);

Deno.test(
  "search by keyword finds no retweets",
  afterTraffic(async (session) => {
    const found = await searchAll(session, "query=deno");
    assertEquals(found.filter(({ text }) => text.startsWith("RT @")), []);
    assert((await searchAll(session, "query=%23opendata is:retweet")).length > 0, "no retweets at all");
  }),
);

Deno.test("search finds words with and without accents, the stream only as they are", () =>
  withSimulator({ rate: 5 }, async (session) => {
    const [accented] = await session.addRules("diacrítica -is:retweet");
    await session.addRules("diacritica nonsense -is:retweet");
    const stream = await session.open();
    await session.clock.advance(5_000);
    const lines = (await stream.atLeast(5)).map((line) => JSON.parse(line));
    const rulesOf = ({ matching_rules }: { matching_rules: { id: string }[] }) => matching_rules.map(({ id }) => id);
    const sent = lines.filter((line) => rulesOf(line).includes(accented!)).map(({ data }) => data.id);
    assert(sent.length > 0, "no accented tweet");
    for (const { data, matching_rules } of lines) {
      assertEquals(matching_rules.length, 1, data.text);
    }
    session.simulator.pause();
    await session.clock.advance(31_000);
    for (const query of ["diacrítica", "diacritica", '"DIACRÍTICA"']) {
      const found = (await searchAll(session, `query=${encodeURIComponent(query)}`)).map(({ id }) => id);
      assertEquals(sent.filter((id) => !found.includes(id)), [], query);
    }
  }));

Deno.test("search refuses what X refuses", () =>
  withSimulator({}, async ({ ask }) => {
    const refused = [
      "",
      "query=",
      "query=-deno",
      "query=deno sample:10",
      "query=bio:deno",
      `query=${"x".repeat(513)}`,
      "query=deno&max_results=5",
      "query=deno&max_results=101",
      "query=deno&since_id=x",
      "query=deno&start_time=yesterday",
      "query=deno&nonsense=1",
    ];
    for (const parameters of refused) {
      const { status, body } = await ask(`${SEARCH}?${parameters}`);
      assertEquals([status, body.title], [400, "Invalid Request"], parameters);
    }
    const { body } = await ask(`${SEARCH}?query=-deno`);
    assertEquals(
      body.errors[0].message.startsWith("There were errors processing your request: Rules must contain a non-negation"),
      true,
    );
  }));

Deno.test("a search that finds nothing has a count and no data", () =>
  withSimulator({}, async ({ ask }) => {
    assertEquals((await ask(`${SEARCH}?query=deno`)).body, { meta: { result_count: 0 } });
  }));
