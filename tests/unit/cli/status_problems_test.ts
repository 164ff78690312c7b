import { assert, assertEquals, assertMatch } from "@std/assert";
import type { FleetView } from "../../../src/cli/status/fleet_view.ts";
import type { Problem } from "../../../src/cli/status/problem.ts";
import { isWell, problemsOf } from "../../../src/cli/status/problems.ts";
import { APP, appOf, fleetOf, holder, NOW, standby, wellFleet } from "../../support/fleet_views.ts";

/** Colours, a line feed, and a reversal of what follows. */
const UNSAFE_TEXT = "\u001b[31m\n\u202e\u009b";

// deno-lint-ignore no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/;

/** What is told of a fleet: the kind of each, remarks with a `~` before. */
function kinds(view: FleetView): string[] {
  return problemsOf(view).map(({ isRemark, kind }) => `${isRemark ? "~" : ""}${kind}`);
}

function only(view: FleetView): Problem {
  const problems = problemsOf(view);
  assertEquals(problems.length, 1, JSON.stringify(problems, null, 2));
  return problems[0]!;
}

function alone(over: Parameters<typeof holder>[0]): FleetView {
  return fleetOf([appOf([holder(over)])]);
}

Deno.test("of a fleet in order nothing is told: live or idle with a sink that answers, standbys with a live holder", () => {
  assertEquals(problemsOf(wellFleet()), []);
  assertEquals(problemsOf(alone({ state: "idle", reasons: ["the stream is idle"] })), []);
  assert(isWell(problemsOf(wellFleet())));
});

Deno.test("a standby says of itself that it is not ready, and with a live holder elsewhere that is no problem", () => {
  const over = { ready: false, reasons: ["standing by, and nobody collects"] };
  assertEquals(kinds(fleetOf([appOf([holder(), standby(over)])])), []);
});

Deno.test("waiting for rules needs a person", () => {
  const problem = only({ ...alone({ state: "waiting_for_rules", reasons: ["waiting for rules"] }), ruledSlots: [] });
  assertEquals([problem.kind, problem.isRemark, problem.app, problem.instance], [
    "waiting_for_rules",
    false,
    APP,
    "11111111",
  ]);
  assertEquals(problem.what, "alpha (11111111) waits for rules: there are none for track:0");
});

Deno.test("a sink that is away needs a person while the journal has room, on a standby as well", () => {
  const over = {
    waiting: 900,
    waiting_since: NOW - 1_000,
    reasons: ["the stream is live", "kafka takes no tweets (nothing answers at broker:9092), 900 waiting"],
  };
  assertEquals(kinds(alone(over)), ["sink_away"]);
  assertMatch(only(alone(over)).what, /nothing answers at broker:9092\), 900 waiting$/);
  assertEquals(kinds(fleetOf([appOf([holder(), standby(over)])])), ["sink_away"]);
});

Deno.test("a full journal needs a person, and is told once", () => {
  const over = {
    journal_full: true,
    ready: false,
    waiting: 1_234,
    reasons: ["kafka takes no tweets (gone), 1234 waiting"],
  };
  assertEquals(kinds(alone(over)), ["journal_full"]);
  assertMatch(only(alone(over)).what, /^The journal of alpha \(11111111\) is full with 1,234 records/);
});

Deno.test("tweets that wait for more than a minute need a person, younger ones do not", () => {
  assertEquals(kinds(alone({ waiting: 1, waiting_since: NOW - 60_001 })), ["delivery_slow"]);
  assertEquals(kinds(alone({ waiting: 1, waiting_since: NOW - 60_000 })), []);
});

for (const state of ["connecting", "backing_off", "stopped"]) {
  Deno.test(`${state} for less than 60 s is a remark, from then on it needs a person`, () => {
    assertEquals(kinds(alone({ state, since: NOW - 59_999 })), ["~not_connected"]);
    assertEquals(kinds(alone({ state, since: NOW - 60_000, reason: "HTTP 503", ready: false })), ["not_connected"]);
  });
}

