import { assertEquals, assertRejects } from "@std/assert";
import { ExtractError } from "../../../src/extract/extract_error.ts";
import { linesOf, textEntries } from "../../../src/extract/lines.ts";
import { withChance } from "../../support/seeded.ts";
import { all, cuts, inShort, pieces } from "./pieces.ts";

function read(text: string, ...ends: readonly number[]): Promise<string[]> {
  return inShort(textEntries(pieces(text, ...ends), "f"));
}

Deno.test("a line is a rule; # and white space begin a comment, a hashtag is a rule", async () => {
  assertEquals(await read("# words\n\n deno  kafka \t\n#deno\n#\n#\tno\n  # no\n##\nc#"), [
    'f, line 3: {"value":"deno  kafka"}',
    'f, line 4: {"value":"#deno"}',
    'f, line 8: {"value":"##"}',
    'f, line 9: {"value":"c#"}',
  ]);
});

Deno.test("lines end with LF, CR LF or CR, and keep their numbers wherever the pieces end", async () => {
  const text = "a\r\nb\rc\n\r\n\n\rd \u00e9\r\r\ne\r";
  const expected = [
    { text: "a", number: 1 },
    { text: "b", number: 2 },
    { text: "c", number: 3 },
    { text: "d \u00e9", number: 7 },
    { text: "e", number: 9 },
  ];
  for (let first = 0; first <= text.length; first++) {
    for (let second = first; second <= text.length; second++) {
      assertEquals(await all(linesOf(pieces(text, first, second), "f")), expected, `cut at ${first} and ${second}`);
    }
  }
});

Deno.test("whatever the pieces, the lines are those of the whole text", async () => {
  await withChance(async (chance) => {
    const parts = ["a", "bc", "\r", "\n", "\r\n", " ", "#", "# ", "\u{1f600}", "\u2028"];
    for (let round = 0; round < 500; round++) {
      const text = Array.from({ length: 12 }, () => parts[Math.floor(chance() * parts.length)]).join("");
      const expected = text.split(/\r\n|\n|\r/).map((line, at) => ({ text: line.trim(), number: at + 1 }))
        .filter((line) => line.text !== "" && !/^#(\s|$)/.test(line.text));
      const ends = cuts(text, chance);
      assertEquals(await all(linesOf(pieces(text, ...ends), "f")), expected, JSON.stringify({ text, ends }));
    }
  });
});

Deno.test("a text without lines holds no rules", async () => {
  for (const text of ["", "\n\r\n", "# nothing\n#"]) assertEquals(await read(text), []);
});

Deno.test("a web page is refused as one, what only begins with < is a rule", async () => {
  const pages = ["<!DOCTYPE html>\n<p>", "\n\n  <HTML lang=en>", "<?xml version='1.0'?>", "<head>", "# c\n<body>"];
  for (const page of pages) {
    const error = await assertRejects(() => read(page), ExtractError);
    assertEquals(error.message.startsWith("Cannot read the rules in f: it is a web page (<"), true, error.message);
  }
  assertEquals(await read("<3 deno\n<html>"), ['f, line 1: {"value":"<3 deno"}', 'f, line 2: {"value":"<html>"}']);
});

Deno.test("a line that never ends is refused by its number before it fills the memory", async () => {
  async function* endless() {
    yield "a\nb\n";
    while (true) yield await Promise.resolve("x".repeat(1024 * 1024));
  }
  const error = await assertRejects(() => inShort(textEntries(endless(), "f")), ExtractError);
  assertEquals(error.message, "Cannot read the rules in f: line 3 is longer than 64 MB");
});
