import { assert, assertEquals } from "@std/assert";
import { parseQuery } from "../../../src/model/query_parser.ts";
import type { QueryNode } from "../../../src/model/query_tree.ts";

/** A tree as nested lists: `["or", "keyword:a", ["and", ...]]`, terms as `operator:value`. */
type Shape = string | readonly [string, ...Shape[]];

function shapeOf(node: QueryNode): Shape {
  if (node.kind === "not") return ["not", shapeOf(node.part)];
  if (node.kind !== "term") return [node.kind, ...node.parts.map(shapeOf)];
  const { operator, value, form, distance } = node;
  const mark = form === "quoted" && operator !== "phrase" ? '"' : form === "bracketed" ? "[" : "";
  return `${operator}:${mark}${value}${distance === undefined ? "" : `~${distance}`}`;
}

function shape(text: string): Shape {
  const { tree, complaints } = parseQuery(text);
  assertEquals(complaints, [], text);
  assert(tree, text);
  return shapeOf(tree);
}

/** `from-to what is wrong`, with columns counted from 1 and the end inclusive. */
function complaints(text: string): string[] {
  return parseQuery(text).complaints.map(({ start, end, says, level }) => {
    assertEquals(level, "fault");
    return `${start + 1}-${end} ${says}`;
  });
}

Deno.test("words side by side are joined by AND, OR joins less tightly, brackets group", () => {
  assertEquals(shape("deno"), "keyword:deno");
  assertEquals(shape("  deno\t kafka \n"), ["and", "keyword:deno", "keyword:kafka"]);
  assertEquals(shape("apple OR iphone ipad"), ["or", "keyword:apple", ["and", "keyword:iphone", "keyword:ipad"]]);
  assertEquals(shape("a b OR c d OR e"), [
    "or",
    ["and", "keyword:a", "keyword:b"],
    ["and", "keyword:c", "keyword:d"],
    "keyword:e",
  ]);
  assertEquals(shape("(a OR b) c"), ["and", ["or", "keyword:a", "keyword:b"], "keyword:c"]);
  assertEquals(shape("a(b OR c)d"), ["and", "keyword:a", ["or", "keyword:b", "keyword:c"], "keyword:d"]);
});

Deno.test("brackets that change nothing leave nothing in the tree", () => {
  assertEquals(shape("((a))"), "keyword:a");
  assertEquals(shape("(a b) c"), ["and", "keyword:a", "keyword:b", "keyword:c"]);
  assertEquals(shape("(a OR (b OR c)) OR d"), ["or", "keyword:a", "keyword:b", "keyword:c", "keyword:d"]);
});

Deno.test("a minus negates the term right behind it, and is part of a word or a value elsewhere", () => {
  assertEquals(shape('a -b -"c d" -#e -from:f'), [
    "and",
    "keyword:a",
    ["not", "keyword:b"],
    ["not", "phrase:c d"],
    ["not", "#:e"],
    ["not", "from:f"],
  ]);
  assertEquals(shape("a (-b OR c)"), ["and", "keyword:a", ["or", ["not", "keyword:b"], "keyword:c"]]);
  assertEquals(shape("url:a-b"), "url:a-b");
});

Deno.test("a phrase keeps everything between its quotes; a quote and a backslash are escaped by a backslash", () => {
  assertEquals(shape('"a (b) OR -c"'), "phrase:a (b) OR -c");
  assertEquals(shape('"Toys \\"R\\" Us"'), 'phrase:Toys "R" Us');
  assertEquals(shape('"a\\\\" b'), ["and", "phrase:a\\", "keyword:b"]);
  assertEquals(shape('"a\\b"'), "phrase:a\\b");
  assertEquals(shape('"❤️"'), "phrase:❤️");
  assertEquals(shape('"a b"~3 c'), ["and", "phrase:a b~3", "keyword:c"]);
  assertEquals(shape('a"b c"d'), ["and", "keyword:a", "phrase:b c", "keyword:d"]);
});

Deno.test("an operator is a name, a colon and its value: bare, quoted or in square brackets", () => {
  assertEquals(shape("from:nasa"), "from:nasa");
  assertEquals(shape("FROM:NASA"), "from:NASA");
  assertEquals(shape('url:"https://x.com/a?b=(c)"'), 'url:"https://x.com/a?b=(c)');
  assertEquals(shape('source:"Twitter \\"Web\\" App"'), 'source:"Twitter "Web" App');
  assertEquals(shape("bounding_box:[ -74.1 40.6  -73.8 40.9 ]"), "bounding_box:[-74.1 40.6  -73.8 40.9");
  assertEquals(shape("followers_count:100..500"), "followers_count:100..500");
  assertEquals(shape("(from:a OR from:b)"), ["or", "from:a", "from:b"]);
});

Deno.test("hashtags, mentions and cashtags are terms of their own, emoji and letters of any script words", () => {
  assertEquals(shape("#deno_land @denoland $TSLA"), ["and", "#:deno_land", "@:denoland", "$:TSLA"]);
  for (const word of ["🦖", "👩‍💻", "👍🏽", "🇩🇪", "地震", "diacrítica", "e\u0301te\u0301", "한국", "2024", "²"]) {
    assertEquals(shape(word), `keyword:${word}`);
  }
});

Deno.test("joins are joins only when they stand by themselves", () => {
  assertEquals(shape("ORacle android sensor oR"), [
    "and",
    ...["ORacle", "android", "sensor", "oR"].map((word) => `keyword:${word}`),
  ]);
  assertEquals(shape('a OR"b"'), ["or", "keyword:a", "phrase:b"]);
  assertEquals(shape("(a)OR(b)"), ["or", "keyword:a", "keyword:b"]);
  assertEquals(shape('"or" "AND"'), ["and", "phrase:or", "phrase:AND"]);
});

