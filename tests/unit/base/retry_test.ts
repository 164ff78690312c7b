import { assertEquals, assertRejects } from "@std/assert";
import { TransientError } from "../../../src/base/errors.ts";
import { BACKOFF, Backoff, retry } from "../../../src/base/retry.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const never = { fraction: () => 0, hex: () => "" };
const most = { fraction: () => 1, hex: () => "" };

function waits(policy: keyof typeof BACKOFF, count: number, random = never): number[] {
  const backoff = new Backoff(BACKOFF[policy], random);
  return Array.from({ length: count }, () => backoff.next());
}

Deno.test("X's published schedule: 250 ms more to 16 s, 5 s doubling to 320 s, 60 s doubling", () => {
  assertEquals(waits("xNetwork", 3), [250, 500, 750]);
  assertEquals(waits("xNetwork", 100).at(-1), 16_000);
  assertEquals(waits("xHttp", 8), [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 320_000]);
  assertEquals(waits("xRateLimit", 3), [60_000, 120_000, 240_000]);
});

Deno.test("chance only ever lengthens a wait, and the wait is there after any number of failures", () => {
  assertEquals(waits("xHttp", 1, most), [5_500]);
  assertEquals(waits("sink", 2_000).at(-1), 30_000);
});

Deno.test("never less than the other side asked for; a reset starts over", () => {
  const backoff = new Backoff(BACKOFF.xRateLimit, never);
  assertEquals(backoff.next(300_000), 300_000);
  assertEquals(backoff.next(1), 120_000);
  backoff.reset();
  assertEquals(backoff.next(), 60_000);
});

Deno.test("what may heal is tried again until it succeeds; each failure is told", async () => {
  const clock = new FakeClock();
  const told: number[] = [];
  let tries = 0;
  const result = retry(() => ++tries < 4 ? Promise.reject(new TransientError("away")) : Promise.resolve("done"), {
    policy: BACKOFF.redis,
    clock,
    random: never,
    signal: new AbortController().signal,
    onFailure: (_error, waitMs) => told.push(waitMs),
  });
  await clock.advance(10_000);
  assertEquals(await result, "done");
  assertEquals(told, [250, 500, 1_000]);
});

Deno.test("anything else surfaces at once, and the signal ends a wait at once", async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const options = { policy: BACKOFF.redis, clock, random: never, signal: stop.signal };
  await assertRejects(() => retry(() => Promise.reject(new RangeError("a bug")), options), RangeError);
  const waiting = retry(() => Promise.reject(new TransientError("away")), options);
  await clock.advance(10);
  stop.abort(new Error("stopped"));
  await assertRejects(() => waiting, Error, "stopped");
  assertEquals(clock.pending, 0);
});
