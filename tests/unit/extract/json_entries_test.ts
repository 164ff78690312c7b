import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Entry } from "../../../src/extract/entry.ts";
import { ExtractError } from "../../../src/extract/extract_error.ts";
import { jsonEntries } from "../../../src/extract/json_entries.ts";
import { withChance } from "../../support/seeded.ts";
import { mangled } from "./mangled.ts";
import { all, cuts, inShort, pieces } from "./pieces.ts";

function read(text: string, ...ends: readonly number[]): Promise<string[]> {
  return inShort(jsonEntries(pieces(text, ...ends), "f"));
}

async function says(text: string): Promise<string> {
  const { message } = await assertRejects(() => read(text), ExtractError, "Cannot read the rules in f: ", text);
  return message.slice("Cannot read the rules in f: ".length);
}

/** The entries of a text, or undefined when it is refused as a whole. */
async function entriesOf(text: string, ...ends: readonly number[]): Promise<Entry[] | undefined> {
  try {
    return await all(jsonEntries(pieces(text, ...ends), "f"));
  } catch (error) {
    if (error instanceof ExtractError) return undefined;
    throw new Error(JSON.stringify({ text, ends }), { cause: error });
  }
}

const RULES = '[{"value":"a","tag":"t","type":"follow","id":3,"rule_id":"17"},"b",{"value":"c","x":{"y":[1]}}]';
const READ = ['{"value":"a","tag":"t","type":"follow","id":3,"rule_id":"17"} follow:3', '{"value":"b"}'];

Deno.test("a list, an object with rules, and a detail are the same rules", async () => {
  const expected = [...READ, '{"value":"c","x":{"y":[1]}}'].map((rule, at) => `f, rule ${at + 1}: ${rule}`);
  const shapes = [
    RULES,
    JSON.stringify(JSON.parse(RULES), null, 2),
    `{"rules":${RULES}}`,
    `\n{ "rules" :\n ${RULES}, "meta": {} }\n`,
    `{\n"meta": {"sent": "x"},\n"rules": ${RULES}}`,
    `{"meta": {"sent": "x"}\n,"rules": [\n ${RULES.slice(1)}}`,
    `{"meta":{"sent":"x"},"rules":${RULES}}`,
    `{\n"detail": ${RULES}\n}`,
  ];
  for (const text of shapes) assertEquals(await read(text), expected, text);
});

Deno.test("JSON lines: a rule a line; a broken line costs no other", async () => {
  const text = '{"value":"a"}\r\n# words\n\n{"value" "b"}\n"c"\n7\n["d"]\n{"tag":"t"}\n{"value":"e"';
  assertEquals(await read(text), [
    'f, line 1: {"value":"a"}',
    "f, line 4 refused: it is no JSON at column 10",
    'f, line 5: {"value":"c"}',
    "f, line 6 refused: it is neither a value nor a JSON object",
    "f, line 7 refused: it is neither a value nor a JSON object",
    'f, line 8: {"tag":"t"}',
    "f, line 9 refused: it ends in the middle",
  ]);
  assertEquals(await read('{"value":"a"\n{"value":"b"}'), [
    "f, line 1 refused: it ends in the middle",
    'f, line 2: {"value":"b"}',
  ]);
});

Deno.test("an object alone is a rule, on one line or on several", async () => {
  assertEquals(await read('{"value":"a"}'), ['f, line 1: {"value":"a"}']);
  assertEquals(await read('{\n  "value": "a"\n}\n'), ['f: {"value":"a"}']);
});

Deno.test("a type or a slot that is none is refused with its rule, the names of the Python program are known", async () => {
  const types = ["track", "follow", "geo", "locations", "query", "username", "", 7];
  assertEquals(await read(JSON.stringify(types.map((type) => ({ value: "a", type })))), [
    'f, rule 1: {"value":"a","type":"track"} track',
    'f, rule 2: {"value":"a","type":"follow"} follow',
    'f, rule 3: {"value":"a","type":"geo"} geo',
    'f, rule 4: {"value":"a","type":"locations"} geo',
    'f, rule 5: {"value":"a","type":"query"} query',
    "f, rule 6 refused: its type is none of track, follow, geo, query",
    "f, rule 7 refused: its type is none of track, follow, geo, query",
    "f, rule 8 refused: its type is none of track, follow, geo, query",
  ]);
  const ids = [0, "12", 9999, 10_000, -1, 1.5, "x", "9007199254740993", null];
  assertEquals(
    (await read(JSON.stringify(ids.map((id) => ({ value: "a", id }))))).map((line) =>
      line.replace(/^f, rule \d:? /, "")
    ),
    [
      '{"value":"a","id":0} :0',
      '{"value":"a","id":"12"} :12',
      '{"value":"a","id":9999} :9999',
      ...Array(6).fill("refused: its id, the slot's number, is no number from 0 to 9999"),
    ],
  );
});

