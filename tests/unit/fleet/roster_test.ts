/** Who is there, and what is collected for whom: several instances over one roster, and a clock that is ours. */

import { assertEquals, assertRejects } from "@std/assert";
import { SettingsError, TransientError } from "../../../src/base/errors.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { standby } from "../../support/fleet_views.ts";
import { APP, beatOf, INTERVAL, ONE, OTHER_APP, pair, RosterBench, slotsOf, TWO } from "../../support/roster_bench.ts";

const GRACE = 60_000;
const DAY = 86_400_000;

Deno.test("slots of all are collected, and for a minute after their last word", async () => {
  const bench = new RosterBench();
  const one = await pair(bench);
  assertEquals([slotsOf(one), one.hasOthers], [["track:0", "track:1"], true]);
  await bench.beats(GRACE / INTERVAL, one);
  assertEquals([slotsOf(one), one.hasOthers], [["track:0", "track:1"], false]);
  await bench.beats(1, one);
  assertEquals(slotsOf(one), ["track:0"]);
});

Deno.test("slots of another app are not collected", async () => {
  const bench = new RosterBench();
  const one = bench.roster(ONE, ["track:0"]);
  await beatOf(bench.roster(TWO, ["track:1"], { app: OTHER_APP }));
  await beatOf(one);
  assertEquals([slotsOf(one), one.hasOthers, one.instances.map(({ id }) => id)], [["track:0"], false, [ONE]]);
});

Deno.test("time in which Redis does not answer takes nobody's slots away", async () => {
  const bench = new RosterBench();
  const one = await pair(bench);
  bench.redis.isAway = true;
  await bench.clock.advance(3 * GRACE);
  await assertRejects(() => beatOf(one), TransientError);
  assertEquals(slotsOf(one), ["track:0", "track:1"], "while it is away");
  bench.redis.isAway = false;
  await beatOf(one);
  assertEquals(slotsOf(one), ["track:0", "track:1"], "as soon as it is back");
  await bench.beats(GRACE / INTERVAL, one);
  assertEquals(slotsOf(one), ["track:0", "track:1"]);
  await bench.beats(1, one);
  assertEquals(slotsOf(one), ["track:0"]);
});

Deno.test("who has left is nobody at once, and its slots are collected for a minute", async () => {
  const bench = new RosterBench();
  const [one, two] = [bench.roster(ONE, ["track:0"]), bench.roster(TWO, ["track:1"])];
  await bench.beats(4, two, one);
  assertEquals([one.hasOthers, one.isAlone], [true, false]);
  await two.leave(standby({ role: "holder", lease: 1 }));
  const { lease, role } = bench.redis.told(`${APP}:${TWO}`)!;
  assertEquals([role, lease], ["leaving", 0]);
  await beatOf(one);
  assertEquals([one.hasOthers, one.isAlone, slotsOf(one)], [false, true, ["track:0", "track:1"]]);
});

Deno.test("who never came has nothing to leave", async () => {
  const bench = new RosterBench();
  await bench.roster(ONE, ["track:0"]).leave(standby());
  assertEquals(bench.redis.writes, 0);
});

Deno.test("two processes under one name are told once by each", async () => {
  const bench = new RosterBench();
  const [old, copy] = ["old", "copy"].map((process) => bench.roster(ONE, ["track:0"], { process }));
  await bench.beats(2, old!);
  await beatOf(copy!);
  assertEquals(bench.twins, [], "a start finds the word of the process before");
  await bench.beats(3, old!, copy!);
  assertEquals(bench.twins, ["old", "copy"]);
});

Deno.test("a restart is no twin", async () => {
  const bench = new RosterBench();
  await bench.beats(2, bench.roster(ONE, ["track:0"], { process: "old" }));
  await bench.beats(3, bench.roster(ONE, ["track:0"], { process: "new" }));
  assertEquals(bench.twins, []);
});

Deno.test("who collects the same for another app is refused, and takes its own word back", async () => {
  const bench = new RosterBench();
  const [first, second] = [bench.roster(ONE, ["track:0"]), bench.roster(TWO, ["track:*"], { app: OTHER_APP })];
  await beatOf(first);
  const refused = await assertRejects(() => beatOf(second), SettingsError);
  assertEquals(
    [refused.message, refused.hint],
    [
      `Cannot collect track:*: an instance on here collects the same with another token (app ${APP}). X forbids several ` +
      "apps for one use case, and takes its access away for it",
      "the same token on all machines: one reads, the others stand by. After a change of the token stop the other first. " +
      "X_SEPARATE_USE_CASES=yes if X has approved a use case of its own for each app",
    ],
  );
  assertEquals([...bench.redis.fields.keys()], [`${APP}:${ONE}`]);
  await beatOf(first);
});

