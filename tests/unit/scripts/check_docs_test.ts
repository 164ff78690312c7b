/**
 * Parts of documents that are made from the code.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { makeParts } from "../../../scripts/check_docs.ts";

const PARTS = [{ marker: "a", make: () => "| x |\n| - |" }, { marker: "b", make: () => "made" }];
const WHOLE = "# t\n\n<!-- a -->\n\n| x |\n| - |\n\n<!-- /a -->\n\ntext\n\n<!-- b -->\n\nmade\n\n<!-- /b -->\n";

Deno.test("a document whose parts are what the code makes is left as it is", () => {
  assertEquals(makeParts(WHOLE, PARTS), { text: WHOLE, stale: [], faults: [] });
});

Deno.test("parts that differ are named and made anew, and nothing else is touched", () => {
  const edited = WHOLE.replace("| x |", "| y |");
  assertEquals(makeParts(edited, PARTS), { text: WHOLE, stale: ["a"], faults: [] });
  const empty = "# t\n\n<!-- a -->\n<!-- /a -->\n\ntext\n\n<!-- b --><!-- /b -->\n";
  assertEquals(makeParts(empty, PARTS), { text: WHOLE, stale: ["a", "b"], faults: [] });
});

Deno.test("markers that are missing, in the wrong order or doubled are faults, and the other parts are still made", () => {
  const stale = WHOLE.replace("made", "old");
  for (
    const [document, says] of [
      [stale.replace("<!-- a -->", ""), "are missing, or not in this order"],
      [stale.replace("<!-- /a -->", ""), "are missing, or not in this order"],
      [stale.replace("<!-- a -->", "<!-- A -->").replace("<!-- /a -->", "<!-- /a --><!-- a -->"), "not in this order"],
      [`${stale}<!-- a -->`, "stand there more than once"],
    ] as const
  ) {
    const outcome = makeParts(document, PARTS);
    assertEquals([outcome.stale, outcome.faults.length], [["b"], 1], document);
    assertEquals(outcome.faults[0]?.includes(says), true, outcome.faults[0]);
  }
});
