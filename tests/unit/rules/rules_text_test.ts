import { assert, assertEquals, assertThrows } from "@std/assert";
import { collectionRule } from "../../../src/model/rule.ts";
import { readRulesText } from "../../../src/rules/rules_text.ts";
import { RulesFileError } from "../../../src/rules/rule_store.ts";
import { seeded, seedOfRun } from "../../support/seeded.ts";

const SLOT = { type: "track", id: 0 } as const;

function read(text: string) {
  return readRulesText(text, "rules", SLOT);
}

/** `track:0 deno` for each rule. */
function inShort(text: string): string[] {
  return read(text).rules.map(({ slot, value }) => `${slot.type}:${slot.id} ${value}`);
}

function faults(text: string): string[] {
  return read(text).faults.map(({ where, reason }) => `${where}: ${reason}`);
}

function refusal(text: string): string {
  return assertThrows(() => read(text), RulesFileError).message.replace("Cannot read the rules in rules: ", "");
}

Deno.test("plain text: a value a line, comments begin with # and a space, hashtags are rules", () => {
  assertEquals(inShort("# words\n\n  deno  \n#deno\n#\n# \n\tclimate change\r\nlast"), [
    "track:0 deno",
    "track:0 #deno",
    "track:0 climate change",
    "track:0 last",
  ]);
  assertEquals(faults("deno\nbun"), []);
});

Deno.test("plain text may have objects among its lines", () => {
  const text = 'deno\n{"type": "locations", "id": 3, "value": "1,2,3,4"}\n{"value": \n';
  assertEquals(inShort(text), ["track:0 deno", "geo:3 1,2,3,4"]);
  assertEquals(faults(text), ["rules, line 3: it is no JSON object"]);
});

Deno.test("JSON: an array, an object with rules, a single rule", () => {
  const text = '[{"type":"follow","id":"7","value":12,"tag":"t"}, "deno", {"value":"bun"}]';
  assertEquals(inShort(text), ["follow:7 12", "track:0 deno", "track:0 bun"]);
  assertEquals(inShort(`{"rules": ${text}}`), ["follow:7 12", "track:0 deno", "track:0 bun"]);
  assertEquals(inShort(JSON.stringify({ rules: JSON.parse(text) }, null, 2)).length, 3);
  assertEquals(inShort('{"value": "deno"}'), ["track:0 deno"]);
  assertEquals(inShort('{\n  "value": "deno",\n  "tag": "t"\n}'), ["track:0 deno"]);
  assertEquals(inShort("[]"), []);
});

Deno.test("JSON: ids beyond what a number holds stay exact", () => {
  const { rules } = read('[{"rule_id": 1790000000000000001, "value": 9007199254740993, "n": 9007199254740993}]');
  const { rule_id, value, n } = collectionRule(rules[0]!);
  assertEquals([rule_id, value, n], ["1790000000000000001", "9007199254740993", "9007199254740993"]);
});

Deno.test("JSON: an entry that cannot be used is named, and the others are used", () => {
  const text = '["deno", {}, 7, null, {"value": "x", "type": "fish"}, {"value": "x", "id": 10000}, "bun"]';
  assertEquals(inShort(text), ["track:0 deno", "track:0 bun"]);
  assertEquals(faults(text), [
    "rules, rule 2: it has no value",
    "rules, rule 3: it is neither a value nor a JSON object",
    "rules, rule 4: it is neither a value nor a JSON object",
    "rules, rule 5: its type is none of track, follow, geo, query",
    "rules, rule 6: its id, the slot's number, is no number from 0 to 9999",
  ]);
});

Deno.test("JSON lines: the broken seventh line is named, and the others are used", () => {
  const lines = Array.from({ length: 10 }, (_, at) => `{"value": "word${at}"}`);
  for (const broken of ['{"value": "word6"', "not JSON", '{"value": "a"} {"value": "b"}', '"word6"']) {
    lines[6] = broken;
    assertEquals(inShort(lines.join("\n")).length, 9);
    assertEquals(faults(lines.join("\r\n")), ["rules, line 7: it is no JSON object"]);
  }
});

Deno.test("JSON lines: a broken first line is named too", () => {
  assertEquals(faults('{"value": "a"\n{"value": "b"}'), ["rules, line 1: it is no JSON object"]);
  assertEquals(inShort('# comment\n{"value": "a"\n{"value": "b"}'), ["track:0 b"]);
});

Deno.test("JSON that is broken as a whole is refused with its place, and never taken for lines of values", () => {
  assertEquals(refusal('[{"value": "a"},\n {"value" "b"}]'), 'it is no JSON at line 2, column 11 ("b"}])');
  assertEquals(refusal('["a",\n "b",\n]'), "it is no JSON at line 3, column 1 (])");
  assertEquals(refusal('["a",\n "b"'), "it is no JSON at line 2, column 5");
  assertEquals(
    refusal('{\n  "rules": [\n    {"value": "a"},\n    {"value": "b"}\n  ]\n'),
    "it is no JSON at line 6, column 1",
  );
  assertEquals(refusal('{"rules": [\n"a" "b"]}'), 'it is no JSON at line 2, column 5 ("b"]})');
  assertEquals(refusal('{"rules": "deno"}'), "it holds no list of rules");
  assertEquals(refusal("[".repeat(100_000)).startsWith("it is no JSON at line 1, column 100001"), true);
});

Deno.test("a text of nothing, or of comments alone, holds no rules", () => {
  for (const text of ["", "\n", " \r\n\t", "# nothing yet\n"]) assertEquals(read(text), { rules: [], faults: [] });
});

Deno.test("whatever a text holds, it is read or refused in the one way", () => {
  const seed = seedOfRun();
  const chance = seeded(seed);
  const whole = JSON.stringify(
    { rules: [{ value: "deno", tag: "t", id: 3 }, "#a", { type: "geo", value: "1,2" }] },
    null,
    1,
  );
  const samples = [whole, JSON.stringify(JSON.parse(whole)), JSON.stringify(JSON.parse(whole).rules)];
  samples.push('{"value": "a"}\n{"value": "b", "rule_id": 12345678901234567890}\n', "# c\ndeno\n#tag\n\u202eabc\n");
  for (let round = 0; round < 2_000; round++) {
    const text = mangled(samples[Math.floor(chance() * samples.length)]!, chance);
    try {
      const { rules, faults } = read(text);
      assert(rules.every(({ value, slot }) => value !== "" && slot.id >= 0) && faults.every(({ reason }) => reason));
    } catch (error) {
      const says = `seed ${seed}, round ${round} (TEST_SEED=${seed} plays it again): ${JSON.stringify(text)}`;
      if (!(error instanceof RulesFileError)) throw new Error(says, { cause: error });
    }
  }
});

/** The text with a few pieces cut, doubled, swapped for others, or mixed with hostile ones. */
function mangled(text: string, chance: () => number): string {
  const hostile = [
    "{",
    "}",
    "[",
    "]",
    '"',
    "\\",
    ",",
    ":",
    "\n",
    "\r",
    "\ufeff",
    "\u2028",
    "\ud800",
    "__proto__",
    "\0",
  ];
  let out = text;
  for (let cuts = Math.floor(chance() * 6); cuts >= 0; cuts--) {
    const from = Math.floor(chance() * out.length);
    const piece = out.slice(from, from + Math.floor(chance() * 12));
    const put = [piece + piece, "", hostile[Math.floor(chance() * hostile.length)]!][Math.floor(chance() * 3)]!;
    out = out.slice(0, from) + put + out.slice(from + piece.length);
  }
  return out;
}
