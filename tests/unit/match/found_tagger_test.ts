/** Which rules a tweet names that a search found. */

import { assertEquals } from "@std/assert";
import { FoundTagger } from "../../../src/match/found_tagger.ts";
import type { Rule } from "../../../src/model/rule.ts";
import { query, track, wanted } from "./tagger_bench.ts";

/** A tagger for rules, and what becomes of a tweet that searches for some of their queries found. */
function bench(...rules: Rule[]) {
  const all = wanted(...rules);
  const tagger = new FoundTagger(all);
  return (text: string, ...foundBy: string[]) => {
    const queries = foundBy.map((value) => all.byValue.get(value)!);
    const tagged = tagger.tag({ data: { id: "1", text } }, queries);
    if (tagged.kind === "drop") return tagged.reason;
    return [tagged.attribution, ...tagged.rules.map(({ slot, value }) => `${value}@${slot.id}`)];
  };
}

Deno.test("what our matcher decides it decides here too: a word that search found without its accent is dropped", () => {
  const tag = bench(track("cafe"), track("café", 1));
  assertEquals(tag("Un café", "cafe", "café"), ["local", "café@1"]);
  assertEquals(tag("Un cafe", "cafe", "café"), ["local", "cafe@0"]);
  assertEquals(tag("Un thé", "cafe", "café"), "not_matched");
});

Deno.test("of a search that several queries share, those rules are named that match, also those of another search", () => {
  const tag = bench(track("deno"), track("coffee"), track("coffee", 3), track("tea"));
  assertEquals(tag("deno and coffee", "deno", "coffee", "tea"), ["local", "deno@0", "coffee@0", "coffee@3"]);
  // The search for tea has not been made yet, and all the same the rule matches.
  assertEquals(tag("deno and tea", "deno", "coffee"), ["local", "deno@0", "tea@0"]);
});

Deno.test("of a query that we cannot decide X is believed, if it was searched for", () => {
  const tag = bench(query("url:deno.com"), query("url:deno.com", 4), query("🦖", 5), track("deno"));
  assertEquals(tag("nothing of the kind", "url:deno.com"), ["x", "url:deno.com@0", "url:deno.com@4"]);
  assertEquals(tag("nothing of the kind", "url:deno.com", "🦖"), [
    "x",
    ...["url:deno.com@0", "url:deno.com@4", "🦖@5"],
  ]);
  assertEquals(tag("deno 🦖", "🦖"), ["local", "🦖@5", "deno@0"]);
  assertEquals(tag("a 🦖 that nobody searched for"), "not_matched");
});

Deno.test("a rule of several queries is named once", () => {
  const tag = bench(track("deno,coffee"));
  assertEquals(tag("deno coffee", "deno OR coffee"), ["local", "deno,coffee@0"]);
});
