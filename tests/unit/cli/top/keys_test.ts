import { assertEquals } from "@std/assert";
import { keysIn } from "../../../../src/cli/top/keys.ts";

Deno.test("keys are told by what a terminal sends for them, in whichever mode", () => {
  const kinds = keysIn("\u001b[A\u001bOB\u001b[C\u001b[D\u001b[5~\u001b[6~\u001b[H\u001b[4~").map(({ kind }) => kind);
  assertEquals(kinds, ["up", "down", "right", "left", "pageUp", "pageDown", "home", "end"]);
  assertEquals(keysIn("\u0003\r\u007f").map(({ kind }) => kind), ["interrupt", "enter", "backspace"]);
  assertEquals(keysIn("\u001b"), [{ kind: "escape" }]);
});

Deno.test("letters that were pasted are keys one by one, wide ones whole", () => {
  assertEquals(keysIn("q地😀"), ["q", "地", "😀"].map((character) => ({ kind: "character" as const, character })));
});

Deno.test("a sequence that means nothing is no key, and none of its letters is one", () => {
  assertEquals(keysIn("\u001b[1;5q\u001b[200~\u0001"), []);
  assertEquals(keysIn("\u001b[1;"), []);
});
