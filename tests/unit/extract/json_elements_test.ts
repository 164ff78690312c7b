import { assert, assertEquals, assertRejects } from "@std/assert";
import { ExtractError } from "../../../src/extract/extract_error.ts";
import { beginsList, jsonElements } from "../../../src/extract/json_elements.ts";
import { parseJson } from "../../../src/model/json.ts";
import { withChance } from "../../support/seeded.ts";
import { mangled } from "./mangled.ts";
import { all, cuts, pieces } from "./pieces.ts";

const LISTS = [
  "[]",
  " [ ] ",
  '["a"]',
  '[1, -2.5e3, true, false, null, "", [], {}]',
  '[{"value": "a,]}[{\\"\\\\", "tag": "t"},\r\n {"value": "\\u005d\\ud83d\\ude00é"}, [["]"], {"x": {"y": [1, 2]}}]\n]\n',
  '{"rules": []}',
  '{ "rules" :\n[{"value": "a", "id": 9007199254740993}, "b"] , "meta": {"sent": "x", "all": [1]}}',
  '\n{"rules":["\\\\",[],"\\""]}\n',
];

/** The elements that a parser finds in the whole. */
function expected(text: string): unknown {
  const json = parseJson(text);
  return Array.isArray(json) ? json : (json as { rules: unknown }).rules;
}

/** As from `peeked`: how the list begins is in the first piece. */
function beginning(text: string): number {
  return /^\s*(\[|\{\s*"rules"\s*:\s*\[)/.exec(text)![0].length;
}

async function says(text: string, ...ends: readonly number[]): Promise<string> {
  const error = await assertRejects(() => all(jsonElements(pieces(text, ...ends), "f")), ExtractError, undefined, text);
  assert(error.message.startsWith("Cannot read the rules in f: "), error.message);
  return error.message.slice("Cannot read the rules in f: ".length);
}

Deno.test("the elements are those that a parser finds, wherever the text is cut into pieces", async () => {
  for (const text of LISTS) {
    for (let end = beginning(text); end <= text.length; end++) {
      assertEquals(await all(jsonElements(pieces(text, end), "f")), expected(text), `${text} cut at ${end}`);
    }
  }
});

Deno.test("every proper beginning of a list is refused, even when only its last brackets are missing", async () => {
  for (const list of LISTS) {
    const text = list.trimEnd();
    for (let end = beginning(text); end < text.length; end++) {
      assert((await says(text.slice(0, end))).length > 0);
    }
  }
});

Deno.test("what is told is the place, in lines and columns, wherever the pieces end", async () => {
  const told: [string, string][] = [
    ['[\n "a",\n {"value" "b"}\n]', 'it is no JSON, at line 3, column 11 ("b"})'],
    ['{"rules":["a",\n]}', "it is no JSON, at line 2, column 1 (]})"],
    ['["a",,"b"]', 'it is no JSON, at line 1, column 6 (,"b"])'],
    ["[,]", "it is no JSON, at line 1, column 2 (,])"],
    ['["a" "b"]', 'it is no JSON, at line 1, column 6 ("b"])'],
    ['["a"}]', "it is no JSON, at line 1, column 5 (}])"],
    ['["a"]x', "something else follows its list, at line 1, column 6 (x)"],
    ['["a"]\n["b"]', 'something else follows its list, at line 2, column 1 (["b"])'],
    ['["a"', "it ends in the middle of a list, at line 1, column 5"],
    ['["a",\n', "it ends in the middle of a list, at line 2, column 1"],
    ['{"rules":["a"]', "it ends in the middle of an object, at line 1, column 15"],
    ['{"rules":["a"]}}', "something else follows its list, at line 1, column 15 (}})"],
    ['{"rules":["a"],"rules":["b"]}', 'its rules are there twice, at line 1, column 15 (,"rules":["b"]})'],
    ['{"rules":["a"],"x"}', 'something else follows its list, at line 1, column 15 (,"x"})'],
  ];
  for (const [text, words] of told) {
    assertEquals(await says(text), words);
    // What is quoted may be cut off, the place is the same.
    const placed = words.replace(/ \(.*/, "");
    for (let end = beginning(text); end < text.length; end++) {
      assertEquals((await says(text, end)).replace(/ \(.*/, ""), placed, `cut at ${end}`);
    }
  }
});

Deno.test("an element that never ends is refused before it fills the memory", async () => {
  async function* endless() {
    yield '["a",\n"b';
    while (true) yield await Promise.resolve("x".repeat(1024 * 1024));
  }
  const found: unknown[] = [];
  const error = await assertRejects(async () => {
    for await (const element of jsonElements(endless(), "f")) found.push(element);
  }, ExtractError);
  assert(error.message.startsWith("Cannot read the rules in f: an element is longer than 16 MB, at line 2, column 1"));
  assertEquals(found, ["a"]);
});

Deno.test("a list is known by how it begins", () => {
  for (const text of LISTS) assert(beginsList(text), text);
  for (const text of ["", "{", '{"rules"', '{"rules": {', '{"rule": [', '{"a":1,"rules":[', '"["', "x["]) {
    assertEquals(beginsList(text), false, text);
  }
});

Deno.test("mangled lists in any pieces are taken as a parser takes them, or refused", async () => {
  await withChance(async (chance) => {
    let taken = 0;
    for (let round = 0; round < 4_000; round++) {
      const text = mangled(LISTS[Math.floor(chance() * LISTS.length)]!, chance);
      if (!beginsList(text)) continue;
      const ends = cuts(text, chance).filter((end) => end >= beginning(text));
      const label = JSON.stringify({ text, ends });
      let whole: unknown;
      try {
        whole = expected(text);
      } catch {
        assert((await says(text, ...ends)).length > 0, label);
        continue;
      }
      assertEquals(await all(jsonElements(pieces(text, ...ends), "f")), whole, label);
      taken++;
    }
    assert(taken > 50, `only ${taken} were taken`);
  });
});
