/**
 * The keys under which Redis holds a slot's rules: a set `traptor-track:0`, and hashes `traptor-track:0:17`, one a rule.
 * `locations` in a key is `geo`.
 */

import type { RedisConnection } from "../base/redis.ts";
import { inSlotOrder, parseSlotName, type Slot, slotName } from "../model/slot.ts";

/** What all keys of rules begin with. */
export const KEY_PREFIX = "traptor-";

/** The keys of one slot. */
export interface SlotKeys {
  readonly slot: Slot;
  readonly sets: string[];
  readonly hashes: string[];
}

/** `track:0`, the whole of a set's key after the prefix; in a hash's key the rule's id follows. */
const SLOT_IN_KEY = /^([a-z]+:\d+)(:|$)/i;

/** Finds the keys of slots, by the slots' names and in their order; slots of `named` are there without any key too. */
export async function slotKeys(
  redis: RedisConnection,
  { prefix = KEY_PREFIX, isSelected = () => true, named = [] }: {
    prefix?: string;
    isSelected?: (slot: Slot) => boolean;
    named?: readonly Slot[];
  } = {},
): Promise<Map<string, SlotKeys>> {
  const slots = new Map<string, SlotKeys>(named.map((slot) => [slotName(slot), noKeys(slot)]));
  for (const key of (await redis.scanKeys(prefix)).sort()) {
    const [, name = "", isHash] = SLOT_IN_KEY.exec(key.slice(prefix.length)) ?? [];
    const slot = parseSlotName(name);
    if (!slot || !isSelected(slot)) continue;
    const keys = slots.get(slotName(slot)) ?? noKeys(slot);
    (isHash ? keys.hashes : keys.sets).push(key);
    slots.set(slotName(slot), keys);
  }
  return new Map([...slots].sort(([, a], [, b]) => inSlotOrder(a.slot, b.slot)));
}

/** A slot that has no keys. */
export function noKeys(slot: Slot): SlotKeys {
  return { slot, sets: [], hashes: [] };
}

/** The rule's id in a hash's key. */
export function ruleIdInKey(key: string, prefix: string = KEY_PREFIX): string {
  return key.slice(prefix.length).replace(SLOT_IN_KEY, "");
}

/** What whoever writes a slot as a whole raises each time. */
export function versionKey(slot: Slot): string {
  return `traptor:rules:${slotName(slot)}:version`;
}
