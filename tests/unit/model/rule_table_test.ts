import { assertEquals } from "@std/assert";
import type { JsonObject } from "../../../src/model/json.ts";
import { readRule } from "../../../src/model/rule.ts";
import { mergedFields, RuleTable } from "../../../src/model/rule_table.ts";
import type { RuleType } from "../../../src/model/slot.ts";

function gathered(type: RuleType, ...rules: JsonObject[]): { table: RuleTable; outcomes: string[] } {
  const table = new RuleTable();
  const outcomes = rules.map((fields) => table.add(readRule(fields, { type, id: 0 }), fields));
  return { table, outcomes };
}

function texts({ tables }: RuleTable): string[] {
  return tables.flatMap((table) => Array.from({ length: table.size }, (_, at) => table.textAt(at)));
}

Deno.test("rules whose values mean the same are one; their tags are kept", () => {
  const { table, outcomes } = gathered(
    "track",
    { value: "deno kafka", tag: "a" },
    { value: " Kafka  Deno", tag: "b" },
    { value: "deno kafka", tag: "a" },
  );
  assertEquals(outcomes, ["added", "merged", "merged"]);
  assertEquals(texts(table), ['{"value":"deno kafka","tag":"a,b"}']);
});

Deno.test("an account with and without its @ is one, in any case, written as it was first", () => {
  const { table } = gathered("follow", { value: "@NASA" }, { value: "nasa", tag: "space" });
  assertEquals(texts(table), ['{"value":"@NASA","tag":"space"}']);
});

Deno.test("a rule keeps its own id and all fields that travel with it, and no slot", () => {
  const { table } = gathered("track", {
    type: "track",
    id: 3,
    rule_id: "17",
    value: " deno ",
    project: "x",
    note: null,
  });
  assertEquals(texts(table), ['{"rule_id":"17","value":"deno","project":"x"}']);
});

Deno.test("fields cannot reach an object's prototype", () => {
  const fields = JSON.parse('{"value": "deno", "__proto__": {"tag": "x"}}');
  assertEquals(texts(gathered("track", fields).table), ['{"value":"deno"}']);
});

Deno.test("the first id stays, later fields win, tags are united", () => {
  assertEquals(
    mergedFields({ rule_id: "1", value: "a", tag: "x,y", project: "old" }, {
      rule_id: "2",
      value: "a",
      tag: "y",
      project: "new",
    }),
    { rule_id: "1", value: "a", tag: "x,y", project: "new" },
  );
});

Deno.test("tags are told apart as wholes, and one that is missing adds none", () => {
  const merged = (earlier: string | null, later: string | null) =>
    mergedFields({ value: "a", tag: earlier }, { value: "a", tag: later })["tag"];
  assertEquals(merged("news", "new"), "news,new");
  assertEquals(merged("new,news", "ews,news,w"), "new,news,ews,w");
  assertEquals([merged(null, "a"), merged("a", null), merged("a,b", "b,a"), merged(null, null)], [
    "a",
    "a",
    "a,b",
    undefined,
  ]);
});

Deno.test("types are apart, and a rule may be bound to a slot", () => {
  const table = new RuleTable();
  table.add(readRule("nasa", { type: "track", id: 0 }), { value: "nasa" });
  table.add(readRule("nasa", { type: "follow", id: 0 }), { value: "nasa" }, 5);
  assertEquals(table.tables.map(({ type, size }) => [type, size]), [["track", 1], ["follow", 1]]);
  assertEquals([...table.tables[1]!.boundSlotIds], [5]);
  assertEquals(table.tables[1]!.placeOf("@NASA"), 0);
});

Deno.test("a rule that was bound to no slot is bound by one that it merges with, the first to name one", () => {
  const table = new RuleTable();
  for (const slotId of [undefined, 7, 8]) {
    table.add(readRule("nasa", { type: "track", id: 0 }), { value: "nasa" }, slotId);
  }
  assertEquals(table.tables[0]!.slotIdAt(0), 7);
});

Deno.test("a table of many rules finds each, and none that is not there", () => {
  const table = new RuleTable();
  const count = 20_000;
  const add = (at: number, tag: string) => {
    const fields = { value: `word${at} deno`, tag };
    return table.add(readRule(fields, { type: "track", id: 0 }), fields);
  };
  for (let at = 0; at < count; at++) assertEquals(add(at, "a"), "added");
  for (let at = 0; at < count; at += 100) assertEquals(add(at, "b"), "merged");
  const rules = table.tables[0]!;
  assertEquals([table.size, rules.size], [count, count]);
  for (let at = 0; at < count; at++) assertEquals(rules.placeOf(`DENO word${at}`), at);
  assertEquals(rules.placeOf(`word${count} deno`), undefined);
  assertEquals(rules.textAt(100), '{"value":"word100 deno","tag":"a,b"}');
  assertEquals(rules.textAt(101), '{"value":"word101 deno","tag":"a"}');
});