Deno.test("states that come and go hide no connection that is missing for long: its last sign of life tells", () => {
  const sign = { number: 1, instance: "11111111", at: NOW - 61_000, up: false, released: false };
  const flapping = appOf([holder({ state: "connecting", since: NOW - 1_000 })], { alive: [sign] });
  assertEquals(kinds(fleetOf([flapping])), ["not_connected"]);
  assertMatch(only(fleetOf([flapping])).what, /no connection for 1 min 1 s: it is connecting/);
  const ofAnother = appOf([holder({ state: "connecting", since: NOW - 1_000 })], {
    alive: [{ ...sign, instance: "22222222" }],
  });
  assertEquals(kinds(fleetOf([ofAnother])), ["~not_connected"]);
});

Deno.test("stalled, refused and out of budget need a person at once", () => {
  const since = NOW - 1_000;
  assertEquals(kinds(alone({ state: "stalled", since })), ["not_connected"]);
  assertEquals(kinds(alone({ state: "refused", since, ready: false, reason: "HTTP 401" })), ["refused"]);
  assertEquals(kinds(alone({ state: "out_of_budget", since, until: NOW + 5_000 })), ["out_of_budget"]);
  assertMatch(
    only(alone({ state: "refused", since, reason: "HTTP 401" })).what,
    /since 2026-11-24 11:59:59 UTC: HTTP 401$/,
  );
});

Deno.test("behind is a remark", () => assertEquals(kinds(alone({ state: "behind" })), ["~behind"]));

Deno.test("standbys without a live holder for more than 30 s need a person, for less it is a remark", () => {
  const dead = (at: number) => {
    const alive = [{ number: 1, instance: "11111111", at, up: true, released: false }];
    return fleetOf([appOf([standby(), holder({ at: NOW - 20_000 })], { leases: [], alive })]);
  };
  assertEquals(kinds(dead(NOW - 30_001)), ["no_holder", "~instance_gone"]);
  assertEquals(kinds(dead(NOW - 30_000)), ["~no_holder", "~instance_gone"]);
});

Deno.test("who has just come is not told for what was before it", () => {
  const alive = [{ number: 1, instance: "99999999", at: NOW - 86_400_000, up: false, released: true }];
  const started = (ms: number) => fleetOf([appOf([standby({ started_at: NOW - ms })], { alive })]);
  assertEquals(kinds(started(5_000)), ["~no_holder"]);
  assertEquals(kinds(started(31_000)), ["no_holder"]);
});

Deno.test("a lease of an instance that does not tell of itself is named where nobody else holds", () => {
  const leases = [{ number: 1, instance: "99999999", generation: 7, leftMs: 1 }];
  assertMatch(only(fleetOf([appOf([standby()], { leases })])).what, /which 99999999 has, of whom nothing is heard$/);
});

Deno.test("the lease tells who holds, whatever an older report says", () => {
  const view = fleetOf([
    appOf([holder(), standby({ state: "refused" })], {
      leases: [{ number: 1, instance: "22222222", generation: 8, leftMs: 9_000 }],
    }),
  ]);
  assertEquals(kinds(view), ["refused"]);
});

Deno.test("an app whose instances are all dead needs a person; one that was stopped in order does not", () => {
  const view = (role: "holder" | "leaving") =>
    fleetOf([appOf([holder()]), appOf([holder({ app: "bbbbbbbbbbbb", role, slots: ["geo:0"], at: NOW - 600_000 })])]);
  const dead = view("holder");
  assertEquals(kinds({ ...dead, apps: dead.apps.map((app, at) => at === 1 ? { ...app, leases: [] } : app) }), [
    "no_instance",
  ]);
  assertEquals(kinds(view("leaving")), []);
});

Deno.test("a dead instance with waiting records is stranded, until it is written off", () => {
  const gone = holder({ id: "44444444", host: "delta", at: NOW - 600_000, waiting: 12_345 });
  const fleet = (writtenOff: readonly { instance: string; at: number }[]) =>
    fleetOf([appOf([holder(), { ...gone, role: "standby" }], { writtenOff })]);
  const problem = only(fleet([]));
  assertEquals([problem.kind, problem.isRemark, problem.instance], ["stranded", false, "44444444"]);
  assertMatch(problem.what, /^12,345 records stranded on host delta \(44444444\) since 2026-11-24 11:50 UTC: /);
  assertMatch(problem.remedy, /start traptor on delta: .*`traptor verify --fleet --write-off 44444444`/);
  assertEquals(kinds(fleet([{ instance: "44444444", at: NOW - 500_000 }])), ["~instance_gone"]);
  assertEquals(kinds(fleet([{ instance: "44444444", at: NOW - 700_000 }])), ["stranded"], "it has told more since");
  assertEquals(kinds(fleet([{ instance: "55555555", at: NOW }])), ["stranded"]);
});

