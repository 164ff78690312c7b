import { assert, assertEquals, assertRejects } from "@std/assert";
import { type EmittedEvent, Events } from "../../../src/base/events.ts";
import { readRule } from "../../../src/model/rule.ts";
import { type WantedQueries, wantedQueries, wireRuleOf, wireTag } from "../../../src/model/wire_rules.ts";
import { RuleSync, type RuleSyncOptions } from "../../../src/stream/rule_sync.ts";
import { XFailure } from "../../../src/stream/x_failure.ts";
import { FakeXRules } from "../../support/fake_x_rules.ts";

const INSTALLATION = "0a1b2c3d";
const TIER = { rules: 1_000, ruleLength: 1_024 };
const signal = new AbortController().signal;

function wanted(...values: string[]): WantedQueries {
  const rules = values.map((value) => readRule(value, { type: "query", id: 0 }));
  return wantedQueries(rules, (_rule, fault) => {
    throw fault;
  });
}

/** Queries that cannot share a rule. */
function alone(...names: string[]): string[] {
  return names.map((name) => `url:${name}`);
}

function setUp(x = new FakeXRules(), options: Partial<RuleSyncOptions> = {}) {
  const events = new Events();
  const emitted: EmittedEvent[] = [];
  events.listen((event) => emitted.push(event));
  return { x, emitted, sync: new RuleSync({ api: x, installation: INSTALLATION, events, tier: TIER, ...options }) };
}

function values(x: FakeXRules): string[] {
  return x.held.map(({ value }) => value).sort();
}

Deno.test("X comes to hold the difference: added before deleted", async () => {
  const { x, sync } = setUp();
  await sync.synchronise(wanted("a", "b"), signal);
  x.calls.length = 0;
  const { held } = await sync.synchronise(wanted("b", "c"), signal);
  assertEquals(values(x), ["b", "c"]);
  assertEquals(x.calls, ["list", "counts", "add c", "delete 1"]);
  assertEquals(held.size, 2);
});

Deno.test("nothing to change means no change", async () => {
  const { x, sync } = setUp();
  await sync.synchronise(wanted("a"), signal);
  x.calls.length = 0;
  await sync.synchronise(wanted("a"), signal);
  assertEquals(x.calls, ["list", "counts"]);
});

Deno.test("tags hold the installation and the hash, never our own tags", async () => {
  const { x, sync } = setUp();
  const rules = wanted("a");
  await sync.synchronise(rules, signal);
  assertEquals(x.held.map(({ tag }) => tag), [wireTag(INSTALLATION, wireRuleOf(rules.all).hash)]);
});

Deno.test("rules of others are never deleted, another installation's neither", async () => {
  const { x, sync } = setUp();
  x.held = [{ id: "1", value: "theirs", tag: "somebody" }, { id: "2", value: "old", tag: wireTag("ffffffff", "abc") }];
  await sync.synchronise(wanted("a"), signal);
  await sync.synchronise(wanted(), signal);
  assertEquals(values(x), ["old", "theirs"]);
});

Deno.test("a wanted rule that somebody else has put there is adopted for matching and never deleted", async () => {
  const { x, sync } = setUp();
  x.held = [{ id: "1", value: "a", tag: "somebody" }];
  const rules = wanted("a", "b");
  const { held } = await sync.synchronise(rules, signal);
  assertEquals(held.get("1")?.queries, [rules.byValue.get("a")!]);
  await sync.synchronise(wanted("b"), signal);
  assertEquals(values(x), ["a", "b"]);
});

Deno.test("a duplicate that X names while adding is adopted by the id in its answer", async () => {
  const { x, sync } = setUp();
  const list = x.rules.bind(x);
  // Somebody adds the rule between our list and our add.
  x.rules = async () => {
    const before = await list();
    x.held.push({ id: "77", value: "a", tag: "somebody" });
    return before;
  };
  const rules = wanted("a");
  const { held } = await sync.synchronise(rules, signal);
  assertEquals([...held].map(([id, { queries }]) => [id, queries]), [["77", rules.all]]);
});

Deno.test("a rule that X refuses is told once with X's words, and the others are added", async () => {
  const { x, emitted, sync } = setUp();
  const rules = wanted("a", "INVALID", "b");
  const { refused } = await sync.synchronise(rules, signal);
  assertEquals(values(x), ["a", "b"]);
  assertEquals([...refused.values()], ["it is invalid"]);
  await sync.synchronise(rules, signal);
  assertEquals(emitted.filter(({ name }) => name === "rule_refused").length, 1);
  await sync.synchronise(wanted("a"), signal);
  await sync.synchronise(rules, signal);
  assertEquals(emitted.filter(({ name }) => name === "rule_refused").length, 2, "told again when it comes anew");
});

Deno.test("where there is no room for adding first, just enough is deleted before", async () => {
  const { x, sync } = setUp();
  x.cap = 3;
  await sync.synchronise(wanted(...alone("a", "b", "c")), signal);
  x.calls.length = 0;
  await sync.synchronise(wanted(...alone("c", "d", "e")), signal);
  assertEquals(values(x), alone("c", "d", "e"));
  assertEquals(x.calls, ["list", "counts", "delete 2", "add url:d|url:e"]);
});

Deno.test("more rules than X allows: as many as fit, told", async () => {
  const { x, emitted, sync } = setUp();
  x.cap = 2;
  const { unplaced } = await sync.synchronise(wanted(...alone("a", "b", "c")), signal);
  assertEquals(values(x), alone("a", "b"));
  assertEquals(unplaced.map(({ value }) => value), alone("c"));
  const told = emitted.filter(({ name }) => name === "rules_over_cap");
  assertEquals(told.map(({ fields }) => fields), [{ wanted: 3, cap: 2, unplaced: 1 }]);
});

Deno.test("a cap that X does not tell is found with few requests", async () => {
  const { x, sync } = setUp();
  x.tellsCap = false;
  x.cap = 37;
  await sync.synchronise(wanted(...alone(...Array.from({ length: 250 }, (_, at) => `rule${at}`))), signal);
  assertEquals(x.held.length, 37);
  assert(x.calls.length < 20, `${x.calls.length} requests`);
});

Deno.test("cut off at any request, the next synchronisation ends where it should", async () => {
  for (let failAt = 0; failAt < 8; failAt++) {
    const { x, sync } = setUp();
    await sync.synchronise(wanted("a", "b"), signal);
    x.calls.length = 0;
    x.failAt = failAt;
    const attempt = sync.synchronise(wanted("b", "INVALID", "c"), signal);
    if (failAt < 7) await assertRejects(() => attempt, XFailure, "", `request ${failAt}`);
    else await attempt;
    x.failAt = -1;
    await sync.synchronise(wanted("b", "INVALID", "c"), signal);
    assertEquals(values(x), ["b", "c"]);
  }
});
