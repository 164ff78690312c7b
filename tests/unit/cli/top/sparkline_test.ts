import { assertEquals } from "@std/assert";
import { sparkline } from "../../../../src/cli/top/sparkline.ts";

Deno.test("a graph ends with the newest sample, and the largest one is a whole block", () => {
  assertEquals(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8), "▁▂▃▄▅▆▇█");
  assertEquals(sparkline([9, 1, 2], 2), "▅█", "what is out of sight does not count");
  assertEquals(sparkline([2, 1], 4), "  █▅");
});

Deno.test("little is shown otherwise than nothing", () => {
  assertEquals(sparkline([0, 0.001, 1_000], 3), "▁▂█");
  assertEquals(sparkline([0, 0], 2), "▁▁");
  assertEquals(sparkline([], 3), "   ");
  assertEquals(sparkline([1], 0), "");
});
