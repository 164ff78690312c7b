/** Looks of `traptor top`, as a fleet would bring them. */

import type { Look, RuleRow } from "../../src/cli/top/model.ts";
import { problemsOf } from "../../src/cli/status/problems.ts";
import type { FleetView } from "../../src/cli/status/fleet_view.ts";
import { type InstanceReport, readInstance } from "../../src/model/instance.ts";

/** When all of it was read. */
export const LOOKED_AT = Date.parse("2026-11-24T12:00:00Z");

export const APP = "0123456789ab";

/** A holder without a fault, but for what is named. */
export function instanceJson(changes: Partial<Record<keyof InstanceReport, unknown>> = {}, at = LOOKED_AT): string {
  const usual = { id: "aaaaaaaa", process: "p1", pid: 7, host: "alpha", version: "3.0.0", app: APP };
  const stream = { slots: ["track:0"], role: "holder", lease: 1, started_at: at - 60_000, at, interval: 5_000 };
  const state = { state: "live", since: at - 50_000, rate_now: 12.3, rate_hour: 10, last_tweet_at: at - 1_000 };
  const health = { connects_left: 40, ready: true, rules: { rules: 2, queries: 1, held: 1 } };
  return JSON.stringify({ ...usual, ...stream, ...state, ...health, ...changes });
}

/** A rule that has matched, but for what is named. */
export function ruleRow(value: string, changes: Partial<RuleRow> = {}): RuleRow {
  const figures = { matches: 20, windowMs: 3_600_000, total: 200, lastAt: LOOKED_AT - 12_000, rate: 1.5 };
  return { key: `${APP} track:0 ${value}`, slot: "track:0", value, ...figures, ...changes };
}

/** A look at one holder and one standby. */
export function lookAt(rules: readonly RuleRow[], instances: readonly string[] = HOLDER_AND_STANDBY): Look {
  const view: FleetView = {
    source: "redis",
    place: "Redis localhost:6379",
    at: LOOKED_AT,
    apps: [{
      app: APP,
      instances: instances.map((text) => readInstance(text)!),
      leases: [{ number: 1, instance: "aaaaaaaa", generation: 1, leftMs: 9_000 }],
      alive: [],
      gapsKnown: 0,
      writtenOff: [],
    }],
    ruledSlots: ["track:0"],
    malformed: [],
  };
  return { view, problems: problemsOf(view), rules };
}

const HOLDER_AND_STANDBY = [
  instanceJson({ waiting: 5, gaps_open: 1 }),
  instanceJson({
    id: "bbbbbbbb",
    host: "beta",
    role: "standby",
    lease: 0,
    state: "standby",
    rate_now: 0,
    rate_hour: 0,
  }),
];
