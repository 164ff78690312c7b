import { assert, assertEquals } from "@std/assert";
import { RateLimit } from "../../../src/match/rate_limit.ts";
import { Tagger } from "../../../src/match/tagger.ts";
import { readRule, type Rule } from "../../../src/model/rule.ts";
import type { TweetMessage } from "../../../src/model/stream_message.ts";
import { groupRules, type WireRules, wireTag } from "../../../src/model/wire_rules.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const INSTALLATION = "0a1b2c3d";

function wanted(...rules: Rule[]): WireRules {
  return groupRules(rules, (_rule, fault) => {
    throw fault;
  });
}

const track = (value: string, id = 0) => readRule(value, { type: "track", id });
const query = (value: string, id = 0) => readRule(value, { type: "query", id });

function tweet(...matched: { id: string; tag?: string }[]): TweetMessage {
  return {
    kind: "tweet",
    id: "1790000000000000001",
    line: new TextEncoder().encode('{"data":{"id":"1790000000000000001"}}'),
    matched: matched.map(({ id, tag = "" }) => ({ id, tag })),
    createdAt: null,
    partialErrors: [],
  };
}

function named(tagger: Tagger, message: TweetMessage): string[] | string {
  const tagged = tagger.tag(message, "live");
  return tagged.kind === "drop"
    ? tagged.reason
    : tagged.rules.map(({ slot, value }) => `${slot.type}:${slot.id} ${value}`);
}

Deno.test("a tweet names the rules that X named, by X's id", () => {
  const tagger = new Tagger({ installation: INSTALLATION, clock: new FakeClock() });
  const rules = wanted(track("deno"), track("coffee"));
  tagger.want(rules);
  tagger.hold(new Map([["11", rules.all[0]!.hash], ["12", rules.all[1]!.hash]]));
  assertEquals(named(tagger, tweet({ id: "12" })), ["track:0 coffee"]);
  assertEquals(named(tagger, tweet({ id: "11" }, { id: "12" }, { id: "99" })), ["track:0 deno", "track:0 coffee"]);
});

Deno.test("a rule just added is named by the hash in its tag, before its id is known", () => {
  const tagger = new Tagger({ installation: INSTALLATION, clock: new FakeClock() });
  const rules = wanted(track("deno"));
  tagger.want(rules);
  assertEquals(named(tagger, tweet({ id: "11", tag: wireTag(INSTALLATION, rules.all[0]!.hash) })), ["track:0 deno"]);
  assertEquals(named(tagger, tweet({ id: "11", tag: wireTag("ffffffff", rules.all[0]!.hash) })), "no_rule");
});

Deno.test("rules of one value share a wire rule: a tweet that matches it matched them all", () => {
  const tagger = new Tagger({ installation: INSTALLATION, clock: new FakeClock() });
  const rules = wanted(track("deno", 0), query("deno", 3), track("deno", 7));
  assertEquals(rules.all.length, 1);
  tagger.want(rules);
  tagger.hold(new Map([["11", rules.all[0]!.hash]]));
  assertEquals(named(tagger, tweet({ id: "11" })), ["track:0 deno", "query:3 deno", "track:7 deno"]);
});

Deno.test("a tweet of somebody else's rule, or of none, is dropped with that reason", () => {
  const tagger = new Tagger({ installation: INSTALLATION, clock: new FakeClock() });
  tagger.want(wanted(track("deno")));
  assertEquals(named(tagger, tweet({ id: "5", tag: "theirs" })), "no_rule");
  assertEquals(named(tagger, tweet()), "no_rule");
});

Deno.test("a tweet of a rule that was just taken away is no riddle", () => {
  const tagger = new Tagger({ installation: INSTALLATION, clock: new FakeClock() });
  const before = wanted(track("deno"), track("coffee"));
  tagger.want(before);
  tagger.hold(new Map([["11", before.all[0]!.hash], ["12", before.all[1]!.hash]]));
  const after = wanted(track("coffee"));
  tagger.want(after);
  assertEquals(named(tagger, tweet({ id: "11" })), "rule_removed");
  tagger.hold(new Map([["12", after.all[0]!.hash]]));
  assertEquals(named(tagger, tweet({ id: "11" })), "rule_removed");
  assertEquals(named(tagger, tweet({ id: "12" })), ["track:0 coffee"]);
});

Deno.test("over its limit a rule drops a tweet only if every rule that matched is over", async () => {
  const clock = new FakeClock();
  const rateLimit = new RateLimit({ perSecond: 2, capacity: 3, clock });
  const tagger = new Tagger({ installation: INSTALLATION, clock, rateLimit });
  const rules = wanted(track("deno"), track("coffee"));
  const [deno, coffee] = rules.all;
  tagger.want(rules);
  tagger.hold(new Map([["11", deno!.hash], ["12", coffee!.hash]]));
  for (let burst = 0; burst < 3; burst++) assert(Array.isArray(named(tagger, tweet({ id: "11" }))));
  assertEquals(named(tagger, tweet({ id: "11" })), "rate_limited");
  assertEquals(named(tagger, tweet({ id: "11" }, { id: "12" })), ["track:0 deno", "track:0 coffee"]);
  await clock.advance(500);
  assert(Array.isArray(named(tagger, tweet({ id: "11" }))));
  assertEquals(named(tagger, tweet({ id: "11" })), "rate_limited");
});