Deno.test("records of one that was stopped in order are stranded after a minute, which a restart may take", () => {
  const stopped = (ms: number) => fleetOf([appOf([holder(), standby({ role: "leaving", waiting: 3, at: NOW - ms })])]);
  assertEquals(kinds(stopped(60_000)), ["~stranded"]);
  assertEquals(kinds(stopped(60_001)), ["stranded"]);
});

Deno.test("an instance counts as gone after three beats that are missed", () => {
  const beaten = (ms: number) => fleetOf([appOf([holder(), standby({ at: NOW - ms })])]);
  assertEquals(kinds(beaten(15_000)), []);
  assertEquals(kinds(beaten(15_001)), ["~instance_gone"]);
});

Deno.test("no live instance at all needs a person, and what the journal says is told", () => {
  assertEquals(kinds(fleetOf([], { ruledSlots: [] })), ["no_collector"]);
  const journal = { path: "/state/journal.db", waiting: 7, gapsOpen: 1, gapMs: 61_000 };
  const local = fleetOf([], { source: "journal", ruledSlots: undefined, journal });
  assertEquals(
    only(local).what,
    "No collector runs; in the journal /state/journal.db 7 records wait, 1 gap is open, and 1 min 1 s were missed in all",
  );
});

Deno.test("slots that have rules and no live instance of any app are named, with who collected them last", () => {
  const view = (slots: string[]) =>
    fleetOf([appOf([holder({ slots })])], { ruledSlots: ["track:0", "track:1", "geo:3"] });
  assertEquals(only(view(["track:0"])).what, "track:1, geo:3 have rules, and no instance collects them");
  assertEquals(problemsOf(view(["track:*", "geo:3"])), []);
  const last = standby({ slots: ["track:1"], at: NOW - 600_000 });
  const known = fleetOf([appOf([holder(), last])], { ruledSlots: ["track:0", "track:1"] });
  assertEquals(kinds(known), ["slots_without_instance", "~instance_gone"]);
  assertMatch(
    problemsOf(known)[0]!.what,
    /^track:1 has rules, and no instance collects it; beta \(22222222\) did until 2026-11-24 11:50 UTC$/,
  );
});

Deno.test("an instance is named when none of its slots has rules; not when one has, nor where rules are in a file", () => {
  const view = (slots: string[], ruledSlots: readonly string[] | undefined) =>
    fleetOf([appOf([holder({ slots: ["track:0"] }), standby({ slots })])], { ruledSlots });
  assertEquals(kinds(view(["geo:*"], ["track:0"])), ["instance_without_rules"]);
  assertEquals(kinds(view(["geo:1", "track:0"], ["track:0"])), []);
  assertEquals(kinds(view(["geo:1"], undefined)), []);
});

Deno.test("clocks that differ by more than 2 s are named, in both directions", () => {
  assertEquals(kinds(alone({ clock_ahead: 2_000 })), []);
  assertEquals(kinds(alone({ clock_ahead: -2_000 })), []);
  assertEquals(only(alone({ clock_ahead: 2_001 })).what, "The clock of alpha (11111111) is 2 s ahead of Redis's");
  assertEquals(only(alone({ clock_ahead: -3_400 })).what, "The clock of alpha (11111111) is 3.4 s behind Redis's");
});

Deno.test("versions that differ are a remark", () => {
  const view = fleetOf([appOf([holder(), standby({ version: "3.0.1" })])]);
  assertEquals(kinds(view), ["~versions_differ"]);
  assertEquals(only(view).what, "The versions differ: 3.0.0 on alpha; 3.0.1 on beta");
  assert(isWell(problemsOf(view)));
});

