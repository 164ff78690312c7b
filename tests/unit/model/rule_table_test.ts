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

Deno.test("an account with and without its @ is one, in any case", () => {
  const { table } = gathered("follow", { value: "@NASA" }, { value: "nasa", tag: "space" });
  assertEquals(texts(table), ['{"value":"nasa","tag":"space"}']);
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

Deno.test("types are apart, and a rule may be bound to a slot", () => {
  const table = new RuleTable();
  table.add(readRule("nasa", { type: "track", id: 0 }), { value: "nasa" });
  table.add(readRule("nasa", { type: "follow", id: 0 }), { value: "nasa" }, 5);
  assertEquals(table.tables.map(({ type, size }) => [type, size]), [["track", 1], ["follow", 1]]);
  assertEquals([...table.tables[1]!.boundSlotIds], [5]);
  assertEquals(table.tables[1]!.placeOf("@NASA"), 0);
});
