import { assertEquals } from "@std/assert";
import { RateLimit } from "../../../src/match/rate_limit.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { track } from "./tagger_bench.ts";

Deno.test("a tweet is over the limit only if every rule that it matched is", async () => {
  const clock = new FakeClock();
  const limit = new RateLimit({ perSecond: 2, capacity: 3, clock });
  const [deno, coffee] = [track("deno"), track("coffee")];
  const burst = Array.from({ length: 4 }, () => limit.allows([deno]));
  assertEquals(burst, [true, true, true, false]);
  assertEquals(limit.allows([deno, coffee]), true);
  await clock.advance(500);
  assertEquals([limit.allows([deno]), limit.allows([deno])], [true, false]);
});

Deno.test("rules of one value share a limit, and one that is gone begins anew", () => {
  const limit = new RateLimit({ perSecond: 1, capacity: 1, clock: new FakeClock() });
  assertEquals(limit.allows([track("deno", 0)]), true);
  assertEquals(limit.allows([track("deno", 7)]), false);
  limit.keepOnly(new Set(["coffee"]));
  assertEquals(limit.allows([track("deno", 7)]), true);
});
