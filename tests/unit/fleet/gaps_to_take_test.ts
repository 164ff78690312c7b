/** Which gaps of others a holder takes over. */

import { assertEquals } from "@std/assert";
import { gapsToTake, type TakeChoice } from "../../../src/fleet/gaps_to_take.ts";
import { type InstanceReport, readInstance } from "../../../src/model/instance.ts";
import { type MirroredGap, readMirroredGap, type TakenMark } from "../../../src/model/mirrored.ts";

const NOW = Date.UTC(2026, 10, 24, 12);
const WEEK_MS = 7 * 24 * 3_600_000;
const [US, OWNER, OTHER] = ["00000000", "aaaaaaa1", "bbbbbbb2"] as const;

function gap(parts: Partial<MirroredGap> = {}): MirroredGap {
  const all = { began_at: NOW - 90_000, ended_at: NOW - 60_000, cause: "crashed", state: "open", waits_until: 0 };
  return readMirroredGap(JSON.stringify({ ...all, ...parts }))!;
}

function report(id: string, role: InstanceReport["role"], at = NOW): readonly [string, InstanceReport] {
  return [id, readInstance(JSON.stringify({ id, app: "0123456789ab", role, at, interval: 5_000 }))!];
}

function isTaken(parts: Partial<MirroredGap>, choice: Partial<TakeChoice> = {}, field = `${OWNER}:1`): boolean {
  return gapsToTake({
    ...{ gaps: [{ field, gap: gap(parts) }], marks: new Map(), instances: new Map([report(OWNER, "standby")]) },
    ...{ instance: US, askedFor: ["stopped"], now: NOW, ...choice },
  }).length === 1;
}

Deno.test("a gap of another instance is taken while something is to be done about it and it is over", () => {
  assertEquals(isTaken({}), true);
  assertEquals(isTaken({ state: "repairing" }), true);
  assertEquals(isTaken({ state: "closed" }), false);
  assertEquals(isTaken({ state: "unrecoverable" }), false);
  assertEquals(isTaken({ ended_at: null }), false);
  assertEquals(isTaken({}, {}, `${US}:1`), false);
  assertEquals(isTaken({}, {}, "no field of ours"), false);
});

Deno.test("it ended less than seven days ago", () => {
  assertEquals(isTaken({ ended_at: NOW - WEEK_MS + 1 }), true);
  assertEquals(isTaken({ ended_at: NOW - WEEK_MS }), false);
});

Deno.test("what a person has to decide about is taken once that person has asked", () => {
  assertEquals(isTaken({ cause: "stopped" }), false);
  assertEquals(isTaken({ cause: "stopped", allowed: 0 }), true);
  assertEquals(isTaken({}, { askedFor: undefined }), false);
  assertEquals(isTaken({ allowed: 1 }, { askedFor: undefined }), true);
  assertEquals(isTaken({ waits_until: null }), false);
  assertEquals(isTaken({ waits_until: NOW + 1 }), false);
  assertEquals(isTaken({ waits_until: NOW }), true);
});

Deno.test("whoever has a connection itself sees to its own gaps as long as it lives", () => {
  assertEquals(isTaken({}, { instances: new Map([report(OWNER, "holder")]) }), false);
  assertEquals(isTaken({}, { instances: new Map([report(OWNER, "holder", NOW - 15_000)]) }), false);
  assertEquals(isTaken({}, { instances: new Map([report(OWNER, "holder", NOW - 15_001)]) }), true);
  assertEquals(isTaken({}, { instances: new Map() }), true);
});

Deno.test("a mark keeps others away while its owner lives, and for ever once it is confirmed", () => {
  const marked = (mark: Partial<TakenMark>, ...reports: readonly (readonly [string, InstanceReport])[]) => {
    const marks = new Map([[`${OWNER}:1`, { by: OTHER, host: "host", number: 0, ...mark }]]);
    return isTaken({}, { marks, instances: new Map([report(OWNER, "standby"), ...reports]) });
  };
  assertEquals(marked({}, report(OTHER, "standby")), false);
  assertEquals(marked({}, report(OTHER, "standby", NOW - 15_001)), true);
  assertEquals(marked({}), true);
  assertEquals(marked({ number: 3 }), false);
  assertEquals(marked({ by: US }), true);
  assertEquals(marked({ by: US, number: 3 }), false);
  assertEquals(marked({ by: OWNER, number: 1 }), true);
});

Deno.test("the oldest is taken first", () => {
  const gaps = [5, 9, 7].map((minutes) => ({
    field: `${OWNER}:${minutes}`,
    gap: gap({ began_at: NOW - minutes * 60_000 }),
  }));
  const choice = { gaps, marks: new Map(), instances: new Map(), instance: US, askedFor: [], now: NOW };
  assertEquals(gapsToTake(choice).map(({ field }) => field), [`${OWNER}:9`, `${OWNER}:7`, `${OWNER}:5`]);
});
