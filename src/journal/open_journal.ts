/**
 * Opens a journal, whatever state its file is in: makes it when there is none, brings an older one to today's schema,
 * saves what can be read of a damaged one. Needs no person; only a file of a newer traptor, or a place that may not be
 * written, ends the start. A disk that is full, read-only or failing is waited for by whoever opens.
 */

import type { Clock } from "../base/clock.ts";
import { DiskError, SettingsError } from "../base/errors.ts";
import type { Events } from "../base/events.ts";
import { PAGE_BYTES, Sqlite, SqliteError } from "../base/sqlite.ts";
import { mayPass, whySystemFailed } from "../base/system_failure.ts";
import { deadDifferencesIn, differencesIn } from "./balance.ts";
import { FileBytes } from "./file_bytes.ts";
import { gapSince, openGapsOfCrash } from "./gap_changes.ts";
import type { OpenedFile } from "./held_file.ts";
import { Journal } from "./journal.ts";
import { salvage } from "./salvage.ts";
import { finishSalvage } from "./saved_files.ts";
import { isForeign, migrate } from "./schema.ts";
import { SinkPositions, waitersIn } from "./sink_positions.ts";
import { type Disk, Space } from "./space.ts";
import { lastPosition, stateOf } from "./state_values.ts";
import { mendLog } from "./write_ahead_log.ts";

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

/**
 * Opens the journal of a state directory. Throws SettingsError where that cannot be, DiskError where the disk does
 * not allow it now.
 */
export function openJournal(options: OpenJournalOptions): Journal {
  const { clock, directory, events } = options;
  const path = journalPath(directory);
  const journal = new Journal({
    open: (when) => opened(options, when),
    save: (reason) => translating(options, () => save(options, reason)),
    copyPath: counterCopyPath(directory),
    clock,
    events,
  });
  events.emit("journal_opened", { path, waiting: journal.waiting.records });
  return journal;
}

function opened(options: OpenJournalOptions, when: "first" | "again"): OpenedFile {
  return translating(options, () => openedFile(options, when));
}

function openedFile(options: OpenJournalOptions, when: "first" | "again"): OpenedFile {
  const { clock, disk, events, maxBytes, sinks: names } = options;
  let database: Sqlite | undefined;
  let bytes: FileBytes | undefined;
  try {
    database = soundDatabase(options);
    bytes = new FileBytes(journalPath(options.directory));
    const last = lastPosition(database);
    return {
      database,
      bytes,
      sinks: new SinkPositions(database, names, last, events),
      space: new Space({ database, maxBytes, clock, events, ...(disk ? { disk } : {}) }),
      last,
      lastGroup: stateOf(database, "last_group"),
      gapSince: when === "first" ? openGapsOfCrash(database, clock.now()) : gapSince(database),
      waiting: { records: stateOf(database, "waiting_records"), bytes: stateOf(database, "waiting_bytes") },
    };
  } catch (error) {
    database?.closeQuietly();
    bytes?.close();
    throw error;
  }
}

function translating<Result>({ directory }: OpenJournalOptions, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw translated(error, journalPath(directory));
  }
}

/** What the disk does not allow now is no reason to end: somebody makes room, or mends it. */
function translated(error: unknown, path: string): unknown {
  const isDisks = error instanceof SqliteError && error.trouble !== "other";
  const words = isDisks ? error.message : mayPass(error) ? whySystemFailed(error) : undefined;
  if (words !== undefined) {
    return new DiskError(`the journal ${path} cannot be opened: ${words}`, { cause: error });
  }
  if (!(error instanceof Deno.errors.PermissionDenied)) return error;
  return new SettingsError(`Cannot use the journal ${path}: ${error.message}`, {
    hint: "a --state-dir which you may write to",
    cause: error,
  });
}

/** The file, or what was saved of it. */
function soundDatabase(options: OpenJournalOptions): Sqlite {
  const path = journalPath(options.directory);
  const saved = (reason: string) => {
    save(options, reason);
    return new Sqlite(path);
  };
  finishSalvage(path, options.clock.now());
  refuseUnwritable(path);
  if (mendLog(`${path}-wal`, PAGE_BYTES)) return saved("its write-ahead log is not what was written");
  let database: Sqlite | undefined;
  let reason: string | undefined;
  try {
    database = new Sqlite(path);
    reason = isForeign(database) ? "it is no journal of traptor's" : undefined;
    if (reason === undefined) {
      migrate(database);
      lookAround(database);
      if (isOutOfBalance(database)) reason = "its counts and its rows disagree";
    }
  } catch (error) {
    database?.closeQuietly();
    // What SQLite says of a schema that has changed, or of a file that was cut off, is damage as well.
    if (!(error instanceof SqliteError && ["damaged", "disk", "other"].includes(error.trouble))) throw error;
    refuseFailingDisk(path);
    return saved(error.message);
  }
  if (reason === undefined) return database;
  database.closeQuietly();
  return saved(reason);
}

/** Puts what can be read of a damaged file in its place. */
function save({ clock, directory, events, sinks }: OpenJournalOptions, reason: string): void {
  const [path, copyPath] = [journalPath(directory), counterCopyPath(directory)];
  salvage({ path, copyPath, sinks, reason, now: clock.now(), events });
}

/** What the disk does not give now is not lost yet. */
function refuseFailingDisk(path: string): void {
  const bytes = new FileBytes(path);
  const reason = bytes.whyDiskFails();
  bytes.close();
  if (reason !== undefined) throw new DiskError(`the journal ${path} cannot be used: ${reason}`);
}

/** SQLite does not say why it cannot open a file. */
function refuseUnwritable(path: string): void {
  try {
    Deno.openSync(path, { write: true }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Reads a little of each table: a file that was cut off is found out now and not in the middle of work. */
function lookAround(database: Sqlite): void {
  for (const table of ["records", "seen", "dead", "receipts", "gaps", "rule_sets", "connects"]) {
    const key = table === "records" || table === "seen" ? "position" : "number";
    database.get(`SELECT * FROM ${table} ORDER BY ${key} LIMIT 1`);
    database.get(`SELECT * FROM ${table} ORDER BY ${key} DESC LIMIT 1`);
  }
  for (const table of ["counters", "sinks", "state", "rules", "commands", "notes", "gap_searches", "repair_days"]) {
    database.all(`SELECT * FROM ${table}`);
  }
}

/** How many waiting records, and dead letters, are compared with the counts at a start. */
const MOST_COMPARED = 20_000;

/** Whether counts and rows disagree; of a large backlog only whether there is one at all. */
function isOutOfBalance(database: Sqlite): boolean {
  const waiting = stateOf(database, "waiting_records");
  const isThere = database.get("SELECT 1 FROM records LIMIT 1") !== undefined;
  if (isThere !== waiting > 0) return true;
  if (waiting <= MOST_COMPARED && differencesIn(database, waitersIn(database)).length > 0) return true;
  const { dead } = database.get<{ dead: number }>(
    "SELECT count(*) AS dead FROM (SELECT 1 FROM dead LIMIT ?)",
    MOST_COMPARED + 1,
  )!;
  return dead <= MOST_COMPARED && deadDifferencesIn(database).length > 0;
}
