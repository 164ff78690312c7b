/** What was found when a sink was read back and compared with the ids that it must have. */

import type { Sqlite } from "../../base/sqlite.ts";
import { deliveredIds, lostByHour } from "../../journal/delivered_ids.ts";
import { hourOf } from "../../journal/tally.ts";
import { IdTable, type MissingId } from "./id_table.ts";

export interface SinkReading {
  readonly sink: string;
  /** Where was read, for people. */
  readonly place: string;
  /** How many ids must be there. */
  readonly expected: number;
  /** How many of them are not. */
  readonly missing: number;
  /** The earliest of those. */
  readonly examples: readonly MissingId[];
  /** How many more are not there, and are counted as lost with damaged rows of the journal. */
  readonly lost: number;
  /** How many cannot be compared any more: the sink itself has let go of them. */
  readonly removed: number;
  /** How many are there more than once, as a crash or an unanswered send leaves them. */
  readonly repeated: number;
  /** What a person should know beside that. */
  readonly remarks: readonly string[];
  /** Whether the comparison says that nothing is missing. */
  readonly agrees: boolean;
}

/** The ids that a sink must have, and what else the journal knows for the comparison. */
export interface Wanted {
  readonly ids: IdTable;
  /** How many were counted as lost, by hour of acceptance. */
  readonly lost: ReadonlyMap<number, number>;
}

/** What is to be told of reading, beside the ids. */
export interface ReadingFacts {
  readonly sink: string;
  readonly place: string;
  readonly removed?: number;
  readonly remarks?: readonly string[];
  /** Whether there was something to compare with. */
  readonly isComparable?: boolean;
}

const MOST_EXAMPLES = 1_000;

/** The ids that a sink must have. Part of a look into the journal. */
export function wantedOf(database: Sqlite, sink: string, from = 0): Wanted {
  const ids = new IdTable();
  for (const { position, id, acceptedAt } of deliveredIds(database, sink)) {
    if (position >= from) ids.add(id, acceptedAt);
  }
  return { ids, lost: lostByHour(database, sink) };
}

/** Concludes, when everything that the sink has was counted in the ids. */
export function concluded({ ids, lost }: Wanted, facts: ReadingFacts): SinkReading {
  const { sink, place, removed = 0, remarks = [], isComparable = true } = facts;
  const left = new Map(lost);
  let missing = 0;
  let lostIds = 0;
  let examples: MissingId[] = [];
  for (const entry of ids.missing()) {
    const hour = hourOf(entry.acceptedAt);
    const ofHour = left.get(hour) ?? 0;
    if (ofHour > 0) {
      left.set(hour, ofHour - 1);
      lostIds++;
      continue;
    }
    missing++;
    examples.push(entry);
    if (examples.length > 2 * MOST_EXAMPLES) examples = earliest(examples);
  }
  return {
    ...{ sink, place, expected: ids.size, missing, lost: lostIds, removed, remarks },
    repeated: ids.repeated,
    examples: earliest(examples),
    agrees: missing === 0 && isComparable,
  };
}

function earliest(examples: readonly MissingId[]): MissingId[] {
  return examples.toSorted((one, other) => one.acceptedAt - other.acceptedAt || (one.id < other.id ? -1 : 1))
    .slice(0, MOST_EXAMPLES);
}
