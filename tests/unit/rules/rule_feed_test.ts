import { assertEquals } from "@std/assert";
import { SettingsError, TransientError } from "../../../src/base/errors.ts";
import { type EmittedEvent, type EventName, Events } from "../../../src/base/events.ts";
import { readRule, type Rule } from "../../../src/model/rule.ts";
import { RuleFeed, type RuleMemory } from "../../../src/rules/rule_feed.ts";
import { RulesFileError } from "../../../src/rules/rule_store.ts";
import { FakeClock, settle } from "../../support/fake_clock.ts";
import { MemoryRuleStore } from "../../support/memory_rule_store.ts";

const NO_CHANCE = { fraction: () => 0, hex: (bytes: number) => "0".repeat(bytes * 2) };
const POLL_MS = 60_000;

function rules(...values: string[]): Rule[] {
  return values.map((value) => readRule(value, { type: "track", id: 0 }));
}

/** A feed over a store in memory, begun. `brought` holds the values of each rule set. */
function begin(prepare: (store: MemoryRuleStore) => void = () => {}, kept?: RuleMemory) {
  const clock = new FakeClock();
  const events = new Events();
  const told: EmittedEvent[] = [];
  events.listen((event) => told.push(event));
  const store = new MemoryRuleStore();
  prepare(store);
  const ending = new AbortController();
  const brought: string[][] = [];
  const feed = new RuleFeed({ store, kept, clock, random: NO_CHANCE, events, pollMs: POLL_MS });
  const ended = feed.run(ending.signal, (set) => brought.push(set.map(({ value }) => value))).catch((error) => error);
  const count = (name: EventName) => told.filter((event) => event.name === name).length;
  return { clock, store, ending, brought, ended, told, count };
}

Deno.test("rules are handed on at the start, at a notice, and at the poll, when they have changed", async () => {
  const { clock, store, brought } = begin((store) => store.change(rules("a")));
  await settle();
  assertEquals(brought, [["a"]]);
  store.put(rules("a", "b"));
  await clock.advance(1_000);
  assertEquals(brought, [["a"], ["a", "b"]]);
  store.change(rules("b"));
  await clock.advance(POLL_MS - 2_000);
  assertEquals(brought.length, 2);
  await clock.advance(2_000);
  assertEquals(brought, [["a"], ["a", "b"], ["b"]]);
});

Deno.test("no rules are handed on too, once", async () => {
  const { clock, brought } = begin();
  await clock.advance(5 * POLL_MS);
  assertEquals(brought, [[]]);
});

Deno.test("the same rules in another order are no change; another tag is one", async () => {
  const { clock, store, brought } = begin((store) => store.change(rules("a", "b", "a")));
  await settle();
  store.put(rules("b", "a", "a"));
  await clock.advance(1_000);
  assertEquals(brought.length, 1);
  store.put(rules("b", "a", "b"));
  await clock.advance(1_000);
  assertEquals(brought.length, 2);
  store.put([readRule({ value: "b", tag: "t" }, { type: "track", id: 0 }), ...rules("a", "b")]);
  await clock.advance(1_000);
  assertEquals(brought.length, 3);
});

Deno.test("a load that fails at the start is tried again with growing waits", async () => {
  const { clock, store, brought, told, count } = begin((store) => {
    store.change(rules("a"));
    store.failure = new TransientError("nothing answers");
  });
  await clock.advance(250 + 500 + 1_000);
  assertEquals(store.loads, 4);
  assertEquals(told[0]?.fields, { source: "memory", reason: "nothing answers", kept: 0 });
  store.failure = undefined;
  await clock.advance(2_000);
  assertEquals(brought, [["a"]]);
  assertEquals(count("rules_load_recovered"), 1);
});

Deno.test("a load that fails later replaces nothing, and is tried again before the next poll", async () => {
  const { clock, store, brought, told, count } = begin((store) => store.change(rules("a", "b")));
  await settle();
  store.failure = new RulesFileError("Cannot read the rules in x: it is no JSON", { hint: "mend it" });
  store.notify("x");
  await clock.advance(1_000);
  assertEquals(brought, [["a", "b"]]);
  assertEquals(told.find(({ name }) => name === "rules_load_failed")?.fields["kept"], 2);
  store.failure = undefined;
  store.change(rules("c"));
  await clock.advance(15_000);
  assertEquals(brought, [["a", "b"], ["c"]]);
  assertEquals(count("rules_load_recovered"), 1);
});

