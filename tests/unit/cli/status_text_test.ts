import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { FleetView } from "../../../src/cli/status/fleet_view.ts";
import { problemsOf } from "../../../src/cli/status/problems.ts";
import { statusText } from "../../../src/cli/status/text.ts";
import { slotsShown, wrapped } from "../../../src/cli/status/words.ts";
import { widthOf } from "../../../src/cli/terminal.ts";
import { APP, appOf, fleetOf, holder, NOW, standby, wellFleet } from "../../support/fleet_views.ts";

// deno-lint-ignore no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/;

function textOf(view: FleetView, width?: number): string {
  return statusText(view, problemsOf(view), width);
}

Deno.test("a fleet in order is told in one screen", () => {
  assertEquals(
    textOf(wellFleet()),
    `All is well; Redis here:6379, 2026-11-24 12:00 UTC

app aaaaaaaaaaaa
  slots    track:0
  holder   alpha (11111111), live for 1 h 0 min
  rules    120 rules in 34 queries, 34 held
  tweets   12.3 a second now, 10.8 in the last hour; the last one 2 s ago
  connects 44 left in these 15 minutes
  standbys beta (22222222), gamma (33333333)
  journals nothing waits; delivered within 42 ms
  gaps     0 open; 0 s in all
  versions 3.0.0

slot     rules  app           holder  standbys  state
track:0  yes    aaaaaaaaaaaa  alpha   2         live
`,
  );
});

Deno.test("a dead holder: problems first, each with what to do", () => {
  const dead = holder({ at: NOW - 600_000, waiting: 12_345, waiting_bytes: 20_000_000, waiting_since: NOW - 900_000 });
  const waiting = standby({ reason: "Redis grants nothing before 12:00:04" });
  assertEquals(
    textOf(fleetOf([appOf([dead, waiting], { leases: [], alive: [] })])),
    `2 problems need a person; Redis here:6379, 2026-11-24 12:00 UTC

! No live instance holds the connection of app aaaaaaaaaaaa for 2 h 0 min.
  Try: the log of traptor on beta: it says why it does not take over

! 12,345 records stranded on host alpha (11111111) since 2026-11-24 11:50 UTC:
  nothing is heard of it, and they wait in its journal.
  Try: start traptor on alpha: it delivers them. If that machine is lost:
       \`traptor verify --fleet --write-off 11111111\`

app aaaaaaaaaaaa
  slots    track:0
  holder   nobody
  standbys beta (22222222): Redis grants nothing before 12:00:04
  gone     alpha (11111111) since 2026-11-24 11:50 UTC, 12,345 waiting
  journals nothing waits; delivered within 42 ms
  gaps     0 open; 0 s in all
  versions 3.0.0

slot     rules  app           holder  standbys  state
track:0  yes    aaaaaaaaaaaa  nobody  1         -
`,
  );
});

Deno.test("rules, backlog, lag and gaps that are not as they should be are told in the app's lines", () => {
  const rules = { rules: 1_200, queries: 340, held: 330, refused: 3, unplaced: 2, drifted: 1 };
  const late = { waiting: 900, waiting_bytes: 1_500, waiting_since: NOW - 120_000, delivery_ms: 2_345 };
  const text = textOf(fleetOf([
    appOf([
      holder({ rules, gaps_open: 4, gaps_asking: 2, gap_ms: 61_000, last_tweet_at: 0, rate_now: 1_234.5 }),
      standby(late),
    ], {
      gapsKnown: 9,
    }),
  ]));
  assertStringIncludes(
    text,
    "1,200 rules in 340 queries, 330 held, 3 refused, 2 without room, 1\n           drifted\n",
  );
  assertStringIncludes(text, "tweets   1,235 a second now, 10.8 in the last hour; none yet\n");
  assertMatch(text, /journals 900 waiting on beta \(2 KB, the oldest for 2 min 0 s\); delivered\s+within 2\.3 s\n/);
  assertMatch(
    text,
    /gaps {5}4 open, of which 2 wait for a word of yours; 9 in the register of the\s+fleet; 1 min 1 s in all\n/,
  );
});

