import { assertEquals } from "@std/assert";
import { wireRuleOf, wireTag } from "../../../src/model/wire_rules.ts";
import { attributed, held, INSTALLATION, query, tagger, track, tweetSaying, wanted } from "./tagger_bench.ts";

Deno.test("among queries that share a rule at X our own matcher decides, and the record says so", () => {
  const tags = tagger();
  const rules = wanted(track("deno"), track("coffee"), track("kafka"), track("rain"));
  const [deno, coffee, kafka, rain] = rules.all;
  tags.want(rules);
  tags.hold(held({ 11: [deno!, coffee!, kafka!], 12: [rain!] }));
  assertEquals(attributed(tags, tweetSaying("Deno and coffee", { id: "11" })), [
    "local",
    ["track:0 deno", "track:0 coffee"],
  ]);
  assertEquals(attributed(tags, tweetSaying("rain", { id: "12" })), ["x", ["track:0 rain"]]);
});

Deno.test("what our matcher finds in rules that X did not name is not said", () => {
  const tags = tagger();
  const rules = wanted(track("deno"), track("coffee"), track("kafka"), track("rain"));
  const [deno, coffee, kafka, rain] = rules.all;
  tags.want(rules);
  tags.hold(held({ 11: [deno!, coffee!], 12: [kafka!, rain!] }));
  assertEquals(attributed(tags, tweetSaying("deno in the rain", { id: "11" })), ["local", ["track:0 deno"]]);
});

Deno.test("what X names by itself is named whatever our matcher thinks, beside what shares a rule", () => {
  const tags = tagger();
  const rules = wanted(track("deno"), track("coffee"), track("rain"));
  const [deno, coffee, rain] = rules.all;
  tags.want(rules);
  tags.hold(held({ 11: [deno!, coffee!], 12: [rain!] }));
  assertEquals(attributed(tags, tweetSaying("coffee", { id: "12" }, { id: "11" })), [
    "local",
    ["track:0 rain", "track:0 coffee"],
  ]);
});

Deno.test("a tweet that matches no query of its rule here names them all, and says that only the rule is known", () => {
  const tags = tagger();
  const rules = wanted(track("deno"), track("coffee"), track("rain"), track("kafka"));
  const [deno, coffee, rain, kafka] = rules.all;
  tags.want(rules);
  tags.hold(held({ 11: [deno!, coffee!], 12: [rain!, kafka!] }));
  const riddle = ["wire", ["track:0 deno", "track:0 coffee"]] as [string, string[]];
  assertEquals(attributed(tags, tweetSaying("something else", { id: "11" })), riddle);
  assertEquals(attributed(tags, tweetSaying("rain", { id: "11" }, { id: "12" })), [
    "wire",
    ["track:0 rain", ...riddle[1]],
  ]);
});

Deno.test("of a shared rule whose member was removed meanwhile, the others are named, and it is not", () => {
  const tags = tagger();
  const before = wanted(track("deno"), track("coffee"));
  tags.want(before);
  tags.hold(held({ 11: before.all }));
  tags.want(wanted(track("coffee")));
  assertEquals(attributed(tags, tweetSaying("deno", { id: "11" })), "rule_removed");
  assertEquals(attributed(tags, tweetSaying("deno, coffee", { id: "11" })), ["local", ["track:0 coffee"]]);
  assertEquals(attributed(tags, tweetSaying("something else", { id: "11" })), ["wire", ["track:0 coffee"]]);
});

Deno.test("a tweet of a shared rule that comes before X's answer is named by the hash in its tag", () => {
  const tags = tagger();
  const rules = wanted(track("deno"), track("coffee"));
  const rule = wireRuleOf(rules.all);
  tags.want(rules);
  tags.expect([rule]);
  const early = { id: "11", tag: wireTag(INSTALLATION, rule.hash) };
  assertEquals(attributed(tags, tweetSaying("coffee", early)), ["local", ["track:0 coffee"]]);
});

Deno.test("a query in the old and in the new rule at X is named once while both are there", () => {
  const tags = tagger();
  const before = wanted(track("deno"), track("coffee"));
  tags.want(before);
  tags.hold(held({ 11: before.all }));
  const after = wanted(track("deno"), track("coffee"), track("kafka"));
  const rule = wireRuleOf(after.all);
  tags.want(after);
  tags.expect([rule]);
  const both = [{ id: "11" }, { id: "12", tag: wireTag(INSTALLATION, rule.hash) }];
  assertEquals(attributed(tags, tweetSaying("coffee", ...both)), ["local", ["track:0 coffee"]]);
  tags.hold(held({ 12: after.all }));
  assertEquals(attributed(tags, tweetSaying("coffee", ...both)), ["local", ["track:0 coffee"]]);
});

Deno.test("rules of one value that share a rule at X with others are all named, each once", () => {
  const tags = tagger();
  const rules = wanted(track("deno", 0), query("deno", 3), track("deno", 7), track("coffee"), track("coffee", 1));
  assertEquals(rules.all.length, 2);
  tags.want(rules);
  tags.hold(held({ 11: rules.all }));
  assertEquals(attributed(tags, tweetSaying("deno", { id: "11" }, { id: "11" })), [
    "local",
    ["track:0 deno", "query:3 deno", "track:7 deno"],
  ]);
});

Deno.test("a rule that became several queries is named once for a tweet that matches more than one of them", () => {
  const tags = tagger();
  const value = Array.from({ length: 120 }, (_, at) => `alternative${at}`).join(",");
  const rules = wanted(track(value), track("coffee"));
  assertEquals(rules.all.length, 3);
  tags.want(rules);
  tags.hold(held({ 11: rules.all.slice(0, 2), 12: [rules.all[2]!] }));
  const tagged = tags.tag(tweetSaying("alternative1 and alternative119", { id: "11" }));
  assertEquals(tagged.kind === "match" && [tagged.attribution, tagged.rules.length], ["local", 1]);
});
