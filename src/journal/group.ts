/**
 * What waits to be written into the journal, and its writing: accepted records with their ids and counts, what sinks
 * have acknowledged, and what may leave for that. All of it is one transaction, so counts and records never disagree.
 */

import type { Sqlite } from "../base/sqlite.ts";
import type { Position } from "../model/backlog.ts";
import type { JsonValue } from "../model/json.ts";
import { checksumOf } from "./checksum.ts";
import { type AcceptedRecord, amountUpTo, insertRecord, rowOf } from "./record_rows.ts";
import type { RuleNumbers } from "./rule_numbers.ts";
import { Tally } from "./tally.ts";

/** A record that a sink will never take. */
export interface DeadRecord {
  readonly sink: string;
  readonly reason: string;
  readonly diedAt: number;
  readonly entry: AcceptedRecord;
}

/** Where a sink says that it has put acknowledged records. */
export interface Receipt {
  readonly sink: string;
  readonly first: Position;
  readonly last: Position;
  readonly at: number;
  readonly receipt: JsonValue;
}

/** What is true of the journal when a group has been written. */
export interface Totals {
  /** The last position that was handed out. */
  readonly last: Position;
  /** Up to where every sink has everything. */
  readonly delivered: Position;
  readonly sinks: ReadonlyMap<string, Position>;
  readonly waiting: { readonly records: number; readonly bytes: number };
}

export class Group {
  readonly tally = new Tally();
  readonly records: AcceptedRecord[] = [];
  readonly dead: DeadRecord[] = [];
  /** The numbers of dead letters that are among the records again. */
  readonly revived: number[] = [];
  readonly receipts: Receipt[] = [];
  /** Positions of rows that are not what was written. */
  readonly damaged: Position[] = [];
  readonly #ids = new Set<string>();

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  add(record: AcceptedRecord): void {
    this.records.push(record);
    this.#ids.add(record.record.id);
  }

  get isEmpty(): boolean {
    return this.tally.isEmpty && this.records.length + this.receipts.length + this.damaged.length === 0;
  }

  /** Writes everything, and deletes what every sink has; answers what is waiting then. Part of a transaction. */
  write(database: Sqlite, rules: RuleNumbers, totals: Omit<Totals, "waiting">, waiting: Totals["waiting"]): Totals {
    rules.write(database);
    for (const record of this.records) {
      insertRecord(database, record);
      if (record.onlySink === undefined) {
        const { position, record: { id }, facts } = record;
        database.run("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", position, id, facts.at);
      }
    }
    this.tally.write(database);
    this.#writeDead(database);
    for (const { sink, first, last, at, receipt } of this.receipts) {
      database.run(
        "INSERT INTO receipts (sink, first_position, last_position, acknowledged_at, receipt) VALUES (?, ?, ?, ?, ?)",
        sink,
        first,
        last,
        at,
        JSON.stringify(receipt),
      );
    }
    for (const [name, position] of totals.sinks) {
      database.run("UPDATE sinks SET position = ? WHERE name = ?", position, name);
    }
    const left = this.#deleteDelivered(database, totals.delivered);
    const added = this.records.reduce((sum, { record }) => sum + record.value.length, 0);
    const now = {
      records: waiting.records + this.records.length - left.records,
      bytes: waiting.bytes + added - left.bytes,
    };
    setState(database, { last_position: totals.last, waiting_records: now.records, waiting_bytes: now.bytes });
    return { ...totals, waiting: now };
  }

  #writeDead(database: Sqlite): void {
    if (this.dead.length + this.revived.length === 0) return;
    let bytes = stateOf(database, "dead_bytes");
    for (const dead of this.dead) {
      insertDead(database, dead);
      bytes += dead.entry.record.value.length;
    }
    for (const number of this.revived) {
      const row = database.get<{ bytes: number }>("SELECT length(value) AS bytes FROM dead WHERE number = ?", number);
      bytes -= row?.bytes ?? 0;
      database.run("DELETE FROM dead WHERE number = ?", number);
    }
    setState(database, { dead_bytes: bytes });
  }

  #deleteDelivered(database: Sqlite, delivered: Position): { records: number; bytes: number } {
    const left = amountUpTo(database, delivered);
    if (left.records > 0) database.run("DELETE FROM records WHERE position <= ?", delivered);
    let { records, bytes } = left;
    for (const position of this.damaged) {
      const row = database.get<{ bytes: number }>(
        "SELECT length(value) AS bytes FROM records WHERE position = ?",
        position,
      );
      if (!row) continue;
      records += database.run("DELETE FROM records WHERE position = ?", position);
      bytes += row.bytes;
    }
    return { records, bytes };
  }
}

/** Sets values of the table `state`. */
export function setState(database: Sqlite, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    database.run("INSERT INTO state VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", name, value);
  }
}

/** A value of the table `state`; 0 where there is none. */
export function stateOf(database: Sqlite, name: string): number {
  return database.get<{ value: number }>("SELECT value FROM state WHERE name = ?", name)?.value ?? 0;
}

/** The last position that was handed out: whatever says so, for none may be handed out twice. */
export function lastPosition(database: Sqlite): number {
  const { last } = database.get<{ last: number }>(
    "SELECT max(coalesce((SELECT max(position) FROM records), 0), coalesce((SELECT max(position) FROM seen), 0), " +
      "coalesce((SELECT max(position) FROM sinks), 0)) AS last",
  )!;
  return Math.max(last, stateOf(database, "last_position"));
}

function insertDead(database: Sqlite, { sink, reason, diedAt, entry }: DeadRecord): void {
  const row = rowOf(entry.record, entry.facts);
  database.run(
    "INSERT INTO dead (sink, reason, died_at, id, accepted_at, rules, headers, value, crc) " +
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    sink,
    reason,
    diedAt,
    row.id,
    row.accepted_at,
    row.rules,
    row.headers,
    row.value,
    checksumOf(row),
  );
}
