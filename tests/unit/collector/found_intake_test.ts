/** Tweets that a search found on their way into the backlog. */

import { assertEquals } from "@std/assert";
import { Events } from "../../../src/base/events.ts";
import { Intake } from "../../../src/collector/intake.ts";
import { MemoryBacklog } from "../../../src/journal/memory_backlog.ts";
import { RateLimit } from "../../../src/match/rate_limit.ts";
import type { Tagged } from "../../../src/match/tagger.ts";
import type { TweetMessage } from "../../../src/model/stream_message.ts";
import { Counters } from "../../../src/observe/counters.ts";
import { FakeClock, settle } from "../../support/fake_clock.ts";
import { INSTALLATION, tagger, track } from "../match/tagger_bench.ts";

const DENO = track("deno");
const MATCH: Tagged = { kind: "match", rules: [DENO], attribution: "local" };

function tweet(id: string): TweetMessage {
  const message = { data: { id, text: "deno" } };
  const line = new TextEncoder().encode(JSON.stringify(message));
  return { kind: "tweet", id, line, message, matched: [], createdAt: null, partialErrors: [] };
}

function bench(room = 1_000) {
  const clock = new FakeClock();
  const backlog = new MemoryBacklog({ records: room, bytes: 1_000_000 }, ["sink"]);
  const events = new Events();
  const counters = new Counters(() => clock.now());
  events.listen(counters.listener);
  const rateLimit = new RateLimit({ perSecond: 1, capacity: 1, clock });
  const ways = { tagger: tagger({ installation: INSTALLATION, clock }), rateLimit, whenFull: "drop" as const };
  const intake = new Intake({ ...ways, backlog, counters, events, clock });
  const records = () =>
    backlog.read("sink", backlog.positionOf("sink"), { records: 100, bytes: 1e6 }).map(({ record }) =>
      JSON.parse(new TextDecoder().decode(record.value))
    );
  return { backlog, counters, intake, records };
}

const found = (...ids: string[]) => ids.map((id) => ({ tweet: tweet(id), tagged: MATCH }));

Deno.test("what was found and is new is taken, whatever the limit of its rules, and says where it is from", async () => {
  const { counters, intake, records } = bench();
  assertEquals(await intake.takeFound(found("1", "2", "3")), { accepted: 3, left: 0 });
  assertEquals(await intake.takeFound(found("2", "4")), { accepted: 1, left: 0 });
  assertEquals(records().map(({ data, traptor }) => [data.id, traptor.provenance]), [
    ["1", "search"],
    ["2", "search"],
    ["3", "search"],
    ["4", "search"],
  ]);
  assertEquals([counters.received, counters.accepted, intake.backfilled], [5, 4, 0]);
});

Deno.test("what the stream would not have sent is dropped, and counted", async () => {
  const { counters, intake, records } = bench();
  const dropped: Tagged = { kind: "drop", reason: "not_matched" };
  assertEquals(await intake.takeFound([{ tweet: tweet("1"), tagged: dropped }, ...found("2")]), {
    accepted: 1,
    left: 0,
  });
  assertEquals([records().map(({ data }) => data.id), counters.received, counters.accepted], [["2"], 2, 1]);
});

Deno.test("where there is no room what was found waits: it is paid for", async () => {
  const { backlog, intake, records } = bench(1);
  const taking = intake.takeFound(found("1", "2"));
  await settle();
  assertEquals(records().map(({ data }) => data.id), ["1"]);
  const entries = backlog.read("sink", backlog.positionOf("sink"), { records: 1, bytes: 1_000 });
  backlog.acknowledge("sink", { entries, refused: new Map() });
  assertEquals(await taking, { accepted: 2, left: 0 });
  assertEquals(records().map(({ data }) => data.id), ["2"]);
});

Deno.test("what there was no room for at the end is told, for it is not here", async () => {
  const { backlog, intake } = bench(1);
  const taking = intake.takeFound(found("1", "2", "3"));
  await settle();
  backlog.close();
  assertEquals(await taking, { accepted: 1, left: 2 });
});
