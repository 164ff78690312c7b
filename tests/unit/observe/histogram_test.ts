import { assertEquals } from "@std/assert";
import { Histogram } from "../../../src/observe/histogram.ts";

Deno.test("values are counted up to each bound, those beyond all of them in the count alone", () => {
  const histogram = new Histogram([10, 20, 50]);
  histogram.add([0, 10, 11, 20, 49, 51, 1_000]);
  assertEquals(histogram.cumulative(), [2, 4, 5]);
  assertEquals([histogram.count, histogram.sum], [7, 1_141]);
});
