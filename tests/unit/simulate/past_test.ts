/** What an enterprise gets beside the live stream: more of everything, backfill, recovery. */

import { assert, assertEquals } from "@std/assert";
import { waitUntil } from "../../support/wait_until.ts";
import { closeReason, RULES, type Session, STREAM, type Stream, withSimulator } from "./session.ts";

const TWEETS = "?tweet.fields=created_at";

/** When the tweet of a line was posted. */
function timeOf(line: string): number {
  return Date.parse(JSON.parse(line).data.created_at);
}

/**
 * An enterprise's simulator after seven minutes in which a stream stood open, with the tweets' lines that it has got so
 * far: what another stream gets of those minutes has to be the same, byte for byte.
 */
function afterSevenMinutes(test: (session: Session, posted: () => string[]) => Promise<void>): () => Promise<void> {
  return () =>
    withSimulator({ tier: "enterprise", rate: 2 }, async (session) => {
      await session.addRules("deno", "地震", "is:retweet #opendata");
      const reference = await session.open(TWEETS);
      await session.clock.advance(420_000);
      await waitUntil(() => session.simulator.sent().length === tweetsOf(reference).length, { what: "all has come" });
      await test(session, () => tweetsOf(reference));
    });
}

function tweetsOf(stream: Stream): string[] {
  return stream.lines.filter((line) => line !== "");
}

/** The kinds of what was sent on the last connection, in order; all of it has come on this stream. */
async function kindsOf({ simulator }: Session, stream: Stream): Promise<string[]> {
  const id = simulator.connections().findLast(({ outcome }) => outcome === "open")?.id;
  const records = () => simulator.sent().filter(({ connection }) => connection === id);
  await waitUntil(() => records().length === tweetsOf(stream).length, { what: "all that came is recorded" });
  assertEquals(records().map(({ line }) => line), tweetsOf(stream));
  return records().map(({ kind }) => kind);
}

Deno.test("an enterprise may have more rules, longer ones, longer queries and two connections", () =>
  withSimulator({ tier: "enterprise" }, async ({ ask, addRules, open }) => {
    assertEquals((await ask(`${RULES}/counts`)).body.data.cap_per_project, "25000");
    const long = (length: number) => `deno ${"x".repeat(length - 5)}`;
    assertEquals((await addRules(long(2_048))).length, 1);
    assertEquals((await ask(RULES, { json: { add: [{ value: long(2_049) }] } })).body.errors.length, 1);
    const search = (length: number) => ask(`/2/tweets/search/recent?query=${long(length)}`);
    assertEquals([(await search(4_096)).status, (await search(4_097)).status], [200, 400]);
    await open();
    await open();
    assertEquals((await ask(STREAM)).body.connection_issue, "TooManyConnections");
  }));

Deno.test("who pays per use may have none of it", () =>
  withSimulator({ tier: "pay-per-use" }, async ({ ask, addRules }) => {
    await addRules("deno");
    const times = "start_time=2026-11-23T09:00:00Z&end_time=2026-11-23T09:10:00Z";
    for (const query of ["backfill_minutes=0", "backfill_minutes=3", times]) {
      const { status, body } = await ask(`${STREAM}?${query}`);
      assertEquals([status, body.title], [400, "Invalid Request"], query);
    }
    assertEquals((await ask(`/2/tweets/search/recent?query=${"x".repeat(513)}`)).status, 400);
  }));

Deno.test(
  "backfill: what was posted in the last minutes, older first, then what is posted now, none twice and none missing",
  afterSevenMinutes(async (session, posted) => {
    const { open, clock, simulator } = session;
    const connectedAt = clock.now();
    const stream = await open(`${TWEETS}&backfill_minutes=2`);
    await clock.advance(30_000);
    simulator.pause();
    const isWanted = (line: string) => timeOf(line) >= connectedAt - 120_000;
    await waitUntil(() => tweetsOf(stream).length > 0 && tweetsOf(stream).at(-1) === posted().at(-1), {
      what: "the last",
    });
    assertEquals(tweetsOf(stream), posted().filter(isWanted));
    const kinds = await kindsOf(session, stream);
    assertEquals(kinds, tweetsOf(stream).map((line) => timeOf(line) <= connectedAt ? "backfill" : "live"));
    assertEquals(new Set(kinds).size, 2);
  }),
);

Deno.test(
  "backfill: only what the rules of now match, and 0 minutes are none",
  afterSevenMinutes(async ({ addRules, open, ask, simulator }) => {
    simulator.pause();
    await ask(`${RULES}?delete_all=true`, { method: "POST" });
    await ask("/2/connections/all", { method: "DELETE" });
    const [id] = await addRules("deno lang:de");
    const none = await open(`${TWEETS}&backfill_minutes=0`);
    const stream = await open(`${TWEETS},lang&backfill_minutes=5`);
    for (const line of await stream.atLeast(2)) {
      const { data, matching_rules } = JSON.parse(line);
      assertEquals([data.lang, matching_rules], ["de", [{ id, tag: "" }]]);
    }
    assertEquals(none.lines, []);
  }),
);

