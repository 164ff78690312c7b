/** What the fleet's journals add up to, and what does not. */

import { assertEquals } from "@std/assert";
import { fleetBalance, type FleetTold } from "../../../src/fleet/fleet_balance.ts";
import { type InstanceReport, readInstance } from "../../../src/model/instance.ts";
import { type MirroredGap, type MirroredTotals, readMirroredGap } from "../../../src/model/mirrored.ts";

const NOW = Date.UTC(2026, 10, 24, 12);
const HOUR = NOW - 3_600_000;
const [ONE, TWO] = ["aaaaaaa1", "bbbbbbb2"] as const;

function told(parts: Partial<FleetTold>): FleetTold {
  const none = new Map<string, never>();
  return { now: NOW, instances: none, hours: none, journals: none, gaps: none, marks: none, writtenOff: [], ...parts };
}

function report(id: string, parts: Partial<InstanceReport> = {}): readonly [string, InstanceReport] {
  const all = { id, app: "0123456789ab", host: `host-${id}`, role: "standby", at: NOW, interval: 5_000, ...parts };
  return [id, readInstance(JSON.stringify(all))!];
}

function totals(parts: Partial<MirroredTotals> = {}): MirroredTotals {
  const sinks = { file: { due: 8, delivered: 5, dead: 1, unread: 0, lost: 0 } };
  return { received: 10, accepted: 8, repeated: 1, dropped: { rate_limited: 1 }, sinks, ...parts };
}

function gap(parts: Partial<MirroredGap>): MirroredGap {
  return readMirroredGap(
    JSON.stringify({ began_at: HOUR, ended_at: HOUR + 2_000, cause: "crashed", state: "open", ...parts }),
  )!;
}

const journal = (parts: Partial<MirroredTotals> = {}, waiting = 2, at = NOW) => ({
  at,
  host: "host-told",
  waiting,
  ...totals(parts),
});

/** What does not add up, without whose it is. */
function unlike(parts: Partial<FleetTold>) {
  return fleetBalance(told(parts)).differences.map(({ expected, found, hour, sink, what }) => [
    ...[hour === undefined ? "all" : "hour", sink, what, expected, found],
  ]);
}

Deno.test("sound totals balance, by the hour and as a whole", () => {
  assertEquals(
    unlike({ hours: new Map([[`${ONE}:${HOUR}`, totals()]]), journals: new Map([[ONE, journal()]]) }),
    [],
  );
});

Deno.test("each number that disagrees with another one is named", () => {
  const hour = (parts: Partial<MirroredTotals>) => unlike({ hours: new Map([[`${ONE}:${HOUR}`, totals(parts)]]) });
  const sink = (parts: Record<string, number>) => ({
    sinks: { file: { due: 8, delivered: 5, dead: 1, unread: 0, lost: 0, ...parts } },
  });
  assertEquals(hour({ repeated: 2 }), [["hour", "", "received", 10, 11]]);
  assertEquals(hour({ dropped: {} }), [["hour", "", "received", 10, 9]]);
  assertEquals(hour(sink({ due: 9 })), [["hour", "file", "due", 8, 9]]);
  assertEquals(hour(sink({ lost: 3 })), [["hour", "file", "settled", 8, 9]]);
});

Deno.test("records that wait are at least those of one sink, and at most those of all", () => {
  const sinks = {
    file: { due: 8, delivered: 5, dead: 0, unread: 0, lost: 0 },
    kafka: { due: 8, delivered: 4, dead: 0, unread: 0, lost: 0 },
  };
  const waiting = (records: number) => unlike({ journals: new Map([[ONE, journal({ sinks }, records)]]) });
  assertEquals(waiting(3), [["all", "", "waiting", 4, 3]]);
  assertEquals(waiting(4), []);
  assertEquals(waiting(7), []);
  assertEquals(waiting(8), [["all", "", "waiting", 7, 8]]);
});

Deno.test("the last days have no more than all days", () => {
  const hours = new Map([[`${ONE}:${HOUR}`, totals()], [`${ONE}:${NOW}`, totals()]]);
  assertEquals(unlike({ hours, journals: new Map([[ONE, journal()]]) }), [["all", "", "hours", 10, 20]]);
});

Deno.test("what waits on a machine that is gone is stranded, also after an end in order; on a live one it is not", () => {
  const state = (parts: Partial<InstanceReport>) => {
    const { members: [member], stranded } = fleetBalance(told({ instances: new Map([report(ONE, parts)]) }));
    return [member?.state, member?.waiting, stranded.length];
  };
  assertEquals(state({ waiting: 3 }), ["standby", 3, 0]);
  assertEquals(state({ waiting: 3, role: "holder" }), ["holder", 3, 0]);
  assertEquals(state({ waiting: 3, at: NOW - 15_000 }), ["standby", 3, 0]);
  assertEquals(state({ waiting: 3, at: NOW - 15_001 }), ["gone", 3, 1]);
  assertEquals(state({ waiting: 0, at: NOW - 15_001 }), ["gone", 0, 0]);
  assertEquals(state({ waiting: 3, role: "leaving" }), ["gone", 3, 1]);
  assertEquals(state({ waiting: 0, role: "leaving" }), ["ended", 0, 0]);
});

Deno.test("a journal whose instance is not in the roster has ended, or is gone where something waits in it", () => {
  const state = (waiting: number) => {
    const { members, stranded } = fleetBalance(told({ journals: new Map([[ONE, journal({}, waiting)]]) }));
    return [members[0]?.host, members[0]?.state, stranded.length];
  };
  assertEquals(state(0), ["host-told", "ended", 0]);
  assertEquals(state(2), ["host-told", "gone", 1]);
});

Deno.test("what is written off is stranded no more, until the machine tells something again", () => {
  const entry = { instance: ONE, host: "host-told", waiting: 2, since: HOUR, at: NOW - 10, by: "anna@host" };
  const balance = (at: number, instances: FleetTold["instances"] = new Map()) =>
    fleetBalance(told({ instances, journals: new Map([[ONE, journal({}, 2, at)]]), writtenOff: [entry] }));
  const gone = balance(NOW - 10);
  assertEquals(gone.members.map(({ state, waiting }) => [state, waiting]), [["written_off", 0]]);
  assertEquals([gone.stranded, gone.writtenOff], [[], [entry]]);
  const back = balance(NOW - 9, new Map([report(ONE, { waiting: 2 })]));
  assertEquals(back.members.map(({ state, waiting }) => [state, waiting]), [["standby", 2]]);
  assertEquals(back.writtenOff, []);
  const delivered = balance(NOW - 9);
  assertEquals(delivered.writtenOff, []);
});

Deno.test("a gap that somebody else has taken over counts for whoever has it", () => {
  const gaps = new Map([
    [`${ONE}:1`, gap({ state: "closed" })],
    [`${ONE}:2`, gap({})],
    [`${ONE}:3`, gap({ ended_at: null, began_at: NOW - 5_000 })],
    [`${ONE}:4`, gap({ cause: "journal_damaged" })],
    [`${TWO}:1`, gap({})],
  ]);
  const marks = new Map([
    [`${ONE}:1`, { by: TWO, host: "host", number: 1 }],
    [`${ONE}:2`, { by: TWO, host: "host", number: 0 }],
  ]);
  const { members } = fleetBalance(told({ gaps, marks, instances: new Map([report(ONE), report(TWO)]) }));
  assertEquals(members.map(({ gapMs, gapsOpen }) => [gapsOpen, gapMs]), [[2, 7_000], [1, 2_000]]);
});
