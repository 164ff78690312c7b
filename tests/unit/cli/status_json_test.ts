import { assertEquals } from "@std/assert";
import type { FleetView } from "../../../src/cli/status/fleet_view.ts";
import { failureJson, statusJson } from "../../../src/cli/status/json.ts";
import { problemsOf } from "../../../src/cli/status/problems.ts";
import type { JsonObject } from "../../../src/model/json.ts";
import { APP, appOf, fleetOf, holder, NOW, standby, wellFleet } from "../../support/fleet_views.ts";

function jsonOf(view: FleetView): JsonObject {
  const json = statusJson(view, problemsOf(view));
  assertEquals(JSON.parse(JSON.stringify(json)), json, "it survives being written");
  return json;
}

Deno.test("the shape of a fleet as JSON is what is promised", () => {
  const view = fleetOf([appOf([holder()], { gapsKnown: 3 })], { ruledSlots: ["track:0", "geo:1"] });
  assertEquals(jsonOf(view), {
    at: "2026-11-24T12:00:00.000Z",
    source: "redis",
    place: "Redis here:6379",
    well: false,
    problems: [{
      kind: "slots_without_instance",
      app: null,
      instance: null,
      what: "geo:1 has rules, and no instance collects it",
      remedy: "`traptor --type geo --id 1`, or `traptor rules clear --type geo --id 1`",
    }],
    remarks: [],
    apps: [{
      app: APP,
      slots: ["track:0"],
      holders: ["11111111"],
      standbys: [],
      leases: [{ number: 1, instance: "11111111", generation: 7, left_ms: 8_000 }],
      gaps_open: 0,
      gaps_registered: 3,
      versions: ["3.0.0"],
      instances: [{
        id: "11111111",
        process: "0123456789abcdef",
        pid: 4711,
        host: "alpha",
        version: "3.0.0",
        app: APP,
        slots: ["track:0"],
        separate: false,
        role: "holder",
        lease: 1,
        live: true,
        stranded: 0,
        started_at: "2026-11-24T10:00:00.000Z",
        at: "2026-11-24T11:59:59.000Z",
        interval: 5_000,
        state: "live",
        since: "2026-11-24T11:00:00.000Z",
        reason: null,
        until: null,
        rules: { rules: 120, queries: 34, held: 34, refused: 0, unplaced: 0, drifted: 0 },
        last_tweet_at: "2026-11-24T11:59:58.000Z",
        rate_now: 12.34,
        rate_hour: 10.81,
        waiting: 0,
        waiting_bytes: 0,
        waiting_since: null,
        journal_full: false,
        delivery_ms: 42,
        gaps_open: 0,
        gaps_asking: 0,
        gap_ms: 0,
        connects_left: 44,
        clock_ahead: 12,
        ready: true,
        reasons: ["the stream is live"],
      }],
    }],
    slots: [
      { slot: "track:0", has_rules: true, app: APP, instances: ["11111111"], holders: ["11111111"] },
      { slot: "geo:1", has_rules: true, app: null, instances: [], holders: [] },
    ],
    malformed: [],
    journal: null,
  });
});

Deno.test("a fleet in order is well, with its standbys by name", () => {
  const json = jsonOf(wellFleet());
  const [app] = json["apps"] as JsonObject[];
  assertEquals([json["well"], json["problems"], json["remarks"]], [true, [], []]);
  assertEquals([app!["holders"], app!["standbys"]], [["11111111"], ["22222222", "33333333"]]);
});

Deno.test("a dead instance is there, not live, with what is stranded on it; remarks stand apart", () => {
  const dead = standby({ at: NOW - 600_000, waiting: 7 });
  const json = jsonOf(fleetOf([appOf([holder({ state: "behind" }), dead])]));
  const [app] = json["apps"] as { instances: JsonObject[]; standbys: string[] }[];
  assertEquals(app!.instances.map(({ live, stranded }) => [live, stranded]), [[true, 0], [false, 7]]);
  assertEquals(app!.standbys, []);
  const kindsIn = (name: string) => (json[name] as JsonObject[]).map(({ kind }) => kind);
  assertEquals([kindsIn("problems"), kindsIn("remarks")], [["stranded"], ["behind"]]);
});

Deno.test("where no collector runs the journal is told, and rules in a file are no matter", () => {
  const journal = { path: "/state/journal.db", waiting: 7, gapsOpen: 1, gapMs: 61_500 };
  const json = jsonOf(fleetOf([], { source: "journal", place: "/state", ruledSlots: undefined, journal }));
  assertEquals(json["journal"], { path: "/state/journal.db", waiting: 7, gaps_open: 1, gap_seconds: 61.5 });
  assertEquals([json["well"], json["apps"], json["slots"]], [false, [], []]);
  const file = jsonOf(fleetOf([appOf([holder()], { leases: [] })], { source: "collector", ruledSlots: undefined }));
  assertEquals((file["slots"] as JsonObject[])[0]!["has_rules"], null);
});

Deno.test("a look that could not be taken is a line of its own", () => {
  assertEquals(failureJson(NOW, "Redis is away"), {
    at: "2026-11-24T12:00:00.000Z",
    well: false,
    error: "Redis is away",
  });
});