Deno.test(
  "recovery: what was posted in the interval, older first, and then an orderly end",
  afterSevenMinutes(async (session, posted) => {
    const stream = await session.open(`${TWEETS}&start_time=2026-11-23T10:02:00Z&end_time=2026-11-23T10:05:00Z`);
    await stream.end();
    assertEquals(stream.error, undefined);
    const [start, end] = [Date.UTC(2026, 10, 23, 10, 2), Date.UTC(2026, 10, 23, 10, 5)];
    const expected = posted().filter((line) => timeOf(line) >= start && timeOf(line) < end);
    assert(expected.length > 300, `${expected.length} tweets in three minutes`);
    assertEquals(stream.lines, expected);
    assertEquals(new Set(await kindsOf(session, stream)), new Set(["recovery"]));
    const { kind, closeReason } = session.simulator.connections().at(-1)!;
    assertEquals([kind, closeReason], ["recovery", "recovered"]);
  }),
);

Deno.test(
  "recovery: an interval in which nothing was posted ends at once",
  afterSevenMinutes(async ({ open }) => {
    const stream = await open("?start_time=2026-11-23T08:00:00Z&end_time=2026-11-23T09:00:00Z");
    await stream.end();
    assertEquals([stream.bytes.length, stream.error], [0, undefined]);
  }),
);

Deno.test("recovery: what is posted while it lasts is no part of it", () =>
  withSimulator({ tier: "enterprise", rate: 10 }, async (session) => {
    const { open, clock, fault } = session;
    await session.addRules("deno");
    await (await open()).leave();
    await waitUntil(() => closeReason(session), { what: "no stream is open" });
    await clock.advance(60_000);
    await fault("slow", 2_000);
    const stream = await open(`${TWEETS}&start_time=2026-11-23T10:00:00Z&end_time=2026-11-23T10:01:00Z`);
    for (let step = 0; step < 30; step++) await clock.advance(200);
    await stream.end();
    const kinds = await kindsOf(session, stream);
    assert(kinds.length > 100, `${kinds.length} tweets in a minute`);
    assertEquals(new Set(kinds), new Set(["recovery"]));
    assert(tweetsOf(stream).every((line) => timeOf(line) < Date.UTC(2026, 10, 23, 10, 1)));
  }));

/** Asks for a recovery and reads nothing of it. */
async function unreadRecovery({ simulator }: Session): Promise<Deno.Conn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: simulator.port });
  const head = `GET ${STREAM}?start_time=2026-11-23T10:00:00Z&end_time=2026-11-23T10:05:00Z HTTP/1.1\r\n` +
    `authorization: Bearer ${simulator.token}\r\n\r\n`;
  await connection.write(new TextEncoder().encode(head));
  return connection;
}

Deno.test("recovery: two at a time, beside the two live streams", () =>
  withSimulator({ tier: "enterprise", rate: 5 }, async (session) => {
    const { open, ask, clock, simulator } = session;
    // A tag that makes a line so long that no system buffers five minutes of them.
    await ask(RULES, { json: { add: [{ value: "deno", tag: "x".repeat(200_000) }] } });
    await (await open()).leave();
    await clock.advance(60_000);
    simulator.pause();
    await open();
    await open();
    const unread = [await unreadRecovery(session), await unreadRecovery(session)];
    await waitUntil(() => simulator.connections().length === 5, { what: "two recoveries are open" });
    const refused = await ask(`${STREAM}?start_time=2026-11-23T10:00:00Z&end_time=2026-11-23T10:01:00Z`);
    assertEquals([refused.status, refused.body.connection_issue], [429, "TooManyConnections"]);
    assertEquals((await ask(STREAM)).body.connection_issue, "TooManyConnections");
    const standing = simulator.connections().filter(({ outcome, closedAt }) => outcome === "open" && !closedAt);
    assertEquals(standing.map(({ kind }) => kind), ["live", "live", "recovery", "recovery"]);
    for (const connection of unread) connection.close();
    await waitUntil(() => simulator.connections()[4]?.closeReason, { what: "the recoveries are closed" });
    const again = await open("?start_time=2026-11-23T08:00:00Z&end_time=2026-11-23T09:00:00Z");
    await again.end();
  }));

Deno.test("backfill: a live stream that is cut in it counts only what it has sent", () =>
  withSimulator({ tier: "enterprise", rate: 1 }, async ({ addRules, open, clock, simulator, fault, ask }) => {
    await addRules("deno");
    await (await open()).leave();
    await clock.advance(60_000);
    simulator.pause();
    await fault("cut-line");
    const stream = await open("?backfill_minutes=1");
    await stream.end();
    assert(stream.error, "the stream ended as if nothing were wrong");
    assertEquals(stream.lines, []);
    assertEquals((await ask("/sim/sent")).text.includes("backfill"), false);
  }));

for (
  const query of [
    "backfill_minutes=6",
    "backfill_minutes=-1",
    "backfill_minutes=two",
    "start_time=2026-11-23T09:00:00Z",
    "end_time=2026-11-23T09:00:00Z",
    "start_time=2026-11-23T09:00:00.000Z&end_time=2026-11-23T09:10:00Z",
    "start_time=2026-11-23T09:00:00&end_time=2026-11-23T09:10:00",
    "start_time=2026-11-23T09:10:00Z&end_time=2026-11-23T09:10:00Z",
    "start_time=2026-11-22T09:59:59Z&end_time=2026-11-22T10:10:00Z",
    "start_time=2026-11-23T09:00:00Z&end_time=2026-11-23T09:10:00Z&backfill_minutes=1",
  ]
) {
  Deno.test(`an enterprise is refused ${query}`, () =>
    withSimulator({ tier: "enterprise" }, async ({ ask, addRules }) => {
      await addRules("deno");
      const { status, body } = await ask(`${STREAM}?${query}`);
      assertEquals([status, body.title], [400, "Invalid Request"]);
    }));
}
