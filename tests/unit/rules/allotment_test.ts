import { assert, assertEquals, assertThrows } from "@std/assert";
import { SettingsError } from "../../../src/base/errors.ts";
import { readRule } from "../../../src/model/rule.ts";
import { RuleTable, type TypeTable } from "../../../src/model/rule_table.ts";
import { MOST_SLOT_ID } from "../../../src/model/slot.ts";
import { allot, type AllotmentOptions, type HeldSlot } from "../../../src/rules/allotment.ts";
import { withChance } from "../../support/seeded.ts";

function tableOf(values: readonly string[], bound: Readonly<Record<string, number>> = {}): TypeTable {
  const table = new RuleTable();
  for (const value of values) {
    const rule = readRule(value, { type: "track", id: 0 });
    table.add(rule, { value }, bound[value]);
  }
  return table.tables[0]!;
}

/** Slots by their ids, with the values that go there. */
function allotted(table: TypeTable, options: Partial<AllotmentOptions> = {}): Record<number, string[]> {
  const held = options.held ?? [{ id: 0, places: [], others: 0 }];
  const places = allot({ table, held, perSlot: 2, mayOverflow: false, isFree: () => true, ...options });
  return Object.fromEntries(
    [...places].map(([id, found]) => [id, found.map((at) => String(table.fieldsAt(at)["value"]))]),
  );
}

Deno.test("rules fill the first slot, then the next ones", () => {
  assertEquals(allotted(tableOf(["a", "b", "c", "d", "e"])), { 0: ["a", "b"], 1: ["c", "d"], 2: ["e"] });
});

Deno.test("a rule stays in its slot, and new ones fill what has room", () => {
  const table = tableOf(["new", "c", "a"]);
  const held: HeldSlot[] = [{ id: 0, places: [2], others: 0 }, { id: 1, places: [1], others: 0 }];
  assertEquals(allotted(table, { held }), { 0: ["a", "new"], 1: ["c"] });
});

Deno.test("slots of others are passed over", () => {
  const isFree = (id: number) => id !== 1;
  assertEquals(allotted(tableOf(["a", "b", "c"]), { isFree }), { 0: ["a", "b"], 2: ["c"] });
});

Deno.test("a rule that is bound to a slot goes there, whatever else is in it", () => {
  assertEquals(allotted(tableOf(["a", "b", "c"], { c: 7 })), { 0: ["a", "b"], 7: ["c"] });
});

Deno.test("of a slot that holds too many, rules move on; joining rules leaves them", () => {
  const table = tableOf(["a", "b", "c"]);
  const held: HeldSlot[] = [{ id: 0, places: [0, 1, 2], others: 0 }];
  assertEquals(allotted(table, { held }), { 0: ["a", "b"], 1: ["c"] });
  assertEquals(allotted(table, { held, mayOverflow: true }), { 0: ["a", "b", "c"] });
});

Deno.test("rules that stay take room", () => {
  assertEquals(allotted(tableOf(["a", "b"]), { held: [{ id: 0, places: [], others: 1 }] }), { 0: ["a"], 1: ["b"] });
});

Deno.test("a rule that two slots hold stays in the first of them alone", () => {
  const held: HeldSlot[] = [{ id: 0, places: [0], others: 0 }, { id: 3, places: [0], others: 0 }];
  assertEquals(allotted(tableOf(["a"]), { held }), { 0: ["a"], 3: [] });
});

Deno.test("when no slot is left, nothing is allotted", () => {
  const held: HeldSlot[] = [{ id: MOST_SLOT_ID, places: [], others: 0 }];
  assertThrows(() => allotted(tableOf(["a", "b", "c"]), { held }), SettingsError, "no slot is left");
});

Deno.test("whatever comes and goes, every rule has one slot, no slot too many, and rules that stay do not move", async () => {
  await withChance((chance) => {
    const perSlot = 1 + Math.floor(chance() * 7);
    const words = Array.from({ length: 60 }, (_, number) => `word${number}`);
    let held: { id: number; values: string[] }[] = [{ id: 0, values: [] }];
    for (let step = 0; step < 8; step++) {
      const chosen = words.filter(() => chance() < 0.5);
      const table = tableOf(chosen.length > 0 ? chosen : ["word0"]);
      const now = allotted(table, {
        perSlot,
        held: held.map(({ id, values }) => ({
          id,
          places: values.flatMap((value) => table.placeOf(value) ?? []),
          others: 0,
        })),
      });
      const all = Object.values(now).flat();
      assertEquals([...all].sort(), Array.from({ length: table.size }, (_, at) => table.fieldsAt(at)["value"]).sort());
      assert(Object.values(now).every((values) => values.length <= perSlot));
      for (const { id, values } of held) {
        for (const value of values.filter((value) => all.includes(value))) assert(now[id]!.includes(value));
      }
      held = Object.entries(now).map(([id, values]) => ({ id: Number(id), values }));
    }
  });
});
