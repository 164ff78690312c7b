/** Which slots the settings select, in words, and which they leave out. */

import type { RedisConnection } from "../../base/redis.ts";
import { selects, type SlotSelection } from "../../model/slot.ts";
import { slotKeys } from "../../rules/slot_keys.ts";
import { writeError } from "../terminal.ts";

/** How many slots are named. */
const MOST_NAMED = 5;

/** The slots of a selection: `track:0`, `track:* follow:*`. */
export function selectionText({ types, ids }: SlotSelection): string {
  const numbers = ids === "all" ? ["*"] : ids;
  return named(types.flatMap((type) => numbers.map((number) => `${type}:${number}`)));
}

/** Tells which slots have rules that a selection leaves out: perhaps they were not meant to be. */
export async function tellOtherSlots(redis: RedisConnection, selection: SlotSelection): Promise<void> {
  const others = await slotKeys(redis, { isSelected: (slot) => !selects(selection, slot) });
  if (others.size === 0) return;
  writeError(`Not looked at: the rules in ${named([...others.keys()])}; --type and --id say which slots count\n`);
}

function named(slots: readonly string[]): string {
  const more = slots.length - MOST_NAMED;
  return `${slots.slice(0, MOST_NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
