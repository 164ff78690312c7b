/**
 * What waits to be written into the journal, and its writing: accepted records with their ids and counts, what sinks
 * have acknowledged, and what may leave for that. All of it is one transaction, so counts and records never disagree.
 */

import type { Sqlite } from "../base/sqlite.ts";
import type { AcceptedFacts, Acknowledgement, Position } from "../model/backlog.ts";
import type { JsonValue } from "../model/json.ts";
import { checksumOf } from "./checksum.ts";
import { type GapChange, writeAlive, writeGap } from "./gap_changes.ts";
import { noteDamage } from "./gaps.ts";
import { type AcceptedRecord, type Amount, amountIn, insertRecord, rowOf } from "./record_rows.ts";
import type { RuleNumbers } from "./rule_numbers.ts";
import type { Range } from "./sink_positions.ts";
import { setState, stateOf } from "./state_values.ts";
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

/** What is written with a group. */
export interface WriteFacts {
  /** The number of the write. */
  readonly number: number;
  /** The last position that was handed out. */
  readonly last: Position;
  /** What no sink waits for any more. */
  readonly leaving: readonly Range[];
  /** What was waiting before. */
  readonly waiting: Amount;
}

/**
 * What became of records that were handed out, and is not written yet. It speaks of the rows of one file: where another
 * has taken its place, its rows may be others, and the records are handed out again.
 */
export class Outcomes {
  readonly tally = new Tally();
  readonly dead: DeadRecord[] = [];
  readonly receipts: Receipt[] = [];
  /** Rows that are not what was written. */
  readonly damaged = new Map<Position, AcceptedFacts>();

  /** A sink has done with a batch, in which there is something. */
  add(sink: string, { entries, refused, receipt }: Acknowledgement, now: number): void {
    for (const entry of entries) {
      const reason = refused.get(entry.position);
      this.tally.add(entry.facts, reason === undefined ? "delivered" : "dead", sink);
      if (reason !== undefined) this.dead.push({ sink, reason, diedAt: now, entry });
    }
    if (receipt === undefined) return;
    const [first, last] = [entries[0]!.position, entries.at(-1)!.position];
    this.receipts.push({ sink, first, last, at: now, receipt });
  }

  get isEmpty(): boolean {
    return this.tally.isEmpty && this.receipts.length + this.damaged.size === 0;
  }
}

/** How much of a group there was at a moment. */
export interface GroupMark {
  readonly records: number;
  readonly revived: number;
  readonly gaps: number;
  readonly tally: Tally;
}

export class Group {
  readonly tally = new Tally();
  readonly records: AcceptedRecord[] = [];
  /** The numbers of dead letters that are among the records again. */
  readonly revived: number[] = [];
  readonly gaps: GapChange[] = [];
  /** When there was a sign of life of the stream. */
  aliveAt: number | undefined;
  #outcomes = new Outcomes();
  readonly #ids = new Set<string>();

  get outcomes(): Outcomes {
    return this.#outcomes;
  }

  /** What it holds now, to be left out if this much turns out to be written. */
  mark(): GroupMark {
    const { gaps, records, revived, tally } = this;
    return { records: records.length, revived: revived.length, gaps: gaps.length, tally: tally.copy() };
  }

  /** A part of it is on disk: what came after the mark is left. */
  leaveOut({ gaps, records, revived, tally }: GroupMark): void {
    this.records.splice(0, records);
    this.revived.splice(0, revived);
    this.gaps.splice(0, gaps);
    this.tally.subtract(tally);
  }

  forgetOutcomes(): void {
    this.#outcomes = new Outcomes();
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  add(record: AcceptedRecord): void {
    this.records.push(record);
    this.#ids.add(record.record.id);
  }

  get isEmpty(): boolean {
    return this.tally.isEmpty && this.outcomes.isEmpty && this.records.length + this.gaps.length === 0 &&
      this.aliveAt === undefined;
  }

  /** Writes everything, and deletes what every sink has; answers what is waiting then. Part of a transaction. */
  write(database: Sqlite, rules: RuleNumbers, { last, leaving, number, waiting }: WriteFacts): Amount {
    rules.write(database);
    for (const record of this.records) {
      insertRecord(database, record);
      if (record.onlySink === undefined) {
        const { position, record: { id }, facts } = record;
        database.run("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", position, id, facts.at);
      }
    }
    // Before the counts: what came at a gap's end says nothing of what was missed.
    for (const gap of this.gaps) writeGap(database, gap);
    this.tally.write(database);
    this.outcomes.tally.write(database);
    if (this.aliveAt !== undefined) writeAlive(database, this.aliveAt);
    for (const { at } of this.outcomes.damaged.values()) noteDamage(database, at);
    this.#writeDead(database);
    for (const { sink, first, last, at, receipt } of this.outcomes.receipts) {
      database.run(
        "INSERT INTO receipts (sink, first_position, last_position, acknowledged_at, receipt) VALUES (?, ?, ?, ?, ?)",
        sink,
        first,
        last,
        at,
        JSON.stringify(receipt),
      );
    }
    const left = this.#deleteDelivered(database, leaving);
    const added = this.records.reduce((sum, { record }) => sum + record.value.length, 0);
    const now = {
      records: waiting.records + this.records.length - left.records,
      bytes: waiting.bytes + added - left.bytes,
    };
    setState(database, {
      last_group: number,
      last_position: last,
      waiting_records: now.records,
      waiting_bytes: now.bytes,
    });
    return now;
  }

  #writeDead(database: Sqlite): void {
    const { dead: died } = this.outcomes;
    if (died.length + this.revived.length === 0) return;
    let bytes = stateOf(database, "dead_bytes");
    for (const dead of died) {
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

  #deleteDelivered(database: Sqlite, leaving: readonly Range[]): Amount {
    let [records, bytes] = [0, 0];
    for (const range of leaving) {
      const left = amountIn(database, range);
      if (left.records === 0) continue;
      records += database.run("DELETE FROM records WHERE position > ? AND position <= ?", range.after, range.upTo);
      bytes += left.bytes;
    }
    for (const position of this.outcomes.damaged.keys()) {
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