Deno.test("a file that cannot be used at the very start ends the feed, and so does a bug at any time", async () => {
  const failure = new RulesFileError("Cannot read the rules in x: there is no such file", { hint: "make it" });
  const { ended, store } = begin((store) => store.failure = failure);
  assertEquals(await ended, failure);
  assertEquals([failure instanceof SettingsError, store.closed, store.watchers], [true, true, 0]);

  const later = begin((store) => store.change(rules("a")));
  await settle();
  later.store.failure = new TypeError("a bug");
  later.store.notify("x");
  await later.clock.advance(1_000);
  assertEquals(await later.ended, later.store.failure);
});

Deno.test("loads never overlap, and notices that come together are one load", async () => {
  const gate = Promise.withResolvers<void>();
  const { clock, store } = begin((store) => store.gate = gate.promise);
  await settle();
  for (let notice = 0; notice < 50; notice++) store.notify("track:0");
  await clock.advance(POLL_MS / 2);
  assertEquals(store.loads, 1);
  gate.resolve();
  await clock.advance(1_000);
  assertEquals([store.loads, store.mostAtOnce], [2, 1]);
  for (let notice = 0; notice < 50; notice++) {
    store.notify("track:0");
    await clock.advance(1);
  }
  await clock.advance(1_000);
  assertEquals(store.loads, 3);
});

Deno.test("a fault is told once, until it goes and comes again; many are summed up", async () => {
  const fault = (at: number) => ({ where: `line ${at}`, reason: "it has no value" });
  const { clock, store, told, count } = begin((store) => store.change([], [fault(7), fault(7)]));
  await clock.advance(3 * POLL_MS);
  assertEquals(count("rule_unusable"), 1);
  store.put([], [fault(7), fault(8)]);
  await clock.advance(1_000);
  assertEquals(count("rule_unusable"), 2);
  store.put([]);
  await clock.advance(1_000);
  store.put([], [fault(7)]);
  await clock.advance(1_000);
  assertEquals(count("rule_unusable"), 3);
  store.put([], Array.from({ length: 100 }, (_, at) => fault(at)));
  await clock.advance(1_000);
  assertEquals(count("rule_unusable"), 23);
  assertEquals(told.find(({ name }) => name === "rules_unusable_too")?.fields, { source: "memory", more: 79 });
});

Deno.test("notices and their loss are told", async () => {
  const { store, told } = begin();
  await settle();
  store.notify("track:0");
  store.lose("the connection was lost");
  assertEquals(told.map(({ name, fields }) => [name, fields]), [
    ["rule_notice", { slot: "track:0" }],
    ["rules_unwatched", { source: "memory", reason: "the connection was lost", pollMs: POLL_MS }],
  ]);
});

Deno.test("the signal ends the feed at once, whatever it is doing", async () => {
  for (const moment of ["waiting", "gathering", "loading"]) {
    const gate = Promise.withResolvers<void>();
    const { clock, store, ending, ended } = begin((store) => {
      if (moment === "loading") store.gate = gate.promise;
    });
    await settle();
    if (moment === "gathering") store.notify("x");
    await clock.advance(10);
    ending.abort("the end");
    gate.resolve();
    assertEquals(await ended, "the end", moment);
    assertEquals([store.closed, store.watchers, clock.pending], [true, 0, 0]);
  }
});

/** Remembers like a journal. */
class Memory implements RuleMemory {
  constructor(public rules: readonly Rule[] | undefined) {}

  read(): readonly Rule[] | undefined {
    return this.rules;
  }

  keep(rules: readonly Rule[]): void {
    this.rules = rules;
  }
}

Deno.test("where the first load fails the last rules serve, until there are others", async () => {
  const memory = new Memory(rules("a", "b"));
  const { brought, clock, count, store } = begin((store) => store.failure = new TransientError("away"), memory);
  await settle();
  assertEquals([brought, count("rules_kept_used"), count("rules_load_failed")], [[["a", "b"]], 1, 1]);
  store.change(rules("a", "b"));
  store.failure = undefined;
  await clock.advance(POLL_MS);
  assertEquals([brought.length, count("rules_load_recovered")], [1, 1]);
  store.put(rules("c"));
  await clock.advance(1_000);
  assertEquals([brought, memory.rules?.map(({ value }) => value)], [[["a", "b"], ["c"]], ["c"]]);
  store.failure = new TransientError("away again");
  store.notify("a change");
  await clock.advance(1_000);
  assertEquals([brought.length, count("rules_kept_used")], [2, 1]);
});

Deno.test("rules are remembered once they are complete, and again when they have changed", async () => {
  const memory = new Memory(undefined);
  const { clock, store } = begin((store) => store.change(rules("a")), memory);
  await settle();
  assertEquals(memory.rules?.map(({ value }) => value), ["a"]);
  memory.rules = undefined;
  await clock.advance(POLL_MS + 1_000);
  assertEquals(memory.rules, undefined);
  store.put(rules());
  await clock.advance(1_000);
  assertEquals(memory.rules, []);
});
