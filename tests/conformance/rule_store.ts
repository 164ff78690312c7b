/**
 * What every rule store does, whatever it keeps its rules in. A store is tried through a stand, which writes rules the
 * way people write them there.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { TransientError } from "../../src/base/errors.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { collectionRule } from "../../src/model/rule.ts";
import { RulesFileError, type RuleStore } from "../../src/rules/rule_store.ts";
import { waitUntil } from "../support/wait_until.ts";

/** A rule as it is written; `undefined` stands for one that cannot be used. */
export type WrittenRule = JsonObject | undefined;

/** A store with its surroundings. All rules are of the slot `track:0`. */
export interface RuleStoreStand {
  readonly store: RuleStore;
  /** Replaces all rules. Whoever watches is to notice. */
  write(rules: readonly WrittenRule[]): Promise<void>;
  /** Takes away what holds the rules, and brings it back with the rules that were there. */
  breakDown(): Promise<void>;
  mend(): Promise<void>;
  remove(): Promise<void>;
}

const NEVER = new AbortController().signal;

const RULES: JsonObject[] = [
  { rule_id: "1790000000000000001", value: "deno", tag: "runtimes", note: "kept", nested: { deep: [1, null] } },
  { rule_id: "2", value: "地震 🌋 الزلزال", tag: "earth" },
  { rule_id: "3", value: "#opendata" },
];

/** Runs the suite. `open` brings a stand of its own for each part. */
export async function checkRuleStore(t: Deno.TestContext, open: () => Promise<RuleStoreStand>): Promise<void> {
  const part = (name: string, check: (stand: RuleStoreStand) => Promise<void>) =>
    t.step(name, async () => {
      const stand = await open();
      try {
        await check(stand);
      } finally {
        stand.store.close();
        await stand.remove();
      }
    });

  await part("no rules are no fault", async ({ store, write }) => {
    await write([]);
    assertEquals(await store.load(NEVER), { rules: [], faults: [] });
  });

  await part("rules come whole: exact ids, all scripts, all further fields", async ({ store, write }) => {
    await write(RULES);
    const { rules, faults } = await store.load(NEVER);
    assertEquals(faults, []);
    const loaded = rules.map(collectionRule).sort((a, b) => a["rule_id"]! < b["rule_id"]! ? -1 : 1);
    const added = (rule: JsonObject) => ({
      tag: null,
      ...rule,
      type: "track",
      id: 0,
      rule_tag: rule["tag"] ?? null,
      rule_value: rule["value"]!,
    });
    assertEquals(loaded, RULES.map(added));
  });

  await part("the same rules come in the same order", async ({ store, write }) => {
    await write(RULES);
    const first = await store.load(NEVER);
    assertEquals(await store.load(NEVER), first);
  });

  await part("a rule that cannot be used is a fault, and the others are used", async ({ store, write }) => {
    await write([RULES[0]!, undefined, RULES[1]!]);
    const { rules, faults } = await store.load(NEVER);
    assertEquals(rules.map((rule) => rule.value).sort(), ["deno", "地震 🌋 الزلزال"].sort());
    assertEquals(faults.length, 1);
    assert(faults[0]!.where.length > 0 && faults[0]!.reason.length > 0);
  });

  await part("nothing from outside sets a prototype or our own members", async ({ store, write }) => {
    const hostile = JSON.parse('{"value": "deno", "__proto__": {"polluted": true}, "rule_value": "x", "sampled": 3}');
    await write([hostile]);
    const { rules } = await store.load(NEVER);
    const member = collectionRule(rules[0]!);
    assertEquals((member as { polluted?: boolean }).polluted, undefined);
    assertEquals(Object.getPrototypeOf(rules[0]!.extra), Object.prototype);
    assertEquals(Object.keys(rules[0]!.extra), []);
    assertEquals(member["rule_value"], "deno");
  });

  await part("a change is noticed and loaded, until nobody watches", async ({ store, write }) => {
    await write([RULES[0]!]);
    let notices = 0;
    const unwatch = store.watch({ onNotice: () => notices++, onLost: () => {} });
    try {
      // What begins to watch may take a moment; a change is written again until one is seen.
      await waitUntil(async () => {
        await write([RULES[1]!]);
        return notices > 0;
      }, { what: "a notice", everyMs: 150 });
      assertEquals((await store.load(NEVER)).rules.map((rule) => rule.ruleId), ["2"]);
      await waitUntil(async () => {
        const before = notices;
        await write([RULES[2]!]);
        return await waitUntil(() => notices > before, { what: "a notice", withinMs: 1_000 });
      }, { what: "a second notice" });
      assertEquals((await store.load(NEVER)).rules.map((rule) => rule.ruleId), ["3"]);
    } finally {
      unwatch();
    }
  });

  await part("what is broken down throws, and loads again when it is mended", async (stand) => {
    const { store } = stand;
    await stand.write(RULES);
    await stand.breakDown();
    const failure = await assertRejects(() => store.load(NEVER), Error);
    assert(failure instanceof TransientError || failure instanceof RulesFileError, `${failure}`);
    assert(!failure.message.endsWith("."), failure.message);
    await stand.mend();
    assertEquals((await store.load(NEVER)).rules.length, 3);
  });

  await part("a load that is called off rejects with the signal's reason", async ({ store, write }) => {
    await write(RULES);
    const reason = new Error("stop");
    assertEquals(await store.load(AbortSignal.abort(reason)).catch((error) => error), reason);
  });

  await part("closing twice is no harm", ({ store }) => {
    store.close();
    store.close();
    return Promise.resolve();
  });
}
