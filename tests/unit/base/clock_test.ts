/** Time that runs faster. */

import { assert, assertThrows } from "@std/assert";
import { systemClock } from "../../../src/base/clock.ts";

Deno.test("clocks that run faster since the same moment tell the same time, whenever they were made", async () => {
  const since = Date.now() - 60_000;
  const first = systemClock(100, since);
  await first.sleep(5_000);
  const before = first.now();
  const second = systemClock(100, since).now();
  const after = first.now();
  // The system tells its time and what has passed of it by two clocks, which may be a millisecond apart.
  assert(before - 100 <= second && second <= after + 100, `${second} is not between ${before} and ${after}`);
  assert(before >= since + 60_000 * 100 + 4_000, `${before} is not 100 times as far from ${since}`);
});

Deno.test("time cannot stand still or run back", () => {
  for (const scale of [0, -1, NaN]) assertThrows(() => systemClock(scale), RangeError, "Cannot scale time");
});