for (
  const [why, slots, isSeparate, agoMs, role] of [
    ["its use case is its own", "track:0", true, 0, "holder"],
    ["it collects another slot", "track:1", false, 0, "holder"],
    ["the other one is gone", "track:0", false, 3 * INTERVAL + 1, "holder"],
    ["the other one has left", "track:0", false, 0, "leaving"],
  ] as const
) {
  Deno.test(`another app is no hindrance where ${why}`, async () => {
    const bench = new RosterBench();
    bench.dead(ONE, agoMs, { app: OTHER_APP, role, slots: ["track:0"] });
    const two = bench.roster(TWO, [slots], { isSeparate });
    await beatOf(two);
    assertEquals([two.joinedMs, bench.redis.fields.has(`${APP}:${TWO}`)], [0, true]);
  });
}

Deno.test("a guest sees the others, and writes nothing", async () => {
  const bench = new RosterBench();
  const [guest, two] = [bench.roster(ONE, ["track:0"], { isGuest: true }), bench.roster(TWO, ["track:1"])];
  await beatOf(two);
  const { writes } = bench.redis;
  await beatOf(guest);
  await guest.leave(standby());
  assertEquals([slotsOf(guest), bench.redis.writes], [["track:0", "track:1"], writes]);
  await beatOf(two);
  assertEquals([two.hasOthers, bench.twins], [false, []]);
});

Deno.test("a guest that is refused writes nothing either", async () => {
  const bench = new RosterBench();
  await beatOf(bench.roster(TWO, ["track:0"], { app: OTHER_APP }));
  const { writes } = bench.redis;
  await assertRejects(() => beatOf(bench.roster(ONE, ["track:0"], { isGuest: true })), SettingsError);
  assertEquals(bench.redis.writes, writes);
});

Deno.test("what was told long ago is forgotten, but not while records wait", async () => {
  const bench = new RosterBench();
  bench.dead("left just now", GRACE, { role: "leaving" });
  bench.dead("left", GRACE + 1, { role: "leaving" });
  bench.dead("left records", 9 * DAY, { role: "leaving", waiting: 1 });
  bench.dead("dead today", DAY);
  bench.dead("dead", DAY + 1);
  bench.dead("dead with records", 9 * DAY, { waiting: 1 });
  bench.dead("of another app", 9 * DAY, { app: OTHER_APP });
  await beatOf(bench.roster(ONE, ["track:0"]));
  assertEquals(
    [...bench.redis.fields.keys()].sort(),
    [
      ...[ONE, "dead today", "dead with records", "left just now", "left records"].map((id) => `${APP}:${id}`),
      `${OTHER_APP}:of another app`,
    ],
  );
});

Deno.test("a guest forgets nothing for the others", async () => {
  const bench = new RosterBench();
  bench.dead("dead", DAY + 1);
  await beatOf(bench.roster(ONE, ["track:0"], { isGuest: true }));
  assertEquals([bench.redis.writes, bench.redis.fields.size], [0, 1]);
});

Deno.test("times are told on Redis's clock", async () => {
  const bench = new RosterBench();
  bench.redis.aheadMs = 7_000;
  const one = bench.roster(ONE, ["track:0"]);
  const startedAt = bench.redis.now;
  await bench.clock.advance(2_000);
  const now = bench.clock.now();
  await one.beat(standby({ since: now - 100, until: 0, last_tweet_at: now - 50, waiting_since: now - 200 }));
  const told = bench.redis.told(`${APP}:${ONE}`)!;
  assertEquals([told.at, told.started_at, told.clock_ahead], [startedAt + 2_000, startedAt, 7_000]);
  assertEquals([told.since, told.until, told.last_tweet_at, told.waiting_since].map((at) => at && at - told.at), [
    ...[-100, 0, -50, -200],
  ]);
});

Deno.test("instances whose clocks differ by an hour see each other", async () => {
  const bench = new RosterBench();
  const one = bench.roster(ONE, ["track:0"]);
  const two = bench.roster(TWO, ["track:1"], { clock: new FakeClock(bench.clock.now() + 3_600_000) });
  for (const roster of [one, two, one]) await beatOf(roster);
  assertEquals([one.hasOthers, two.hasOthers], [true, true]);
  assertEquals([slotsOf(one), slotsOf(two)], [["track:0", "track:1"], ["track:0", "track:1"]]);
});
