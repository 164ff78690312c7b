/** What the judge of sequences says of states and connects that disagree: each way in which they can is found. */

import { assertEquals, assertMatch } from "@std/assert";
import type { ConnectionRecord } from "../../src/simulate/simulator.ts";
import { type StateChange, stateChangesIn, unfinishedStopsIn } from "../support/stream_log.ts";
import { disagreements, keepsLimit, mostConnects, type StreamFacts } from "../support/stream_verdict.ts";

type Step = readonly [at: number, from: string, to: string, cause?: string];

function changes(...steps: readonly Step[]): StateChange[] {
  return steps.map(([at, from, to, cause = ""]) => ({ at, from, to, cause }));
}

function granted(at: number, closedAt?: number, closeReason = "cut-line"): ConnectionRecord {
  return {
    id: `${at}`,
    at,
    status: 200,
    outcome: "open",
    kind: "live",
    ...(closedAt ? { closedAt, closeReason } : {}),
  };
}

function refused(at: number, status: number, outcome: string): ConnectionRecord {
  return { at, status, outcome };
}

const TOLERANCE = { slackMs: 5, notingMs: 9, behindMs: 500 };

function found(processes: StateChange[][], connections: ConnectionRecord[], stalls: number[] = []): string[] {
  const facts: StreamFacts = { processes, connections, stalls, ...TOLERANCE };
  return disagreements(facts).map((words) => words.replaceAll(/1970-01-01T00:(\d\d:\d\d\.\d{3})Z/g, "$1"));
}

/** It connects, is live, loses the connection, and connects again. */
const LIFE: readonly Step[] = [
  [1_000, "stopped", "connecting"],
  [1_100, "connecting", "idle"],
  [1_200, "idle", "live"],
  [60_000, "live", "connecting", "it broke off"],
  [60_100, "connecting", "idle"],
];
const CONNECTS = [granted(1_050, 59_990), granted(60_050)];

Deno.test("a life whose states are what X did is not complained about", () => {
  assertEquals(found([changes(...LIFE)], CONNECTS), []);
  const stopped = changes(...LIFE, [90_000, "idle", "stopped"]);
  const next = changes([91_000, "stopped", "waiting_for_rules"], [92_000, "waiting_for_rules", "connecting"]);
  assertEquals(
    found([stopped, next], [CONNECTS[0]!, granted(60_050, 90_001, "client left")]),
    [],
    "killed before it came",
  );
});

Deno.test("states that do not follow from each other are found", () => {
  const jump = changes(...LIFE.slice(0, 2), [1_200, "idle", "live"], [1_300, "idle", "live"]);
  assertEquals(found([jump], [granted(1_050)]), ["after live came 00:01.300 idle → live"]);
  const unknown = changes(...LIFE.slice(0, 2), [1_200, "idle", "waiting_for_rules", "why"]);
  const words = found([unknown], [granted(1_050, 1_190)]);
  assertEquals(words, ["no such change is known: 00:01.200 idle → waiting_for_rules (why)"]);
});

Deno.test("a connect that no state tells of, and several in one, are found", () => {
  assertMatch(found([changes(...LIFE)], [granted(500, 600), ...CONNECTS]).join(), /^a connect that no state tells of/);
  assertMatch(found([changes(...LIFE)], [...CONNECTS, granted(70_000)]).join(), /^several connects in one/);
});

Deno.test("a state that says more or less of a connect than X did is found", () => {
  const [first, second] = LIFE;
  assertMatch(found([changes(first!, second!)], []).join(), /connecting → idle, but X: was not asked$/);
  assertMatch(found([changes(first!, second!)], [refused(1_050, 503, "unavailable")]).join(), /idle, but X: .* 503/);
  const backsOff = (cause: string) => changes(first!, [1_100, "connecting", "backing_off", cause]);
  assertEquals(found([backsOff("X answered 503")], [refused(1_050, 503, "unavailable")]), []);
  assertMatch(found([backsOff("X answered 429")], [refused(1_050, 503, "unavailable")]).join(), /but X: .* 503/);
  const taken = refused(1_050, 429, "TooManyConnections");
  assertEquals(found([backsOff("the app's only connection is taken by a connection from x")], [taken]), []);
  assertMatch(found([backsOff("X answered 429 Too Many Requests")], [taken]).join(), /TooManyConnections/);
  assertMatch(found([backsOff("it broke off")], [granted(1_050)]).join(), /backing_off .* but X: .* open/);
  assertEquals(found([backsOff("it broke off")], [granted(1_050, 1_060)]), []);
});

Deno.test("a loss that X had no part in, that comes before the end or long after it, or says no cause, is found", () => {
  const lost = (cause: string, to = "connecting") => [changes(...LIFE.slice(0, 3), [60_000, "live", to, cause])];
  assertEquals(found(lost("it broke off"), [granted(1_050, 59_990)]), []);
  assertMatch(found(lost("it broke off"), [granted(1_050, 60_010)]).join(), /before X ended it/);
  assertMatch(found(lost("it broke off"), [granted(1_050)]).join(), /before X ended it/);
  assertMatch(found(lost("it broke off"), [granted(1_050, 14_000)]).join(), /long after X ended it/);
  assertMatch(found(lost("it broke off"), [granted(1_050, 60_001, "client left")]).join(), /though X did not end it/);
  assertMatch(found(lost(""), [granted(1_050, 59_990)]).join(), /without saying why/);
  assertEquals(found(lost("X announced a disconnect: x"), [granted(1_050, 60_001, "client left")]), []);
});

Deno.test("a stall is believed only where X was silent", () => {
  const stalled = [changes(...LIFE.slice(0, 3), [60_000, "live", "stalled", "nothing came for 45 s"])];
  const connections = [granted(1_050, 60_001, "client left")];
  assertEquals(found(stalled, connections, [14_000]), []);
  assertMatch(found(stalled, connections).join(), /though X was not told to be silent/);
  assertMatch(found(stalled, connections, [50_000]).join(), /though X was not told to be silent/);
});

Deno.test("45 connects in 15 minutes are kept, 46 are not", () => {
  const every = (ms: number, count: number) => Array.from({ length: count }, (_, index) => ({ at: index * ms }));
  assertEquals([mostConnects(every(1_000, 45)), keepsLimit(every(1_000, 45))], [45, true]);
  assertEquals([mostConnects(every(1_000, 46)), keepsLimit(every(1_000, 46))], [46, false]);
  assertEquals(keepsLimit(every(20_000, 400)), true);
  assertEquals(keepsLimit(every(19_000, 400)), false);
});

Deno.test("the log tells the changes of each process apart, and half a line of a killed one is left out", () => {
  const line = (event: string, more = {}) => JSON.stringify({ time: "1970-01-01T00:00:01.000Z", event, ...more });
  const log = [
    line("collector_started"),
    line("stream_state", { from: "stopped", to: "connecting", cause: "" }),
    line("keep_alive"),
    '{"time":"1970-01-01T00:0',
    line("collector_started"),
    line("undelivered_at_stop"),
    "",
  ].join("\n");
  assertEquals(stateChangesIn(log), [[{ at: 1_000, from: "stopped", to: "connecting", cause: "" }], []]);
  assertEquals(unfinishedStopsIn(log), [1_000]);
});
