import { assertEquals, assertNotEquals } from "@std/assert";
import { normalValue } from "../../../src/model/normal_value.ts";
import { queriesOf } from "../../../src/model/query.ts";
import { RuleFault } from "../../../src/model/rule.ts";
import { RULE_TYPES, type RuleType } from "../../../src/model/slot.ts";
import { withChance } from "../../support/seeded.ts";
import { pick } from "./generated_trees.ts";
import { hostileText, longTexts } from "./hostile_texts.ts";

const SAME: readonly (readonly [RuleType, ...string[]])[] = [
  ["track", "deno kafka", "Kafka  DENO", " kafka\tdeno "],
  ["track", "tea, green coffee", "coffee green,TEA", "tea,,green coffee,"],
  ["track", '"Green Tea" now', '"green  tea"  NOW'],
  ["follow", "@NASA", "nasa", " Nasa "],
  ["geo", "-74.1,40.6,-73.8,40.9", "-74.10 40.60 -73.80 40.90", " -74.1, 40.6, -73.8, +40.9 "],
  ["query", "(deno)   (kafka OR  (rust))", "deno (kafka OR rust)"],
];

for (const [type, first, ...others] of SAME) {
  Deno.test(`${type} ${first} means the same as ${others.join(" and ")}`, () => {
    for (const other of others) assertEquals(normalValue(type, other), normalValue(type, first!));
  });
}

const DIFFERENT: readonly (readonly [RuleType, string, string])[] = [
  ["track", "deno kafka", "deno,kafka"],
  ["track", '"deno kafka"', "deno kafka"],
  ["track", '"deno kafka"', '"kafka deno"'],
  ["track", "#deno", "deno"],
  ["follow", "12", "012"],
  ["geo", "1,2,3,4", "2,1,3,4"],
  ["query", "deno kafka OR rust", "deno (kafka OR rust)"],
  ["query", "keyword:deno", "deno"],
  ["query", 'keyword:"a b"', "a b"],
  ["query", "-(-deno)", "deno"],
];

for (const [type, one, other] of DIFFERENT) {
  Deno.test(`${type} ${one} means something else than ${other}`, () => {
    assertNotEquals(normalValue(type, one), normalValue(type, other));
  });
}

/** What X would be asked for, whatever the order and the case. */
function asked(type: RuleType, value: string): string[] {
  try {
    const queries = queriesOf({ ruleId: "1", slot: { type, id: 0 }, value, tag: null, extra: {} });
    const alternatives = queries.flatMap((query) => query.toLowerCase().split(" or "));
    return [...new Set(alternatives.map((words) => type === "track" ? words.split(" ").sort().join(" ") : words))]
      .sort();
  } catch (error) {
    if (error instanceof RuleFault) return [];
    throw error;
  }
}

Deno.test("values that are equal in their normal form ask X for the same", async () => {
  const pieces = ["deno", "Deno", "kafka", " ", "  ", ",", '"', "#", "@", "-", "1", "2.0", "\\", "OR", "\n", "٣"];
  await withChance((chance) => {
    for (const type of ["track", "follow", "geo"] as const) {
      const seen = new Map<string, string>();
      let same = 0;
      for (let round = 0; round < 5_000; round++) {
        const value = Array.from({ length: 1 + Math.floor(chance() * 6) }, () => pick(pieces, chance)).join("");
        const normal = normalValue(type, value);
        const earlier = seen.get(normal);
        if (earlier === undefined) seen.set(normal, value);
        else if (earlier !== value) {
          same++;
          assertEquals(asked(type, value), asked(type, earlier), `${type} ${JSON.stringify([value, earlier])}`);
        }
      }
      assertEquals(same > 100, true, `only ${same} pairs of ${type}`);
    }
  });
});

Deno.test("no value makes it throw", async () => {
  await withChance((chance) => {
    for (let round = 0; round < 3_000; round++) {
      const value = hostileText(chance);
      for (const type of RULE_TYPES) normalValue(type, value);
    }
  });
  for (const text of longTexts()) for (const type of RULE_TYPES) normalValue(type, text);
});
