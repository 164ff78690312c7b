import { assertEquals } from "@std/assert";
import { selectionText } from "../../../../src/cli/rules/selected_slots.ts";

Deno.test("a selection of slots is named shortly", () => {
  assertEquals(selectionText({ types: ["track"], ids: [0] }), "track:0");
  assertEquals(selectionText({ types: ["track", "geo"], ids: "all" }), "track:*, geo:*");
  assertEquals(
    selectionText({ types: ["follow"], ids: [0, 1, 2, 3, 4, 5, 6] }),
    "follow:0, follow:1, follow:2, follow:3, follow:4 and 2 more",
  );
});
