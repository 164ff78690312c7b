/** Who is alone in the roster: several instances, a Redis that can be away, and a clock that is ours. */

import { assertEquals } from "@std/assert";
import { beatOf, INTERVAL, ONE, OTHER_APP, pair, RosterBench, TTL, TWO } from "../../support/roster_bench.ts";

Deno.test("nobody is alone before three intervals have passed since it came", async () => {
  const bench = new RosterBench();
  const one = bench.roster(ONE, ["track:0"]);
  assertEquals([one.joinedMs, one.isAlone], [undefined, false]);
  await beatOf(one);
  assertEquals([one.joinedMs, one.isAlone], [0, false]);
  assertEquals(await bench.beats(4, one), [false, false, true, true]);
  assertEquals(one.joinedMs, 4 * INTERVAL);
});

Deno.test("who was alone in the process before is so at once, but not after a break", async () => {
  const bench = new RosterBench();
  const one = bench.roster(ONE, ["track:0"], { wasAlone: true });
  await beatOf(one);
  assertEquals([one.isAlone, one.isAloneNow], [true, true]);
  await bench.clock.advance(2 * INTERVAL + 1);
  await beatOf(one);
  assertEquals(one.isAlone, false);
  assertEquals(await bench.beats(4, one), [false, false, true, true]);
});

Deno.test("who was alone in the process before is not at once where another one has told, however long ago", async () => {
  const bench = new RosterBench();
  bench.dead(TWO, 100 * INTERVAL);
  const one = bench.roster(ONE, ["track:0"], { wasAlone: true });
  await beatOf(one);
  assertEquals(one.isAlone, false);
  assertEquals(await bench.beats(3, one), [false, false, true]);
});

Deno.test("an instance of another app leaves one alone", async () => {
  const bench = new RosterBench();
  const [one, two] = [bench.roster(ONE, ["track:0"]), bench.roster(TWO, ["track:1"], { app: OTHER_APP })];
  await bench.beats(4, two, one);
  assertEquals([one.isAlone, one.hasOthers], [true, false]);
});

Deno.test("nobody is alone while another one tells", async () => {
  const bench = new RosterBench();
  const [one, two] = [bench.roster(ONE, ["track:0"]), bench.roster(TWO, ["track:0"])];
  assertEquals(await bench.beats(6, one, two), Array(6).fill(false));
  assertEquals(await bench.beats(5, one), [false, false, false, true, true]);
});

Deno.test("a break in the answers of Redis makes nobody alone for three intervals", async () => {
  const bench = new RosterBench();
  const one = await pair(bench);
  assertEquals((await bench.beats(4, one)).at(-1), true);
  await bench.clock.advance(INTERVAL);
  assertEquals(await bench.beats(1, one), [true], "two intervals are no break");
  await bench.clock.advance(2 * INTERVAL + 1);
  await beatOf(one);
  assertEquals(one.isAlone, false);
  assertEquals(await bench.beats(4, one), [false, false, false, true]);
});

Deno.test("who never heard of anybody is not alone either for three intervals after a break", async () => {
  const bench = new RosterBench();
  const one = bench.roster(ONE, ["track:0"]);
  assertEquals((await bench.beats(4, one)).at(-1), true);
  await bench.clock.advance(2 * INTERVAL);
  assertEquals(await bench.beats(4, one), [false, false, false, true]);
});

Deno.test("what Redis has forgotten counts for three intervals", async () => {
  const bench = new RosterBench();
  const [one, two] = [bench.roster(ONE, ["track:0"]), bench.roster(TWO, ["track:0"])];
  await bench.beats(4, one, two);
  await beatOf(one);
  bench.redis.fields.clear();
  assertEquals(await bench.beats(4, one), [false, false, false, true]);
});

Deno.test("what was seen of others is good for the time of a lease", async () => {
  const bench = new RosterBench();
  const one = bench.roster(ONE, ["track:0"]);
  await bench.beats(4, one);
  assertEquals([one.isAlone, one.isAloneNow], [true, true]);
  await bench.clock.advance(TTL - 1);
  assertEquals([one.isAlone, one.isAloneNow], [true, true]);
  await bench.clock.advance(1);
  assertEquals([one.isAlone, one.isAloneNow], [true, false]);
});