Deno.test("ten slots of two apps have a line each, with nobody where nobody collects", () => {
  const ten = Array.from({ length: 10 }, (_, id) => `track:${id}`);
  const other = holder({ app: "bbbbbbbbbbbb", id: "44444444", host: "delta", slots: ["geo:*"], state: "backing_off" });
  const text = textOf(
    fleetOf([appOf([holder({ slots: ten })]), appOf([other])], { ruledSlots: [...ten, "geo:4", "query:0"] }),
  );
  assertStringIncludes(text, "  slots    track:0-9\n");
  assertStringIncludes(text, "\ntrack:9  yes    aaaaaaaaaaaa  alpha   0         live\n");
  assertStringIncludes(text, "\ngeo:4    yes    bbbbbbbbbbbb  delta   0         backing off\n");
  assertStringIncludes(text, "\nquery:0  yes    -             nobody  0         -\n");
  assertEquals(text.split("\n").filter((line) => /^(track|geo|query):\d/.test(line)).length, 12);
});

Deno.test("very many slots: the first forty have a line, and the text says so", () => {
  const slots = Array.from({ length: 100 }, (_, id) => `track:${id}`);
  const text = textOf(fleetOf([appOf([holder({ slots })])], { ruledSlots: slots }));
  assertStringIncludes(text, "\n60 more slots; --json has them\n");
});

Deno.test("one machine without Redis: no word about rules in Redis", () => {
  const view = fleetOf([appOf([holder()], { leases: [] })], {
    source: "collector",
    place: "http://127.0.0.1:9464/status",
    ruledSlots: undefined,
  });
  const text = textOf(view);
  assertMatch(text, /^All is well; http:\/\/127\.0\.0\.1:9464\/status, /);
  assertStringIncludes(text, "\ntrack:0  file   aaaaaaaaaaaa  alpha   0         live\n");
});

Deno.test("no line is wider than the terminal, whatever the names, and none has a control character", () => {
  const name = "\u001b[31m" + "機".repeat(60) + "x".repeat(300);
  const evil = {
    host: name,
    id: name,
    version: name,
    reason: name,
    state: name,
    slots: [name, "track:0"],
    reasons: [name],
  };
  const view = fleetOf([
    appOf([
      holder({ ...evil, clock_ahead: 9_999, gaps_asking: 1 }),
      standby(evil),
      standby({ ...evil, at: 1, waiting: 3 }),
    ]),
    appOf([holder({ ...evil, app: name })]),
  ], { place: name, malformed: [{ place: name, reason: name }] });
  for (const width of [40, 80, 132]) {
    for (const line of textOf(view, width).trimEnd().split("\n")) {
      assert(widthOf(line) <= width, `${width}: ${widthOf(line)}: ${line}`);
      assert(!CONTROLS.test(line), line);
    }
  }
});

Deno.test("what is to be copied is not broken at its spaces", () => {
  assertEquals(wrapped("say `one two three` now", 15, "> ", "  "), [
    "> say",
    "  `one two thre",
    "  e` now",
  ]);
  assertEquals(wrapped("say `one two` now", 12, "> ", "  "), ["> say", "  `one two`", "  now"]);
  assertEquals(wrapped("", 12, "> ", "  "), ["> "]);
});

Deno.test("slots in a row are told as one", () => {
  assertEquals(
    slotsShown(["track:1", "track:0", "track:2", "geo:7", "track:9", "track:0"]),
    "track:0-2, track:9, geo:7",
  );
  assertEquals(slotsShown(["track:*", "follow:0"]), "track:*, follow:0");
});

Deno.test("an app is named by what it is called, though that is no app's name", () => {
  assertStringIncludes(textOf(fleetOf([appOf([holder({ app: APP.slice(0, 3) })])])), "\napp aaa\n");
});
