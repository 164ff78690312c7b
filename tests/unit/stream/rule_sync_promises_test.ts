import { assert, assertEquals, assertRejects } from "@std/assert";
import { type EmittedEvent, Events } from "../../../src/base/events.ts";
import { readRule } from "../../../src/model/rule.ts";
import { refusedRules, type WantedQueries, wantedQueries, wireTag } from "../../../src/model/wire_rules.ts";
import { RuleSync, type RuleSyncOptions } from "../../../src/stream/rule_sync.ts";
import { alternativesIn } from "../../../src/stream/wire_content.ts";
import { XFailure } from "../../../src/stream/x_failure.ts";
import { FakeXRules } from "../../support/fake_x_rules.ts";

const INSTALLATION = "0a1b2c3d";
const TIER = { rules: 1_000, ruleLength: 1_024 };
const signal = new AbortController().signal;

function wanted(values: readonly string[], fields = {}): WantedQueries {
  const rules = values.map((value) => readRule({ value, ...fields }, { type: "query", id: 0 }));
  return wantedQueries(rules, (_rule, fault) => {
    throw fault;
  });
}

const words = (count: number) => Array.from({ length: count }, (_, at) => `word${at}`);

function setUp(options: Partial<RuleSyncOptions> = {}, cap = 1_000) {
  const x = new FakeXRules();
  x.cap = cap;
  const events = new Events();
  const emitted: EmittedEvent[] = [];
  events.listen((event) => emitted.push(event));
  const start = () => new RuleSync({ api: x, installation: INSTALLATION, events, tier: TIER, ...options });
  const told = (name: EmittedEvent["name"]) =>
    emitted.filter((event) => event.name === name).map(({ fields }) => fields);
  return { x, told, start, sync: start() };
}

const writes = (x: FakeXRules) => x.calls.filter((call) => /^(add|delete)/.test(call));
const alternatives = (x: FakeXRules) => x.held.flatMap(({ value }) => alternativesIn(value)).sort();

Deno.test("a change of nothing but tags, ids and other fields changes nothing at X, nor does a start", async () => {
  for (const cap of [1_000, 10]) {
    const { x, sync, start } = setUp({}, cap);
    await sync.synchronise(wanted(words(50)), signal);
    x.calls.length = 0;
    await sync.synchronise(wanted(words(50), { tag: "other", rule_id: "7", project: "p" }), signal);
    await start().synchronise(wanted(words(50).reverse(), { tag: "third" }), signal);
    assertEquals(writes(x), []);
  }
});

Deno.test("left to a person, X is compared and never changed, and what it holds still serves", async () => {
  const { x, told, sync } = setUp({ isManual: true });
  const rule = { id: "5", value: "old", tag: wireTag(INSTALLATION, "abc") };
  x.held = [{ id: "4", value: "word0", tag: wireTag(INSTALLATION, "def") }, rule];
  const { held, added, deleted } = await sync.synchronise(wanted(words(3)), signal);
  assertEquals(x.calls, ["list", "counts"]);
  assertEquals([...held].map(([id, { value }]) => [id, value]), [["4", "word0"]]);
  assertEquals([added, deleted], [0, 0]);
  assertEquals(told("rules_not_applied"), [{ missing: 2, surplus: 1 }]);
});

Deno.test("whoever asks first finds the refused ones before the first change", async () => {
  for (const cap of [1_000, 10]) {
    const { x, sync } = setUp({ asksFirst: true }, cap);
    await sync.synchronise(wanted(words(30)), signal);
    x.calls.length = 0;
    const { refused } = await sync.synchronise(wanted([...words(29), "INVALID", "alsoINVALID"]), signal);
    assertEquals([...refused], [["INVALID", "it is invalid"], ["alsoINVALID", "it is invalid"]]);
    assert(x.calls.some((call) => call.startsWith("try") && call.includes("INVALID")));
    assertEquals(writes(x).filter((call) => call.includes("INVALID")), []);
  }
});

Deno.test("of queries that share a rule only the refused one is set aside, with the rules that it stood for", async () => {
  const { x, sync } = setUp({}, 10);
  const queries = wanted([...words(40), "INVALID"]);
  const { refused, unplaced } = await sync.synchronise(queries, signal);
  assertEquals(alternatives(x), words(40).sort());
  assertEquals(unplaced, []);
  assertEquals([...refusedRules(queries, refused)].map(([{ value }, reason]) => [value, reason]), [
    ["INVALID", "it is invalid"],
  ]);
});

Deno.test("where X takes each query but not so many in one rule, fewer share one", async () => {
  const { x, sync } = setUp({}, 20);
  x.mostAlternatives = 5;
  const { refused, unplaced } = await sync.synchronise(wanted(words(60)), signal);
  assertEquals([...refused], []);
  assertEquals(unplaced, []);
  assertEquals(alternatives(x), words(60).sort());
});

