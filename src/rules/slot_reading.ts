/** What one reading of a slot in Redis found, as it was stored, so that two readings can be compared. */

import type { Slot } from "../model/slot.ts";
import type { RuleFaultNote } from "./rule_store.ts";

/** A slot's rules as they are stored, by key: sets of rules, and a hash a rule. */
export interface SlotContent {
  readonly slot: Slot;
  readonly sets: ReadonlyMap<string, ReadonlySet<string>>;
  readonly hashes: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

export interface SlotReading extends SlotContent {
  readonly faults: readonly RuleFaultNote[];
  /** Whether the slot has a version, which was the same before and after. */
  readonly isVersioned: boolean;
}

/** Whether two readings found the same. */
export function isSameReading(a: SlotReading, b: SlotReading): boolean {
  return isSameContent(a, b) && JSON.stringify(a.faults) === JSON.stringify(b.faults);
}

/** Whether the same is stored. */
export function isSameContent(a: SlotContent, b: SlotContent): boolean {
  return haveSame(a.sets, b.sets, isSameSet) && haveSame(a.hashes, b.hashes, hasSameFields);
}

function haveSame<T>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>, isSame: (x: T, y: T) => boolean): boolean {
  return a.size === b.size && [...a].every(([key, value]) => {
    const other = b.get(key);
    return other !== undefined && isSame(value, other);
  });
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && a.isSubsetOf(b);
}

function hasSameFields(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && a[name] === b[name]);
}
