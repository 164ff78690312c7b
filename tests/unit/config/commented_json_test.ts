/** JSON with comments: what is read, and where a broken file is said to be broken. */

import { assertEquals, assertThrows } from "@std/assert";
import { parseCommentedJson } from "../../../src/config/commented_json.ts";

Deno.test("plain JSON is read as the engine reads it", () => {
  const texts = [
    '{"a": [1, -2.5e3, true, false, null, "x", {}], "b": {"c": []}}',
    '"\\u00e9\\n\\"\\\\\\/ é 🦕 \u2028"',
    "0",
    "[[[]]]",
    ' \r\n\t{"a" : 1} ',
    '{"constructor": 1, "toString": 2}',
  ];
  for (const text of texts) assertEquals(parseCommentedJson(text), JSON.parse(text), text);
});

Deno.test("comments, trailing commas and a byte order mark are passed over", () => {
  const text = `\ufeff// at the top
  {
    "a": 1, // one "quoted" // twice
    /* several
       lines, ] } */ "b": [1, 2, /* last */ ],
    "url": "http://x//y", "like a comment": "/* kept */ // kept",
  } // at the end`;
  const expected = { a: 1, b: [1, 2], url: "http://x//y", "like a comment": "/* kept */ // kept" };
  assertEquals(parseCommentedJson(text), expected);
});

Deno.test("a member named __proto__ is a member like others", () => {
  const value = parseCommentedJson('{"__proto__": {"polluted": true}}') as object;
  assertEquals(Object.keys(value), ["__proto__"]);
  assertEquals(({} as Record<string, unknown>)["polluted"], undefined);
});

const BROKEN: readonly (readonly [text: string, message: string])[] = [
  ["", "line 1, column 1: a value is missing"],
  ["// only a comment", "line 1, column 18: a value is missing"],
  ["{", 'line 1, column 2: a name in "quotes" or a } is missing'],
  ['{\n  "a": 1\n  "b": 2\n}', "line 3, column 3: a , or a } is missing"],
  ['{"a" 1}', "line 1, column 6: a : is missing"],
  ['{"a": }', "line 1, column 7: no value begins here, or it is broken"],
  ['{"a": x}', "line 1, column 7: no value begins here, or it is broken"],
  ['{"a": nullx}', "line 1, column 7: no value begins here, or it is broken"],
  ['{"a": 01}', "line 1, column 7: no value begins here, or it is broken"],
  ['{"a": 1.}', "line 1, column 7: no value begins here, or it is broken"],
  ['{"a": "x\ny"}', "line 1, column 7: no value begins here, or it is broken"],
  ['{"a": "\\x"}', "line 1, column 7: no value begins here, or it is broken"],
  ["{'a': 1}", 'line 1, column 2: a name in "quotes" or a } is missing'],
  ["{,}", 'line 1, column 2: a name in "quotes" or a } is missing'],
  ["[,]", "line 1, column 2: no value begins here, or it is broken"],
  ["[1 2]", "line 1, column 4: a , or a ] is missing"],
  ['{"a": 1} x', "line 1, column 10: something follows the value"],
  ['{"a": 1,\n "a": 2}', "line 2, column 2: a name stands here for the second time"],
  ['{"a": 1, /* no end }', "line 1, column 10: a comment that begins here does not end"],
  ["[".repeat(100_000), "line 1, column 66: it is nested deeper than 64 levels"],
];

Deno.test("a broken text is refused with line, column and reason", () => {
  for (const [text, message] of BROKEN) {
    const error = assertThrows(() => parseCommentedJson(text), SyntaxError);
    assertEquals(error.message, message, text.slice(0, 40));
  }
});

Deno.test("long comments take no longer than their length", () => {
  // These would take ages if each comment could be read in many ways.
  assertEquals(parseCommentedJson(`{"a": 1, ${"/".repeat(10_000)}\n "b": 2}`), { a: 1, b: 2 });
  assertEquals(parseCommentedJson(`{"a": 1, ${"/**/".repeat(10_000)} "b": 2}`), { a: 1, b: 2 });
  assertEquals(parseCommentedJson(`[1, ${"// a\n".repeat(10_000)}]`), [1]);
});