const WRONG: Readonly<Record<string, readonly string[]>> = {
  "": ["1-0 there is nothing in it"],
  "   ": ["1-3 there is nothing in it"],
  "a b)": ["4-4 this bracket closes nothing"],
  "a) b)": ["2-2 this bracket closes nothing", "5-5 this bracket closes nothing"],
  "a (b OR c": ["3-3 this bracket is never closed"],
  "((a)": ["1-1 this bracket is never closed"],
  "a ()": ["3-4 this group is empty"],
  "a (  )": ["3-6 this group is empty"],
  "a OR": ["3-4 nothing follows this OR"],
  "(a OR ) b": ["4-5 nothing follows this OR"],
  "OR a": ["1-2 nothing stands before this OR"],
  "(OR a) b": ["2-3 nothing stands before this OR"],
  "OR": ["1-2 nothing stands before this OR"],
  "a OR OR b": ["6-7 nothing stands before this OR"],
  "a or b": ["3-4 X takes or neither for a join nor for a word"],
  "a Or b": ["3-4 X takes Or neither for a join nor for a word"],
  "a and b": ["3-5 X takes and neither for a join nor for a word"],
  "a AND (b)": ["3-5 X takes AND neither for a join nor for a word"],
  "and": ["1-3 X takes and neither for a join nor for a word"],
  "a -": ["3-3 this minus stands by itself"],
  "- a": ["1-1 this minus stands by itself"],
  "(a -)": ["4-4 nothing follows this minus"],
  "a --b": ["3-4 a term can be negated once only"],
  "a ---b": ["3-5 a term can be negated once only"],
  "a --": ["3-4 a term can be negated once only"],
  "a -(b c)": ["3-8 a group cannot be negated"],
  "a -(b OR c)": ["3-11 a group cannot be negated"],
  "a -(b)": ["3-6 a group cannot be negated"],
  "a -(-b)": ["3-7 a group cannot be negated"],
  'say "hello': ["5-5 this quote is never closed"],
  'say "hello\\"': ["5-5 this quote is never closed"],
  '"': ["1-1 this quote is never closed", "1-1 there is nothing between the quotes"],
  'a ""': ["3-4 there is nothing between the quotes"],
  'a " "': ["3-5 there is nothing between the quotes"],
  "love ❤️": ["6-7 an emoji with a variation selector needs quotes"],
  "coca-cola": ["1-9 coca-cola has punctuation in it, which needs quotes"],
  "a don't": ["3-7 don't has punctuation in it, which needs quotes"],
  "#a-b": ["1-4 #a-b has punctuation in it, which needs quotes"],
  "climat*": ["1-7 X finds whole words only: a * stands for nothing"],
  "from: nasa": ["1-5 from: has no value"],
  "a from:": ["3-7 from: has no value"],
  'from:""': ["1-7 from: has no value"],
  "bounding_box:[]": ["1-15 bounding_box: has no value"],
  "from:(a OR b)": ["1-5 from: takes one value and no group"],
  "(from:)": ["2-6 from: has no value"],
  "bounding_box:[1 2 3 4": ["14-14 this [ is never closed"],
  "keyword:deno": ["1-12 X has no operator keyword:"],
  'phrase:"a b"': ["1-12 X has no operator phrase:"],
};

for (const [text, expected] of Object.entries(WRONG)) {
  Deno.test(`${JSON.stringify(text)}: ${expected.join("; ")}`, () => assertEquals(complaints(text), expected));
}

Deno.test("each complaint says what to write instead", () => {
  const instead = (text: string) => parseQuery(text).complaints.map((complaint) => complaint.instead);
  for (const text of Object.keys(WRONG)) for (const hint of instead(text)) assert(hint !== "", text);
  assertEquals(instead("coca-cola"), ['"coca-cola"']);
  assertEquals(instead("a ❤️"), ['"❤️"']);
  assertEquals(instead("from:(a OR b)"), ["the operator inside the group: (from:a OR from:b)"]);
  assertEquals(instead("a -(b OR c)"), ["a minus before each word: -a -b for -(a OR b)"]);
  assertEquals(instead("a or b"), ['OR in capital letters, or "or" for the word']);
});

Deno.test("several complaints come in the order in which they were found, and the rest is still read", () => {
  const { tree, complaints } = parseQuery("a or (b --c OR) d-e");
  assertEquals(complaints.map(({ says }) => says), [
    "X takes or neither for a join nor for a word",
    "a term can be negated once only",
    "nothing follows this OR",
    "d-e has punctuation in it, which needs quotes",
  ]);
  assertEquals(tree && shapeOf(tree), [
    "or",
    "keyword:a",
    ["and", "keyword:b", ["not", "keyword:c"], "keyword:d-e"],
  ]);
});

Deno.test("a part's place is that of its text with the brackets around it", () => {
  const text = " (a) b OR (c d) e OR -f OR (g OR h)";
  const { tree } = parseQuery(text);
  assert(tree?.kind === "or");
  assertEquals(tree.parts.map(({ start, end }) => text.slice(start, end)), ["(a) b", "(c d) e", "-f", "g", "h"]);
});

Deno.test("groups nested beyond what anybody writes are one complaint", () => {
  const { complaints } = parseQuery(`${"(".repeat(60)}a${")".repeat(60)}`);
  assertEquals(complaints.map(({ says, start }) => [says, start]), [["groups are nested more than 50 deep", 50]]);
  assertEquals(parseQuery(`${"(".repeat(50)}a${")".repeat(50)}`).complaints, []);
});
