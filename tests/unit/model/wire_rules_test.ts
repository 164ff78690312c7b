import { assertEquals } from "@std/assert";
import { readRule, type Rule } from "../../../src/model/rule.ts";
import {
  hashOfTag,
  NO_QUERIES,
  refusedRules,
  type WantedQueries,
  wantedQueries,
  wireRuleOf,
  wireTag,
} from "../../../src/model/wire_rules.ts";

const track = (value: string, id = 0, tag?: string) =>
  readRule(tag === undefined ? { value } : { value, tag }, { type: "track", id });
const query = (value: string, id = 0) => readRule(value, { type: "query", id });

function wanted(...rules: Rule[]): WantedQueries {
  return wantedQueries(rules, (_rule, fault) => {
    throw fault;
  });
}

Deno.test("rules of one query share it, in the order in which they came", () => {
  const rules = [track("deno"), query("coffee"), query("deno", 3), track("deno", 7)];
  const { all, byValue, rules: count } = wanted(...rules);
  assertEquals(all.map(({ value, rules }) => [value, rules.map(({ slot }) => slot.id)]), [
    ["deno", [0, 3, 7]],
    ["coffee", [0]],
  ]);
  assertEquals(byValue.get("deno"), all[0]);
  assertEquals(count, 4);
  assertEquals(wanted(), NO_QUERIES);
});

Deno.test("what only X decides is marked, so that it shares no rule", () => {
  const { all } = wanted(query("deno"), query("url:deno"), query("deno (has:links OR kafka)"), query("from:1 OR to:1"));
  assertEquals(all.map(({ isExact }) => isExact), [true, false, false, true]);
});

Deno.test("a rule that is too long for one query stands behind each of its queries", () => {
  const long = track(Array.from({ length: 200 }, (_, at) => `alternative${at}`).join(","));
  const { all, rules } = wanted(long, track("alternative0"));
  assertEquals(all.map(({ value }) => value.length <= 1_024), [true, true, true, true, true]);
  assertEquals(new Set(all.slice(0, -1).flatMap((query) => query.rules)), new Set([long]));
  assertEquals(rules, 2);
});

Deno.test("a rule that cannot be translated is handed over with the reason, and the others stay", () => {
  const faults: [string, string][] = [];
  const { all, rules } = wantedQueries([track("..."), track("deno")], (rule, fault) => {
    faults.push([rule.value, fault.message]);
  });
  assertEquals(faults, [["...", "its value holds no word to look for"]]);
  assertEquals([all.map(({ value }) => value), rules], [["deno"], 1]);
});

Deno.test("the wire rule of some queries is their alternatives; its hash is that of its text, whoever made it", () => {
  const { all } = wanted(track("deno"), track("coffee"));
  const rule = wireRuleOf(all);
  assertEquals(rule.value, "deno OR coffee");
  assertEquals(rule.queries, all);
  assertEquals(wireRuleOf(all.toReversed(), "deno OR coffee").hash, rule.hash);
  assertEquals(wireRuleOf(all.toReversed()).hash === rule.hash, false);
});

Deno.test("a change of tags and other fields changes neither query nor hash", () => {
  const [before, after] = [wanted(track("deno")), wanted(track("deno", 5, "other"))];
  assertEquals(wireRuleOf(after.all).hash, wireRuleOf(before.all).hash);
});

Deno.test("a tag at X names the installation and the hash; other tags name nothing", () => {
  assertEquals(wireTag("0a1b2c3d", "abc"), "traptor:0a1b2c3d:abc");
  assertEquals(hashOfTag("traptor:0a1b2c3d:abc", "0a1b2c3d"), "abc");
  for (const tag of ["", "abc", "traptor:ffffffff:abc", "traptor:0a1b2c3dabc", "x traptor:0a1b2c3d:abc"]) {
    assertEquals(hashOfTag(tag, "0a1b2c3d"), undefined);
  }
});

Deno.test("a refused query is told of every rule that stands behind it", () => {
  const queries = wanted(track("deno"), query("deno", 3), track("coffee"));
  const refused = refusedRules(queries, new Map([["deno", "X's words"], ["gone", "others"]]));
  assertEquals([...refused].map(([{ slot }, reason]) => [slot.id, reason]), [[0, "X's words"], [3, "X's words"]]);
});
