import { assertEquals, assertInstanceOf } from "@std/assert";
import { Silence, SilenceWatch } from "../../../src/extract/silence_watch.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const MINUTE = 60_000;

Deno.test("a minute without a word is silence, from the beginning on", async () => {
  const clock = new FakeClock();
  const { signal } = new SilenceWatch(clock);
  await clock.advance(MINUTE - 1);
  assertEquals(signal.aborted, false);
  await clock.advance(1);
  assertEquals(signal.aborted, true);
  assertInstanceOf(signal.reason, Silence);
  assertEquals([signal.reason.code, clock.pending], ["ETIMEDOUT", 0]);
});

Deno.test("whoever says something within each minute may go on for ever", async () => {
  const clock = new FakeClock();
  const watch = new SilenceWatch(clock);
  for (let round = 0; round < 100; round++) {
    await clock.advance(MINUTE - 1);
    watch.interrupt();
    watch.wait();
  }
  assertEquals(watch.signal.aborted, false);
  await clock.advance(2 * MINUTE);
  assertEquals(watch.signal.aborted, true);
});

Deno.test("what the listener does in between is no silence, however long it takes", async () => {
  const clock = new FakeClock();
  const watch = new SilenceWatch(clock);
  watch.interrupt();
  await clock.advance(60 * MINUTE);
  assertEquals(watch.signal.aborted, false);
  watch.wait();
  // Just before it is looked at: what is waited for again has its time from now on.
  await clock.advance(MINUTE);
  assertEquals(watch.signal.aborted, false);
  await clock.advance(MINUTE);
  assertEquals(watch.signal.aborted, true);
});

Deno.test("a watch that has ended leaves no timer", async () => {
  const clock = new FakeClock();
  const watch = new SilenceWatch(clock);
  watch.end();
  assertEquals(clock.pending, 0);
  await clock.advance(60 * MINUTE);
  assertEquals(watch.signal.aborted, false);
});
