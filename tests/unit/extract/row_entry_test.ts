import { assertEquals } from "@std/assert";
import { rowEntry, tableTypeOf } from "../../../src/extract/row_entry.ts";
import type { JsonObject } from "../../../src/model/json.ts";

function found(row: JsonObject): unknown {
  const entry = rowEntry(row, "row 1");
  return entry.kind === "refused" ? entry.reason : { ...entry.fields, ...(entry.type ? { as: entry.type } : {}) };
}

Deno.test("the words of the Python program's table and ours name a type", () => {
  const words = ["username", "keyword", " Keyword ", "follow", "track", "geo", "locations", "query", "name", ""];
  assertEquals(words.map(tableTypeOf), [
    "follow",
    "track",
    "track",
    "follow",
    "track",
    "geo",
    "geo",
    "query",
    undefined,
    undefined,
  ]);
  assertEquals(["toString", "__proto__", "constructor"].map(tableTypeOf), [undefined, undefined, undefined]);
});

Deno.test("a row's id is the rule's own, other columns travel along, its type does not", () => {
  assertEquals(found({ id: 17, tag: "t", value: "deno", type: "keyword", project: "x", active: 1 }), {
    rule_id: 17,
    tag: "t",
    value: "deno",
    project: "x",
    active: 1,
    as: "track",
  });
  assertEquals(found({ id: 17, rule_id: "r", value: "deno" }), { rule_id: "r", value: "deno" });
  assertEquals(found({ id: null, tag: null, value: "deno", type: null }), { tag: null, value: "deno" });
  assertEquals(found({ id: "", value: 2244994945, type: "" }), { value: 2244994945 });
});

Deno.test("a row without a value, or of a type that is none, is refused with the reason", () => {
  for (const row of [{}, { value: null }, { value: "" }, { tag: "t" }]) assertEquals(found(row), "it has no value");
  const reason = 'its type "hashtag" is none of track (keyword), follow (username), geo, query';
  assertEquals(rowEntry({ value: "deno", type: "hashtag" }, "row 1"), {
    kind: "refused",
    where: "row 1",
    value: "deno",
    reason,
  });
});
