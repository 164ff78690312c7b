import { assertEquals, assertThrows } from "@std/assert";
import { parseJson } from "../../../src/model/json.ts";
import { collectionRule, readRule, RuleFault, ruleObject } from "../../../src/model/rule.ts";
import { parseSlotName, ruleTypeOf, selects, slotName } from "../../../src/model/slot.ts";

const SLOT = { type: "track", id: 3 } as const;

Deno.test("a plain value is a rule, with an id of its own that stays the same", () => {
  const rule = readRule(" deno ", SLOT);
  assertEquals({ ...rule, ruleId: "" }, { ruleId: "", slot: SLOT, value: "deno", tag: null, extra: {} });
  assertEquals(rule.ruleId, readRule("deno", { type: "track", id: 9 }).ruleId);
  assertEquals(rule.ruleId === readRule("deno", { type: "query", id: 3 }).ruleId, false);
});

Deno.test("an object is a whole rule; further fields travel with the match", () => {
  const rule = readRule({ rule_id: 17, value: "deno", tag: "runtimes", project: "north", deep: { a: [1] } }, SLOT);
  assertEquals(collectionRule(rule), {
    rule_id: "17",
    type: "track",
    id: 3,
    value: "deno",
    tag: "runtimes",
    rule_tag: "runtimes",
    rule_value: "deno",
    project: "north",
    deep: { a: [1] },
  });
});

Deno.test("no field can set `__proto__` or take the place of our own members", () => {
  const text =
    '{"value":"deno","__proto__":{"polluted":true},"type":"geo","id":9,"rule_value":"x","rule_tag":"y","sampled":1}';
  const rule = readRule(ruleObject(text, parseJson)!, SLOT);
  const entry = collectionRule(rule);
  assertEquals(Object.keys(entry), ["rule_id", "type", "id", "value", "tag", "rule_tag", "rule_value"]);
  assertEquals([entry["type"], entry["id"], entry["rule_value"], entry["rule_tag"]], ["track", 3, "deno", null]);
  assertEquals(({} as Record<string, unknown>)["polluted"], undefined);
});

Deno.test("ids beyond 2^53 stay exact", () => {
  const rule = readRule(ruleObject('{"value":783214,"rule_id":1790000000000000001}', parseJson)!, SLOT);
  assertEquals([rule.ruleId, rule.value], ["1790000000000000001", "783214"]);
});

Deno.test("in a file a rule's own type and id choose its slot", () => {
  const rule = readRule({ value: "1,2,3,4", type: "locations", id: "7" }, SLOT, { typeFromRule: true });
  assertEquals(rule.slot, { type: "geo", id: 7 });
  assertThrows(() => readRule({ value: "x", type: "keyword" }, SLOT, { typeFromRule: true }), RuleFault, "type");
  assertThrows(() => readRule({ value: "x", id: "one" }, SLOT, { typeFromRule: true }), RuleFault, "id");
});

Deno.test("what holds no value is a fault that does not repeat it", () => {
  for (const fields of [{}, { value: "" }, { value: "  " }, { value: null }, { value: ["a"] }]) {
    assertThrows(() => readRule(fields, SLOT), RuleFault);
  }
  assertThrows(() => readRule("x".repeat(100_001), SLOT), RuleFault, "100001 characters");
});

Deno.test("slots have names, and `locations` is `geo`", () => {
  assertEquals(slotName(SLOT), "track:3");
  assertEquals(parseSlotName("locations:12"), { type: "geo", id: 12 });
  assertEquals(ruleTypeOf(" Follow "), "follow");
  for (const name of ["track", "track:", "track:x", "track:12345", "tracks:1", "a:b:c"]) {
    assertEquals(parseSlotName(name), undefined, name);
  }
  assertEquals(selects({ types: ["track"], ids: "all" }, SLOT), true);
  assertEquals(selects({ types: ["track"], ids: [1, 2] }, SLOT), false);
});
