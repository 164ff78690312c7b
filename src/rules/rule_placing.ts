/**
 * What is to be stored in which slot, for rules that an extraction has gathered: which slots are its own, which rule
 * stays or goes where, and what a slot holds afterwards, whether the new rules replace the old ones or join them.
 */

import type { RedisConnection } from "../base/redis.ts";
import type { JsonObject } from "../model/json.ts";
import { readRule } from "../model/rule.ts";
import { mergedFields, type TypeTable } from "../model/rule_table.ts";
import { type Slot, slotName } from "../model/slot.ts";
import { allot, type HeldSlot } from "./allotment.ts";
import { readContent, storedRules } from "./slot_content.ts";
import { KEY_PREFIX, noKeys, type SlotKeys } from "./slot_keys.ts";
import { SlotOwners } from "./slot_owners.ts";
import type { SlotContent } from "./slot_reading.ts";
import { asHash } from "./stored_rule.ts";

export interface PlacingOptions {
  /** The slot at which the extraction begins. */
  readonly startId: number;
  /** Whether the rules take the place of those that were there, or join them. */
  readonly mode: "replace" | "merge";
  readonly layout: "set" | "hash";
  readonly perSlot: number;
}

/** The rules of one type, placed. */
export interface Placing {
  readonly start: Slot;
  readonly table: TypeTable;
  readonly options: PlacingOptions;
  /** For each slot of the extraction the places in the table of the rules that go there. */
  readonly places: ReadonlyMap<number, readonly number[]>;
}

/** Finds the slot of every rule of a type. `keys` are those of all slots by their names. Throws SettingsError. */
export async function placeRules(
  redis: RedisConnection,
  keys: ReadonlyMap<string, SlotKeys>,
  table: TypeTable,
  options: PlacingOptions,
  signal: AbortSignal,
): Promise<Placing> {
  const { mode, perSlot, startId } = options;
  const owners = await SlotOwners.read(redis, table.type);
  const ids = [...new Set([...owners.ownedBy(startId), ...table.boundSlotIds])];
  owners.refuseOthers(ids, startId);
  const held: HeldSlot[] = [];
  for (const id of ids) {
    signal.throwIfAborted();
    const content = await readContent(redis, keysOf(keys, { type: table.type, id }));
    const places: number[] = [];
    let others = 0;
    for (const { value } of storedRules(content)) {
      const place = value === undefined ? undefined : table.placeOf(value);
      if (place !== undefined) places.push(place);
      else if (mode === "merge") others += 1;
    }
    held.push({ id, places, others });
  }
  const isFree = (id: number) => owners.isFree(id) && !keys.has(slotName({ type: table.type, id }));
  const places = allot({ table, held, perSlot, mayOverflow: mode === "merge", isFree });
  return { start: { type: table.type, id: startId }, table, options, places };
}

/** Finds the slot of every rule as if nothing were stored yet. Throws SettingsError. */
export function placeAlone(table: TypeTable, options: PlacingOptions): Placing {
  const { perSlot, startId } = options;
  const held = [...new Set([startId, ...table.boundSlotIds])].map((id) => ({ id, places: [], others: 0 }));
  const places = allot({ table, held, perSlot, mayOverflow: false, isFree: () => true });
  return { start: { type: table.type, id: startId }, table, options, places };
}

/** What a slot holds afterwards. */
export function placedContent(before: SlotContent, { table, options, places }: Placing): SlotContent {
  const { slot } = before;
  const sets = new Map<string, Set<string>>();
  const hashes = new Map<string, Readonly<Record<string, string>>>();
  const kept = new Map<number, JsonObject>();
  if (options.mode === "merge") {
    for (const { value, fields, text, key, layout } of storedRules(before)) {
      const place = value === undefined ? undefined : table.placeOf(value);
      if (place !== undefined && fields) kept.set(place, fields);
      else if (layout === "hash") hashes.set(key, before.hashes.get(key)!);
      else member(sets, key, text);
    }
  }
  const setKey = `${KEY_PREFIX}${slotName(slot)}`;
  for (const place of places.get(slot.id) ?? []) {
    const earlier = kept.get(place);
    const fields = () => earlier ? mergedFields(earlier, table.fieldsAt(place)) : table.fieldsAt(place);
    if (options.layout === "hash") {
      const rule = readRule(fields(), slot);
      hashes.set(freeKey(`${setKey}:${rule.ruleId}`, hashes), asHash(fields(), rule));
    } else member(sets, setKey, earlier ? JSON.stringify(fields()) : table.textAt(place));
  }
  return { slot, sets, hashes };
}

/** The keys of a slot, or none. */
export function keysOf(keys: ReadonlyMap<string, SlotKeys>, slot: Slot): SlotKeys {
  return keys.get(slotName(slot)) ?? noKeys(slot);
}

function member(sets: Map<string, Set<string>>, key: string, text: string): void {
  const members = sets.get(key);
  if (members) members.add(text);
  else sets.set(key, new Set([text]));
}

/** Rules of other values may have the same id. */
function freeKey(key: string, taken: ReadonlyMap<string, unknown>): string {
  let free = key;
  for (let number = 2; taken.has(free); number++) free = `${key}-${number}`;
  return free;
}
