import { assertEquals } from "@std/assert";
import { makeRecord } from "../../../src/model/record.ts";
import type { Rule } from "../../../src/model/rule.ts";
import { withChance } from "../../support/seeded.ts";

const RULE: Rule = {
  ruleId: "17",
  slot: { type: "track", id: 0 },
  value: "deno",
  tag: "runtimes",
  extra: { project: "north", orig_type: "keyword" },
};

const FACTS = {
  rules: [RULE] as const,
  attribution: "x",
  provenance: "live",
  collectedAt: Date.UTC(2026, 10, 23, 10, 0, 0, 123),
  createdAt: "2026-11-23T09:59:58.000Z",
} as const;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function valueOf(line: string): string {
  return decoder.decode(makeRecord("1", encoder.encode(line), FACTS).value);
}

Deno.test("the record is X's bytes with one member more", () => {
  const line = '{"data":{"id":"1","text":"a } in a string"},"matching_rules":[{"id":"9"}]}';
  assertEquals(
    valueOf(line),
    `${line.slice(0, -1)},"traptor":{"version":1,"type":"track","id":0,"attribution":"x",` +
      `"collected_at":"2026-11-23T10:00:00.123Z","created_at_iso":"2026-11-23T09:59:58.000Z","provenance":"live",` +
      `"collection_rules":[{"rule_id":"17","type":"track","id":0,"value":"deno","tag":"runtimes",` +
      `"rule_tag":"runtimes","rule_value":"deno","project":"north","orig_type":"keyword"}]}}`,
  );
});

Deno.test("X's bytes stay untouched, whatever white space, escapes and order they have", async () => {
  await withChance((chance) => {
    const space = () => [" ", "\t", "", ""][Math.floor(chance() * 4)];
    for (let round = 0; round < 500; round++) {
      const text = ["\\u65e5本", '\\"}', "{{{", "\\/", "\u2028", "👩🏽‍🏫"].filter(() => chance() < 0.5).join("");
      const members = [`"data"${space()}:{"id":"1",${space()}"text":"${text}"}`, '"n":1.0e2', '"z":[{"}":"}"}]'];
      members.sort(() => chance() - 0.5);
      const line = `${space()}{${space()}${members.join(`${space()},${space()}`)}${space()}}${space()}`;
      const value = valueOf(line);
      const whole = JSON.parse(value);
      const end = line.lastIndexOf("}");
      assertEquals(value.slice(0, end), line.slice(0, end));
      const { traptor, ...rest } = whole;
      assertEquals(rest, JSON.parse(line));
      assertEquals(traptor.collection_rules[0].rule_id, "17");
    }
  });
});

Deno.test("key and headers are those of the contract", () => {
  const { id, headers } = makeRecord("1790000000000000001", encoder.encode('{"data":{}}'), FACTS);
  assertEquals({ id, headers }, {
    id: "1790000000000000001",
    headers: { "traptor-type": "track", "traptor-version": "1" },
  });
});
