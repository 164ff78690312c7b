/**
 * Fleets as `traptor status` looks at them, of instances of which all is well unless a test says otherwise.
 *
 * @module
 */
import type { AppView, FleetView } from "../../src/cli/status/fleet_view.ts";
import type { InstanceReport } from "../../src/model/instance.ts";

/** When every look is taken. */
export const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);

export const APP = "aaaaaaaaaaaa";

/** A standby of track:0 on `beta`. */
export function standby(over: Partial<InstanceReport> = {}): InstanceReport {
  return {
    id: "22222222",
    process: "0123456789abcdef",
    pid: 4711,
    host: "beta",
    version: "3.0.0",
    app: APP,
    slots: ["track:0"],
    separate: false,
    role: "standby",
    lease: 0,
    started_at: NOW - 7_200_000,
    at: NOW - 1_000,
    interval: 5_000,
    state: "standby",
    since: NOW - 3_600_000,
    reason: "",
    until: 0,
    rules: { rules: 120, queries: 34, held: 34, refused: 0, unplaced: 0, drifted: 0 },
    last_tweet_at: NOW - 2_000,
    rate_now: 12.34,
    rate_hour: 10.81,
    waiting: 0,
    waiting_bytes: 0,
    waiting_since: 0,
    journal_full: false,
    delivery_ms: 42,
    gaps_open: 0,
    gaps_asking: 0,
    gap_ms: 0,
    connects_left: 44,
    clock_ahead: 12,
    ready: true,
    reasons: ["standing by"],
    ...over,
  };
}

/** The holder of track:0 on `alpha`. */
export function holder(over: Partial<InstanceReport> = {}): InstanceReport {
  const own = { id: "11111111", host: "alpha", role: "holder", lease: 1, state: "live" } as const;
  return standby({ ...own, reasons: ["the stream is live"], ...over });
}

/** An app with these instances; each that says it is the holder has the lease. */
export function appOf(instances: readonly InstanceReport[], over: Partial<AppView> = {}): AppView {
  const holders = instances.filter(({ role }) => role === "holder");
  return {
    app: instances[0]?.app ?? APP,
    instances,
    leases: holders.map(({ id, lease }) => ({ number: lease, instance: id, generation: 7, leftMs: 8_000 })),
    alive: holders.map(({ id, lease }) => ({
      number: lease,
      instance: id,
      at: NOW - 500,
      up: true,
      released: false,
    })),
    gapsKnown: 0,
    writtenOff: [],
    ...over,
  };
}

/** A fleet with these apps, as it is read in Redis, with rules in track:0. */
export function fleetOf(apps: readonly AppView[], over: Partial<FleetView> = {}): FleetView {
  return { source: "redis", place: "Redis here:6379", at: NOW, apps, ruledSlots: ["track:0"], malformed: [], ...over };
}

/** One live, two standbys, and nothing wrong. */
export function wellFleet(): FleetView {
  return fleetOf([appOf([holder(), standby(), standby({ id: "33333333", host: "gamma" })])]);
}
