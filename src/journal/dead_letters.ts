/** Dead letters: records that a sink will never take, kept until a person looks; looked at, and tried again. */

import type { Sqlite } from "../base/sqlite.ts";
import type { AcceptedFacts } from "../model/backlog.ts";
import type { TweetRecord } from "../model/record.ts";
import { isSound, type RecordRow } from "./checksum.ts";
import type { Journal } from "./journal.ts";
import { factsOf } from "./record_rows.ts";

/** A dead letter without its record. */
export interface DeadLetterHead {
  readonly number: number;
  readonly sink: string;
  readonly reason: string;
  readonly diedAt: number;
  readonly id: string;
  readonly acceptedAt: number;
  /** The size of the record. */
  readonly bytes: number;
}

export interface DeadLetter extends DeadLetterHead {
  readonly record: TweetRecord;
  readonly facts: AcceptedFacts;
}

/** Which dead letters are meant: those of some numbers, or all, of all sinks or one. */
export interface DeadSelection {
  readonly numbers?: readonly number[];
  readonly sink?: string;
}

/** What became of those that were to be tried again; it is JSON. */
export type Retried = {
  /** How many are among the records again. */
  retried: number;
  /** Numbers that there are none of. */
  unknown: number[];
  /** Numbers of those that are not what was written. */
  damaged: number[];
  /** Those whose sinks the collector does not deliver to. */
  absent: { number: number; sink: string }[];
  /** Why it ended early; null when it did not. */
  fault: string | null;
};

interface DeadRow extends RecordRow {
  readonly number: number;
  readonly sink: string;
  readonly reason: string;
  readonly died_at: number;
  readonly crc: number;
}

/** How many are listed at once; how many bytes of records are put back at once. */
const PAGE = 1_000;
const STEP_BYTES = 4_000_000;

const HEAD = "number, sink, reason, died_at AS diedAt, id, accepted_at AS acceptedAt, length(value) AS bytes";

/** Dead letters without their records, in order. */
export function* deadHeads(database: Sqlite, { numbers, sink }: DeadSelection = {}): Generator<DeadLetterHead> {
  if (numbers) {
    for (const number of numbers) {
      yield* database.all<DeadLetterHead>(`SELECT ${HEAD} FROM dead WHERE number = ?`, number);
    }
    return;
  }
  // What dies again meanwhile is not met again.
  const last = database.get<{ number: number | null }>("SELECT max(number) AS number FROM dead")!.number ?? 0;
  yield* database.inOrder<DeadLetterHead>(
    "number",
    PAGE,
    `SELECT ${HEAD} FROM dead WHERE number > ?1 AND number <= ?3 AND (?4 IS NULL OR sink = ?4) ORDER BY number LIMIT ?2`,
    last,
    sink ?? null,
  );
}

/** A dead letter with its record; undefined when there is none of the number, "damaged" when it is not what was written. */
export function deadLetter(database: Sqlite, number: number): DeadLetter | "damaged" | undefined {
  const row = database.get<DeadRow>("SELECT *, NULL AS only_sink FROM dead WHERE number = ?", number);
  if (!row) return undefined;
  if (!isSound(row)) return "damaged";
  const { sink, reason, died_at: diedAt, id, accepted_at: acceptedAt, headers, value } = row;
  return {
    ...{ number, sink, reason, diedAt, id, acceptedAt, bytes: value.length },
    record: { id, value, headers: JSON.parse(headers) },
    facts: factsOf(row),
  };
}

/**
 * Puts dead letters back among the records, some at a time with a pause between: a collector has other things to do.
 * Throws SqliteError.
 */
export async function retryDead(
  journal: Journal,
  selection: DeadSelection,
  pause: () => Promise<void>,
): Promise<Retried> {
  const heads = journal.use((database) => [...deadHeads(database, selection)]);
  const there = new Set(heads.map(({ number }) => number));
  const outcome: Retried = {
    retried: 0,
    unknown: (selection.numbers ?? []).filter((number) => !there.has(number)),
    damaged: [],
    absent: heads.filter(({ sink }) => !journal.sinks.includes(sink)).map(({ number, sink }) => ({ number, sink })),
    fault: null,
  };
  for (const numbers of stepsOf(heads.filter(({ sink }) => journal.sinks.includes(sink)))) {
    const found = journal.use((database) => numbers.map((number) => deadLetter(database, number)));
    outcome.damaged.push(...numbers.filter((_, at) => found[at] === "damaged"));
    const letters = found.filter((letter) => letter !== undefined && letter !== "damaged");
    journal.takeBack(letters);
    // Where they could not be written yet they are kept, and written when that can be.
    if (journal.fault !== undefined) return { ...outcome, fault: journal.fault };
    const left = journal.use((database) => letters.filter(({ number }) => deadLetter(database, number) !== undefined));
    outcome.retried += letters.length - left.length;
    if (left.length > 0) return { ...outcome, fault: "the journal is closed" };
    await pause();
  }
  return outcome;
}

/** The numbers, as many together as may be in memory at once. Each is there once. */
function* stepsOf(heads: readonly DeadLetterHead[]): Generator<number[]> {
  let step = new Set<number>();
  let bytes = 0;
  for (const head of heads) {
    if (step.size > 0 && (step.size === PAGE || bytes + head.bytes > STEP_BYTES)) {
      yield [...step];
      step = new Set();
      bytes = 0;
    }
    step.add(head.number);
    bytes += head.bytes;
  }
  if (step.size > 0) yield [...step];
}
