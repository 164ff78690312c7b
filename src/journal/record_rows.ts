/** Accepted records as rows of the journal: written, read in order, checked, deleted. */

import { type Sqlite, SqliteError } from "../base/sqlite.ts";
import type { AcceptedFacts, BacklogEntry, BatchLimits, Position } from "../model/backlog.ts";
import type { TweetRecord } from "../model/record.ts";
import { checksumOf, isSound, type RecordRow } from "./checksum.ts";
import type { Range } from "./sink_positions.ts";

/** A record with its place, on its way into the journal or out of it. */
export interface AcceptedRecord extends BacklogEntry {
  /** The only sink that waits for it; undefined for all. */
  readonly onlySink?: string;
}

interface StoredRow extends RecordRow {
  readonly position: number;
  readonly crc: number;
}

/** How many records and bytes some rows are. */
export interface Amount {
  readonly records: number;
  readonly bytes: number;
}

export function insertRecord(database: Sqlite, { position, record, facts, onlySink }: AcceptedRecord): void {
  const row = rowOf(record, facts, onlySink);
  const { id, accepted_at, rules, headers, value, only_sink } = row;
  database.run(
    "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    position,
    id,
    accepted_at,
    rules,
    headers,
    value,
    only_sink,
    checksumOf(row),
  );
}

/** What a record is as a row. */
export function rowOf(record: TweetRecord, { at, rules }: AcceptedFacts, onlySink?: string): RecordRow {
  return {
    id: record.id,
    accepted_at: at,
    rules: rules.join(","),
    headers: JSON.stringify(record.headers),
    value: record.value,
    only_sink: onlySink ?? null,
  };
}

/** A row that is not what was written, with what it says of itself. */
export interface DamagedRecord {
  readonly position: Position;
  readonly facts: AcceptedFacts;
  /** The only sink that waits for it; undefined for all. */
  readonly onlySink: string | undefined;
}

/** What rows were found. */
export interface ReadRows {
  readonly entries: readonly AcceptedRecord[];
  readonly damaged: readonly DamagedRecord[];
  /** Up to where the journal was looked through. */
  readonly upTo: Position;
}

/** The rows after a position, in order, up to another; at most one batch. */
export function readRecords(
  database: Sqlite,
  { after, upTo, sink }: { after: Position; upTo: Position; sink: string },
  limits: BatchLimits,
): ReadRows {
  const rows = database.all<StoredRow>(
    "SELECT * FROM records WHERE position > ? AND position <= ? ORDER BY position LIMIT ?",
    after,
    upTo,
    limits.records,
  );
  const entries: AcceptedRecord[] = [];
  const damaged: DamagedRecord[] = [];
  let bytes = 0;
  let last = after;
  for (const row of rows) {
    if (row.position <= last) throw new SqliteError("damaged", "records are out of order", undefined);
    if (!isSound(row)) damaged.push(damagedOf(row));
    else if (row.only_sink === null || row.only_sink === sink) {
      bytes += row.value.length;
      if (entries.length > 0 && bytes > limits.bytes) return { entries, damaged, upTo: last };
      entries.push(entryOf(row));
    }
    last = row.position;
  }
  return { entries, damaged, upTo: rows.length < limits.records ? upTo : last };
}

/** How much lies in a range. */
export function amountIn(database: Sqlite, { after, upTo }: Range): Amount {
  return database.get<Amount>(
    "SELECT count(*) AS records, coalesce(sum(length(value)), 0) AS bytes FROM records " +
      "WHERE position > ? AND position <= ?",
    after,
    upTo,
  )!;
}

function damagedOf(row: StoredRow): DamagedRecord {
  return { position: row.position, facts: factsOf(row), onlySink: row.only_sink ?? undefined };
}

function entryOf({ position, id, headers, value, only_sink, ...row }: StoredRow): AcceptedRecord {
  return {
    position,
    record: { id, value, headers: JSON.parse(headers) },
    facts: factsOf(row),
    ...(only_sink === null ? {} : { onlySink: only_sink }),
  };
}

/** When a record was accepted, and for which rules; of a damaged row whatever can be read. */
export function factsOf({ accepted_at, rules }: Pick<RecordRow, "accepted_at" | "rules">): AcceptedFacts {
  return { at: Number.isSafeInteger(accepted_at) ? accepted_at : 0, rules: rulesIn(rules) };
}

/** The numbers of rules in a text with commas; of a damaged one whatever can be read. */
export function rulesIn(text: string): number[] {
  return String(text).split(",").map(Number).filter((number) => Number.isSafeInteger(number) && number > 0);
}
