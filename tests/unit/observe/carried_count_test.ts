/** A count that several processes carry on, one after the other. */

import { assertEquals } from "@std/assert";
import { CarriedCount } from "../../../src/observe/carried_count.ts";

function counting(times: number, count = new CarriedCount()): CarriedCount {
  for (let time = 0; time < times; time++) count.count();
  return count;
}

Deno.test("a count goes on from what is stored, whether it was read before or after counting began", () => {
  const count = counting(3);
  count.carryOn(100);
  assertEquals(counting(2, count).total, 105);
  assertEquals(count.send(), 105);
  count.arrived();
  // Another holder counted seven more.
  counting(4, count).carryOn(112);
  assertEquals(count.total, 116);
});

Deno.test("what was counted while it was being written is not lost", () => {
  const count = counting(3);
  count.send();
  counting(2, count);
  count.arrived();
  count.carryOn(3);
  assertEquals(count.total, 5);
});

Deno.test("a write whose answer was lost counts once, whether it arrived or not", () => {
  for (const stored of [100, 103]) {
    const count = counting(3);
    count.carryOn(100);
    count.send();
    counting(2, count).carryOn(stored);
    assertEquals(count.total, 105, `where ${stored} are stored`);
    count.send();
    count.arrived();
    count.carryOn(105);
    assertEquals(count.total, 105);
  }
});

Deno.test("a store that has forgotten is told all again", () => {
  const count = counting(3);
  count.carryOn(100);
  count.send();
  count.arrived();
  counting(2, count).carryOn(0);
  assertEquals(count.send(), 105);
});
