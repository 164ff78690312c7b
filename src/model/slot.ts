/**
 * A slot is a rule type and a number, `track:0`: the address of a rule set, as in the Python program.
 * A selection names the slots that one process collects.
 */

/** The types of rules, in the order in which they are listed. */
export const RULE_TYPES = ["track", "follow", "geo", "query"] as const;

export type RuleType = typeof RULE_TYPES[number];

export interface Slot {
  readonly type: RuleType;
  readonly id: number;
}

/** The slots of one process: each type with each id, or with all ids that there are. */
export interface SlotSelection {
  readonly types: readonly RuleType[];
  readonly ids: readonly number[] | "all";
}

/** The largest slot number; a range may not go beyond it. */
export const MOST_SLOT_ID = 9_999;

/** `track:0`. */
export function slotName(slot: Slot): string {
  return `${slot.type}:${slot.id}`;
}

/** The rule type that a word names; `locations` is the Python program's word for `geo`. */
export function ruleTypeOf(word: string): RuleType | undefined {
  const lower = word.trim().toLowerCase();
  if (lower === "locations") return "geo";
  return RULE_TYPES.find((type) => type === lower);
}

/** The slot that a name such as `track:0` or `locations:2` means, or undefined. */
export function parseSlotName(name: string): Slot | undefined {
  const parts = /^([a-z]+):(\d{1,4})$/i.exec(name.trim());
  const type = parts && ruleTypeOf(parts[1]!);
  return type ? { type, id: Number(parts[2]) } : undefined;
}

/** Whether a slot belongs to a selection. */
export function selects(selection: SlotSelection, slot: Slot): boolean {
  return selection.types.includes(slot.type) && (selection.ids === "all" || selection.ids.includes(slot.id));
}

/** The slots of a selection that names its ids; an empty list for one that takes all. */
export function slotsOf(selection: SlotSelection): Slot[] {
  if (selection.ids === "all") return [];
  const ids = selection.ids;
  return selection.types.flatMap((type) => ids.map((id) => ({ type, id })));
}

/** A selection as it is told to others: `track:0`, or `track:*` for all slots of a type. */
export function selectionNames(selection: SlotSelection): string[] {
  if (selection.ids === "all") return selection.types.map((type) => `${type}:*`);
  return slotsOf(selection).map(slotName);
}

/** The selections that such names mean; what is no name of a slot is left out. */
export function selectionsNamed(names: readonly string[]): SlotSelection[] {
  return names.flatMap((name): SlotSelection[] => {
    const slot = parseSlotName(name);
    if (slot) return [{ types: [slot.type], ids: [slot.id] }];
    const [word = "", ids] = name.split(":");
    const type = ruleTypeOf(word);
    return type && ids === "*" ? [{ types: [type], ids: "all" }] : [];
  });
}

/** Whether two selections have a slot in common. */
export function overlap(one: SlotSelection, other: SlotSelection): boolean {
  if (!one.types.some((type) => other.types.includes(type))) return false;
  if (one.ids === "all" || other.ids === "all") return true;
  const ids = other.ids;
  return one.ids.some((id) => ids.includes(id));
}

/** Sorts slots by type, then by number. */
export function inSlotOrder(a: Slot, b: Slot): number {
  return RULE_TYPES.indexOf(a.type) - RULE_TYPES.indexOf(b.type) || a.id - b.id;
}
