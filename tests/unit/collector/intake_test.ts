/** Tweets on their way into the backlog: what becomes of each, and what happens when there is no room. */

import { assertEquals } from "@std/assert";
import { Events } from "../../../src/base/events.ts";
import { Intake, type IntakeOptions } from "../../../src/collector/intake.ts";
import { MemoryBacklog } from "../../../src/journal/memory_backlog.ts";
import { RateLimit } from "../../../src/match/rate_limit.ts";
import { Tagger } from "../../../src/match/tagger.ts";
import type { NotAccepted } from "../../../src/model/backlog.ts";
import type { Rule } from "../../../src/model/rule.ts";
import type { TweetMessage } from "../../../src/model/stream_message.ts";
import { Counters } from "../../../src/observe/counters.ts";
import { FakeClock, settle } from "../../support/fake_clock.ts";
import { held, INSTALLATION, track, wanted } from "../match/tagger_bench.ts";

/** A backlog that writes down what it is told to count. */
class CountingBacklog extends MemoryBacklog {
  readonly counted: string[] = [];

  override count(rules: readonly Rule[] = [], why?: NotAccepted): void {
    const reason = why?.outcome === "dropped" ? ` ${why.reason}` : "";
    this.counted.push(`${why?.outcome}${reason}: ${rules.map(({ value }) => value).join()}`);
  }
}

function bench(own: Partial<IntakeOptions> = {}, room = 1_000) {
  const clock = new FakeClock();
  const tagger = new Tagger({ installation: INSTALLATION, clock });
  const rules = wanted(track("deno"), track("coffee"));
  tagger.want(rules);
  tagger.hold(held({ 11: [rules.all[0]!], 12: [rules.all[1]!] }));
  const backlog = new CountingBacklog({ records: room, bytes: 1_000_000 }, ["sink"]);
  const events = new Events();
  const counters = new Counters(() => clock.now());
  events.listen(counters.listener);
  const parts = { tagger, rateLimit: undefined, backlog, whenFull: "pause" as const, counters, events, clock };
  const intake = new Intake({ ...parts, ...own });
  const deliver = () => {
    const entries = backlog.read("sink", backlog.positionOf("sink"), { records: 1, bytes: 1_000 });
    backlog.acknowledge("sink", { entries, refused: new Map() });
  };
  const ids = () => backlog.read("sink", 0, { records: 100, bytes: 1_000_000 }).map(({ record }) => record.id);
  return { backlog, clock, counters, intake, deliver, ids };
}

function tweet(id: string, ruleId = "11"): TweetMessage {
  const message = { data: { id, text: "" } };
  const line = new TextEncoder().encode(JSON.stringify(message));
  return { kind: "tweet", id, line, message, matched: [{ id: ruleId, tag: "" }], createdAt: null, partialErrors: [] };
}

Deno.test("each tweet is accepted once, and all others are counted with why and for which rules", async () => {
  const { backlog, counters, intake, ids } = bench();
  await intake.take([tweet("1"), tweet("2", "12"), tweet("1"), tweet("3", "99")], "live");
  assertEquals(ids(), ["1", "2"]);
  assertEquals(backlog.counted, ["repeated: deno", "dropped no_rule: "]);
  assertEquals([counters.received, counters.accepted], [4, 2]);
});

Deno.test("a repeat costs nothing of its rules' limit, and what is over it is counted for them", async () => {
  const clock = new FakeClock();
  const { backlog, intake, ids } = bench({ rateLimit: new RateLimit({ perSecond: 1, capacity: 2, clock }) });
  await intake.take([tweet("1"), tweet("1"), tweet("1"), tweet("2"), tweet("3")], "live");
  assertEquals(ids(), ["1", "2"]);
  assertEquals(backlog.counted, ["repeated: deno", "repeated: deno", "dropped rate_limited: deno"]);
});

Deno.test("beyond the limit nothing is accepted, and reaching it is told once", async () => {
  const { backlog, intake, ids } = bench();
  let told = 0;
  intake.limit = 2;
  intake.onLimit = () => told++;
  await intake.take([tweet("1"), tweet("2"), tweet("3"), tweet("4")], "live");
  assertEquals([ids(), told], [["1", "2"], 1]);
  assertEquals(backlog.counted, ["dropped after_limit: deno", "dropped after_limit: deno"]);
});

Deno.test("without room a tweet waits for it, and after five seconds the stream is to be closed", async () => {
  const { clock, deliver, intake, backlog } = bench({}, 1);
  let told = 0;
  const onFull = () => told++;
  let isOver = false;
  const taking = intake.take([tweet("1"), tweet("2")], "live", onFull).then(() => isOver = true);
  await clock.advance(4_999);
  assertEquals([told, isOver], [0, false]);
  await clock.advance(1);
  assertEquals([told, isOver], [1, false]);
  deliver();
  await settle();
  assertEquals([isOver, backlog.counted], [true, []]);
  await taking;
});

Deno.test("told to drop, the newest are dropped where there is no room, and the others stay", async () => {
  const { backlog, ids, intake } = bench({ whenFull: "drop" }, 2);
  await intake.take([tweet("1"), tweet("2"), tweet("3"), tweet("4")], "live");
  assertEquals(ids(), ["1", "2"]);
  assertEquals(backlog.counted, ["dropped no_room: deno", "dropped no_room: deno"]);
});

Deno.test("what still waits for room at the end is dropped, and counted as that", async () => {
  const { backlog, intake } = bench({}, 1);
  const taking = intake.take([tweet("1"), tweet("2")], "live");
  await settle();
  backlog.close();
  await taking;
  assertEquals(backlog.counted, ["dropped no_room_at_stop: deno"]);
});