Deno.test("a number is the one that stands there, digit for digit, or its rule is refused by name", async () => {
  for (const id of ["9007199254740993", "1128017341835464704", "18446744073709551615", "-9007199254740993"]) {
    for (const text of [`[{"value":${id},"account":{"ids":[${id}]}}]`, `{"value":${id},"account":{"ids":[${id}]}}`]) {
      const [entry] = await all(jsonEntries(pieces(text), "f"));
      assertEquals(entry?.kind === "rule" && entry.fields, { value: id, account: { ids: [id] } });
    }
  }
  const inexact = ["1e400", "-1e400", "1.5e20", "1.128017341835464704e18", "9007199254740993.0"];
  for (const number of inexact) {
    for (const [member, name] of [[`"id":${number}`, "id"], [`"a":{"b":[{"c":${number}}]}`, "a"]] as const) {
      assertEquals(await read(`[{"value":"v",${member}},"b"]`), [
        `f, rule 1 refused: its ${name} is a number that cannot be kept exactly, in quotes it can`,
        'f, rule 2: {"value":"b"}',
      ]);
    }
    assertEquals(await read(`[{"value":${number}}]`), [
      "f, rule 1 refused: its value is a number that cannot be kept exactly, in quotes it can",
    ]);
  }
  assertEquals(await read('[{"value":"v","weight":0.25,"count":9007199254740991,"big":"1e400"}]'), [
    'f, rule 1: {"value":"v","weight":0.25,"count":9007199254740991,"big":"1e400"}',
  ]);
});

Deno.test("cut off at any byte a list is refused or holds no rule, it is never taken for a shorter one", async () => {
  const shapes = [
    RULES,
    JSON.stringify(JSON.parse(RULES), null, 2),
    `{"rules":${RULES}}`,
    `{\n "meta": 1,\n "rules": ${RULES}\n}`,
    `{"meta": 1\n, "rules": [\n"b",\n{"value":"c"}\n]}`,
    `{"meta": 1, "rules": [\n {"value":"c"},\n{"value":"d é"}\n]}`,
    `{"rules":["\u{1f600}é"]}`,
  ];
  for (const text of shapes) {
    const bytes = new TextEncoder().encode(text);
    for (let end = 0; end < bytes.length; end++) {
      const cut = new TextDecoder().decode(bytes.subarray(0, end));
      const entries = await entriesOf(cut) ?? [];
      assertEquals(entries.filter(({ kind }) => kind === "rule"), [], cut);
    }
  }
});

Deno.test("JSON lines cut off at any byte lose only what is cut off, and say so", async () => {
  const text = '{"value":"a"}\n{"value":"é\u{1f600}","tag":"t"}\n{"value":"c"}';
  const whole = await read(text);
  for (let end = 1; end < text.length; end++) {
    const cut = text.slice(0, end);
    const found = await read(cut);
    const isWithin = !["}", "\n"].includes(cut.at(-1)!);
    assertEquals(found.at(-1)!.endsWith("refused: it ends in the middle"), isWithin, cut);
    assertEquals(isWithin ? found.slice(0, -1) : found, whole.slice(0, found.length - Number(isWithin)), cut);
  }
});

Deno.test("what is no JSON is refused as a whole, with what it may be instead", async () => {
  assertEquals(await says("deno\nkafka"), "it is no JSON (deno)");
  assertEquals(await says('"a"'), 'it is no JSON ("a")');
  assert((await says("<!DOCTYPE html>\n<html>")).startsWith("it is a web page"));
  assertEquals(await says('{\n"a": 1,\n"rules": ['), "it ends in the middle of an object, at line 3, column 11");
  assertEquals(await says('{\n"a" 1\n}'), "it is no JSON, at line 2, column 5 (1)");
  assertEquals(await says('["a"'), "it ends in the middle of a list, at line 1, column 5");
  for (const empty of ["", " \n\r\n"]) assertEquals(await read(empty), []);
});

Deno.test("a first line longer than what is looked at is a line like others", async () => {
  // Cut off behind a comma, as if an object went on in the next line.
  const long = `{"tags":[${"1,".repeat(40_000)}1],"value":"a"}`;
  const ends = [long.indexOf("1,", 65_536) + 2];
  const entries = await all(jsonEntries(pieces(`${long}\n{"value":"b"}`, ...ends), "f"));
  assertEquals(entries.map(({ where }) => where), ["f, line 1", "f, line 2"]);
});

Deno.test("whatever stands in a file, in any pieces it is read or refused in the one way", async () => {
  const lines = '{"value":"a"}\n{"value":"b","id":7}\n# c\n{"value":"d","type":"geo"}\n';
  const samples = [RULES, `{"rules":${RULES}}`, `{\n"a": 1,\n"rules": ${RULES}}`, lines];
  await withChance(async (chance) => {
    for (let round = 0; round < 3_000; round++) {
      const text = mangled(samples[Math.floor(chance() * samples.length)]!, chance);
      const ends = cuts(text, chance);
      assertEquals(await entriesOf(text, ...ends), await entriesOf(text), JSON.stringify({ text, ends }));
    }
  });
});