Deno.test("two apps on the same slots are named once, unless both say that they are separate", () => {
  const view = (one: boolean, other: boolean, slots = ["track:*"]) =>
    fleetOf([
      appOf([holder({ separate: one }), standby({ separate: one })]),
      appOf([holder({ app: "bbbbbbbbbbbb", id: "44444444", separate: other, slots })]),
    ], { ruledSlots: ["track:0", "geo:0"] }).apps;
  const of = (apps: FleetView["apps"]) => kinds(fleetOf(apps, { ruledSlots: undefined }));
  assertEquals(of(view(false, false)), ["apps_overlap"]);
  assertEquals(of(view(true, false)), ["apps_overlap"]);
  assertEquals(of(view(true, true)), []);
  assertEquals(of(view(false, false, ["track:1"])), []);
});

Deno.test("rules that are refused, without room or drifted at the holder need a person; a standby's do not count", () => {
  const rules = { rules: 9, queries: 9, held: 4, refused: 3, unplaced: 1, drifted: 1 };
  assertEquals(
    kinds(alone({ rules, reasons: ["the stream is live", "X refuses 3 rules", "X has no room for one query"] })),
    [
      "rules_refused",
      "rules_unplaced",
      "rules_drifted",
    ],
  );
  assertEquals(kinds(fleetOf([appOf([holder(), standby({ rules })])])), []);
});

Deno.test("gaps that wait for a word of a person are named; open ones that do not are no problem", () => {
  assertEquals(kinds(alone({ gaps_open: 5 })), []);
  const problem = only(alone({ gaps_open: 5, gaps_asking: 2 }));
  assertEquals([problem.kind, problem.what], ["gaps_asking", "2 gaps of alpha (11111111) wait for a word of yours"]);
});

Deno.test("a holder that is not ready for a reason that nothing else tells needs a person", () => {
  assertEquals(kinds(alone({ ready: false, reasons: ["the journal takes no tweets: EIO"] })), ["not_ready"]);
  assertEquals(kinds(alone({ reasons: ["the stream is live", "7 dead letters"] })), ["~says"]);
});

Deno.test("a standby whose journal takes nothing needs a person", () => {
  const over = { ready: false, reasons: ["the journal takes no tweets: EIO", "standing by"] };
  assertEquals(kinds(fleetOf([appOf([holder(), standby(over)])])), ["not_ready"]);
});

Deno.test("what cannot be read is named", () => {
  const malformed = [{ place: "traptor:instances junk", reason: "it is no report of an instance" }];
  const problem = only({ ...wellFleet(), malformed });
  assertEquals(problem.what, "traptor:instances junk cannot be read: it is no report of an instance");
});

Deno.test("two holders of an app with two connections are both looked at", () => {
  const second = holder({ id: "22222222", host: "beta", lease: 2, state: "refused" });
  assertEquals(kinds(fleetOf([appOf([holder(), second])])), ["refused"]);
});

Deno.test("problems come before remarks", () => {
  const view = fleetOf([appOf([holder({ state: "behind", clock_ahead: 9_000 }), standby({ version: "4" })])]);
  assertEquals(kinds(view), ["clock_differs", "~behind", "~versions_differ"]);
});

Deno.test("nothing from outside reaches the words as it is", () => {
  const evil = UNSAFE_TEXT;
  const over = { host: evil, id: evil, version: evil, reason: evil, reasons: [evil], slots: [evil, "track:0"] };
  const dead = standby({ ...over, at: NOW - 600_000, waiting: 1 });
  const rules = { rules: 1, queries: 1, held: 0, refused: 1, unplaced: 1, drifted: 1 };
  const state = "backing_off";
  const live = holder({ ...over, rules, state, clock_ahead: 9_999, gaps_asking: 1, journal_full: true });
  const odd = holder({ ...over, app: evil, state: evil, since: 0 });
  const view = fleetOf([appOf([live, dead]), appOf([odd]), appOf([standby({ ...over, app: "c", state: evil })])], {
    ruledSlots: ["geo:1"],
    malformed: [{ place: evil, reason: evil }],
  });
  const problems = problemsOf(view);
  assert(problems.length >= 10, String(problems.length));
  for (const { remedy, what } of problems) {
    assert(!UNSAFE.test(what + remedy), what);
  }
});
