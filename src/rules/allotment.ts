/**
 * Which rules go to which slot. A slot holds so many at most; rules beyond that go to the next slots. A rule that is
 * stored already stays where it is, so that rules which come and go move no others.
 */

import { SettingsError } from "../base/errors.ts";
import type { TypeTable } from "../model/rule_table.ts";
import { MOST_SLOT_ID } from "../model/slot.ts";

/** What a slot of ours holds before. */
export interface HeldSlot {
  readonly id: number;
  /** The places in the table of the rules that it holds. */
  readonly places: readonly number[];
  /** How many other rules stay in it. */
  readonly others: number;
}

export interface AllotmentOptions {
  readonly table: TypeTable;
  /** The slots that are ours, the first of all among them, in their order. */
  readonly held: readonly HeldSlot[];
  /** How many rules a slot holds at most. */
  readonly perSlot: number;
  /** Whether rules stay where they are even in a slot that holds too many. */
  readonly mayOverflow: boolean;
  /** Whether a slot that is not ours may be taken. */
  isFree(id: number): boolean;
}

/** The places of the rules of each slot, ours all among them. Throws SettingsError when there are not enough slots. */
export function allot({ table, held, perSlot, mayOverflow, isFree }: AllotmentOptions): Map<number, number[]> {
  const allotted = new Map<number, number[]>(held.map(({ id }) => [id, []]));
  const filled = new Map(held.map(({ id, others }) => [id, others]));
  const isPlaced = new Uint8Array(table.size);
  const put = (place: number, id: number) => {
    isPlaced[place] = 1;
    filled.set(id, (filled.get(id) ?? 0) + 1);
    const places = allotted.get(id);
    if (places) places.push(place);
    else allotted.set(id, [place]);
  };
  const hasRoom = (id: number) => (filled.get(id) ?? 0) < perSlot;

  for (let place = 0; place < table.size; place++) {
    const id = table.slotIdAt(place);
    if (id !== undefined) put(place, id);
  }
  for (const { id, places } of held) {
    for (const place of places) if (!isPlaced[place] && (mayOverflow || hasRoom(id))) put(place, id);
  }
  const ids = idsWithRoom(held.map(({ id }) => id), hasRoom, isFree);
  let id = ids.next();
  for (let place = 0; place < table.size; place++) {
    if (isPlaced[place]) continue;
    while (!id.done && !hasRoom(id.value)) id = ids.next();
    if (id.done) {
      throw new SettingsError(
        `Cannot store all ${table.type} rules: from ${held[0]?.id ?? 0} to ${MOST_SLOT_ID} no slot is left for them`,
        { hint: "--per-slot with more than now, or fewer rules" },
      );
    }
    put(place, id.value);
  }
  return allotted;
}

/** Ours first, in their order, then those after the first that nobody has. */
function* idsWithRoom(
  ours: readonly number[],
  hasRoom: (id: number) => boolean,
  isFree: (id: number) => boolean,
): Generator<number> {
  for (const id of ours) if (hasRoom(id)) yield id;
  for (let id = ours[0] ?? 0; id <= MOST_SLOT_ID; id++) if (!ours.includes(id) && isFree(id)) yield id;
}
