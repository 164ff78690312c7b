/**
 * Opens a journal, whatever state its file is in: makes it when there is none, brings an older one to today's schema,
 * saves what can be read of a damaged one. Needs no person; only a file of a newer traptor, or a place that may not be
 * written, ends the start.
 */

import type { Clock } from "../base/clock.ts";
import { SettingsError } from "../base/errors.ts";
import type { Events } from "../base/events.ts";
import { Sqlite, SqliteError } from "../base/sqlite.ts";
import { differencesIn } from "./balance.ts";
import { lastPosition, stateOf } from "./group.ts";
import { Journal, type OpenedFile } from "./journal.ts";
import { salvage } from "./salvage.ts";
import { migrate } from "./schema.ts";
import { SinkPositions, waitersIn } from "./sink_positions.ts";
import { type Disk, Space } from "./space.ts";

export interface OpenJournalOptions {
  /** The state directory, which is locked. */
  readonly directory: string;
  /** The names of all sinks that records are accepted for. */
  readonly sinks: readonly string[];
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly events: Events;
  /** How much of the journal's disk is free; for tests. */
  readonly disk?: () => Disk;
}

/** The journal's file in a state directory. */
export function journalPath(directory: string): string {
  return `${directory}/journal.db`;
}

/** The second copy of its counts. */
export function counterCopyPath(directory: string): string {
  return `${directory}/counters.json`;
}

/** Opens the journal of a state directory. Throws SettingsError when that cannot be. */
export function openJournal(options: OpenJournalOptions): Journal {
  const { clock, directory, events } = options;
  const path = journalPath(directory);
  const journal = new Journal({
    open: (damage) => opened(options, damage),
    copyPath: counterCopyPath(directory),
    clock,
    events,
  });
  events.emit("journal_opened", { path, waiting: journal.waiting.records });
  return journal;
}

function opened(options: OpenJournalOptions, damage: string | undefined): OpenedFile {
  const { clock, disk, events, maxBytes, sinks: names } = options;
  const database = soundDatabase(options, damage);
  const last = lastPosition(database);
  return {
    database,
    sinks: new SinkPositions(database, names, last, events),
    space: new Space({ database, maxBytes, clock, events, ...(disk ? { disk } : {}) }),
    last,
    waiting: { records: stateOf(database, "waiting_records"), bytes: stateOf(database, "waiting_bytes") },
  };
}

/** The file, or what was saved of it. */
function soundDatabase({ clock, directory, events }: OpenJournalOptions, damage: string | undefined): Sqlite {
  const path = journalPath(directory);
  const saved = (reason: string) =>
    salvage({ path, copyPath: counterCopyPath(directory), reason, now: clock.now(), events });
  if (damage !== undefined) return saved(damage);
  let database: Sqlite | undefined;
  try {
    database = new Sqlite(path);
    migrate(database);
    lookAround(database);
    if (isOutOfBalance(database)) {
      database.close();
      return saved("its counts and its rows disagree");
    }
    return database;
  } catch (error) {
    database?.close();
    if (!(error instanceof SqliteError)) throw error;
    if (error.trouble === "damaged") return saved(error.message);
    throw new SettingsError(`Cannot use the journal ${path}: ${error.message}`, {
      hint: "a --state-dir on a disk with room, which you may write to",
      cause: error,
    });
  }
}

/** Reads a little of each table: a file that was cut off is found out now and not in the middle of work. */
function lookAround(database: Sqlite): void {
  for (const table of ["records", "seen", "dead", "receipts", "gaps"]) {
    const key = table === "records" || table === "seen" ? "position" : "number";
    database.get(`SELECT * FROM ${table} ORDER BY ${key} LIMIT 1`);
    database.get(`SELECT * FROM ${table} ORDER BY ${key} DESC LIMIT 1`);
  }
  for (const table of ["counters", "sinks", "state", "rules", "commands"]) database.all(`SELECT * FROM ${table}`);
}

/** How many waiting records are compared with the counts at a start. */
const MOST_COMPARED = 20_000;

/** Whether counts and rows disagree; of a large backlog only whether there is one at all. */
function isOutOfBalance(database: Sqlite): boolean {
  const waiting = stateOf(database, "waiting_records");
  const isThere = database.get("SELECT 1 FROM records LIMIT 1") !== undefined;
  if (isThere !== waiting > 0) return true;
  return waiting <= MOST_COMPARED && differencesIn(database, waitersIn(database)).length > 0;
}
