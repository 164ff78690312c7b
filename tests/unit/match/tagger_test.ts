import { assertEquals } from "@std/assert";
import { wireRuleOf, wireTag } from "../../../src/model/wire_rules.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { held, INSTALLATION, named, query, tagger, track, tweet, wanted } from "./tagger_bench.ts";

Deno.test("a tweet names the rules that X named, by X's id", () => {
  const tags = tagger();
  const rules = wanted(track("deno"), track("coffee"));
  tags.want(rules);
  tags.hold(held({ 11: [rules.all[0]!], 12: [rules.all[1]!] }));
  assertEquals(named(tags, tweet({ id: "12" })), ["track:0 coffee"]);
  assertEquals(named(tags, tweet({ id: "11" }, { id: "12" }, { id: "99" })), ["track:0 deno", "track:0 coffee"]);
});

Deno.test("a rule just asked for is named by the hash in its tag, before its id is known", () => {
  const tags = tagger();
  const rules = wanted(track("deno"));
  const rule = wireRuleOf(rules.all);
  tags.want(rules);
  assertEquals(named(tags, tweet({ id: "11", tag: wireTag(INSTALLATION, rule.hash) })), "no_rule");
  tags.expect([rule]);
  assertEquals(named(tags, tweet({ id: "11", tag: wireTag(INSTALLATION, rule.hash) })), ["track:0 deno"]);
  assertEquals(named(tags, tweet({ id: "11", tag: wireTag("ffffffff", rule.hash) })), "no_rule");
});

Deno.test("rules of one value share a wire rule: a tweet that matches it matched them all", () => {
  const tags = tagger();
  const rules = wanted(track("deno", 0), query("deno", 3), track("deno", 7));
  assertEquals(rules.all.length, 1);
  tags.want(rules);
  tags.hold(held({ 11: rules.all }));
  assertEquals(named(tags, tweet({ id: "11" })), ["track:0 deno", "query:3 deno", "track:7 deno"]);
});

Deno.test("a tweet of somebody else's rule, or of none, is dropped with that reason", () => {
  const tags = tagger();
  tags.want(wanted(track("deno")));
  assertEquals(named(tags, tweet({ id: "5", tag: "theirs" })), "no_rule");
  assertEquals(named(tags, tweet()), "no_rule");
});

Deno.test("a tweet of a rule that was just taken away is no riddle", async () => {
  const clock = new FakeClock();
  const tags = tagger({ clock });
  const before = wanted(track("deno"), track("coffee"));
  tags.want(before);
  tags.hold(held({ 11: [before.all[0]!], 12: [before.all[1]!] }));
  const after = wanted(track("coffee"));
  tags.want(after);
  assertEquals(named(tags, tweet({ id: "11" })), "rule_removed");
  tags.hold(held({ 12: after.all }));
  assertEquals(named(tags, tweet({ id: "11" })), "rule_removed");
  assertEquals(named(tags, tweet({ id: "12" })), ["track:0 coffee"]);
  await clock.advance(11 * 60_000);
  tags.hold(held({ 12: after.all }));
  assertEquals(named(tags, tweet({ id: "11" })), "no_rule", "forgotten in the end");
  assertEquals(named(tags, tweet({ id: "12" })), ["track:0 coffee"]);
});