Deno.test("a rule that somebody has deleted, and one that nobody knows, are told and put right", async () => {
  const { x, told, sync } = setUp();
  const queries = wanted(words(4));
  await sync.synchronise(queries, signal);
  x.held = x.held.filter(({ value }) => value !== "word1");
  x.held.push({ id: "77", value: "surprise", tag: wireTag(INSTALLATION, "abc") });
  x.held.push({ id: "78", value: "theirs", tag: "somebody" });
  await sync.synchronise(queries, signal);
  assertEquals(told("rules_drifted"), [{ missing: 1, unknown: 1, isRestored: true }]);
  assertEquals(alternatives(x), ["theirs", ...words(4)].sort());
  await sync.synchronise(queries, signal);
  assertEquals(told("rules_drifted").length, 1);
});

Deno.test("a change of what is wanted is no drift", async () => {
  const { told, sync } = setUp();
  for (const count of [4, 2, 7]) await sync.synchronise(wanted(words(count)), signal);
  assertEquals(told("rules_drifted"), []);
});

Deno.test("rules of others are deleted only when they are adopted, and kept where they are wanted", async () => {
  const theirs = [{ id: "4", value: "word0", tag: "somebody" }, { id: "5", value: "old", tag: "" }];
  for (const adopts of [false, true]) {
    const { x, sync } = setUp({ adopts });
    x.held = [...theirs];
    await sync.synchronise(wanted(words(2)), signal);
    assertEquals(alternatives(x), adopts ? words(2) : ["old", ...words(2)]);
    assertEquals(x.held[0]!.id, "4");
  }
});

Deno.test("X has less room than it tells: queries share what there is, and it comes to rest", async () => {
  const { x, told, sync } = setUp();
  x.cap = 50;
  x.toldCap = 1_000;
  const queries = wanted(words(300));
  const { unplaced, held } = await sync.synchronise(queries, signal);
  assertEquals(unplaced, []);
  assertEquals(alternatives(x), words(300).sort());
  assertEquals(held.size, x.held.length);
  assertEquals(told("rule_caps").at(-1), { perProject: 50, held: 50 });
  x.calls.length = 0;
  await sync.synchronise(queries, signal);
  assertEquals(x.calls, ["list", "counts"]);
});

Deno.test("X tells of more room later: it is used", async () => {
  const { x, sync } = setUp();
  x.cap = 20;
  x.toldCap = 100;
  await sync.synchronise(wanted(words(60)), signal);
  assertEquals(x.held.length, 20);
  x.cap = 200;
  x.toldCap = 200;
  await sync.synchronise(wanted(words(60)), signal);
  assertEquals(x.held.length, 60);
});

Deno.test("a swap for which X has no room is told with the number of queries, and is made", async () => {
  const { x, told, sync } = setUp({}, 1);
  await sync.synchronise(wanted(words(10)), signal);
  assertEquals(x.held.length, 1);
  const { unplaced } = await sync.synchronise(wanted(words(11)), signal);
  assertEquals(unplaced, []);
  assertEquals(told("rules_uncovered"), [{ queries: 10 }]);
  assertEquals(alternatives(x), words(11).sort());
});

Deno.test("a rule that is to go but covers what has no other place stays, and serves", async () => {
  const { x, sync } = setUp({ tier: { rules: 100, ruleLength: 14 } }, 100);
  const long = Array.from({ length: 98 }, (_, at) => `longword${at}`);
  const tooLong = { id: "5", value: "word0 OR word1 OR word2 OR gone", tag: wireTag(INSTALLATION, "abc") };
  x.held = [tooLong, ...long.map((value, at) => ({ id: `${at + 10}`, value, tag: wireTag(INSTALLATION, value) }))];
  const { held, unplaced } = await sync.synchronise(wanted([...words(3), ...long]), signal);
  assertEquals(unplaced, []);
  assertEquals(held.get("5")?.queries.map(({ value }) => value), words(3));
  assertEquals(held.size, 100);
});

Deno.test("the rules are told before X is asked for them", async () => {
  const { x, sync } = setUp();
  const seen: string[] = [];
  await sync.synchronise(wanted(words(2)), signal, {
    planned(rules) {
      seen.push(...rules.map(({ value }) => value));
      assertEquals(writes(x), []);
    },
  });
  assertEquals(seen, words(2));
});

Deno.test("cut off in the middle, whoever goes on asks about no rule twice, and counts all that was done", async () => {
  const { x, sync } = setUp({ asksFirst: true });
  // Three calls of trials, one that adds, then the line is cut.
  x.failAt = 2 + 3 + 1;
  await assertRejects(() => sync.synchronise(wanted(words(250)), signal), XFailure);
  x.calls.length = 0;
  x.failAt = -1;
  const { added, deleted } = await sync.synchronise(wanted(words(250)), signal);
  assertEquals(x.calls.filter((call) => call.startsWith("try")), []);
  assertEquals([added, deleted, x.held.length], [250, 0, 250]);
});
