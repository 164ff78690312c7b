/**
 * The journal's tables, and how a file of an earlier version becomes today's. `PRAGMA user_version` is the version.
 *
 * Times are milliseconds since 1970. `rules` in a row are the numbers of the rules that the tweet matched, with commas.
 */

import { SettingsError } from "../base/errors.ts";
import { type Sqlite, SqliteError } from "../base/sqlite.ts";

/** What tells a journal from other SQLite files: "trpj" in ASCII. */
export const APPLICATION_ID = 0x7472706a;

/**
 * The changes that lead from an empty file to today's tables: the first makes version 1, and so on. One that has been
 * released is in people's files, and never changes: what is to be different is a new step.
 */
export const STEPS: readonly string[] = [
  `
  PRAGMA application_id = ${APPLICATION_ID};

  -- Accepted tweets that a sink still waits for. Positions are handed out in order and never twice.
  CREATE TABLE records (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    accepted_at INTEGER NOT NULL,
    rules TEXT NOT NULL,
    headers TEXT NOT NULL,
    value BLOB NOT NULL,
    -- A sink's name where no other waits for it: a dead letter that is tried again.
    only_sink TEXT,
    -- CRC-32 over all of the above but the position.
    crc INTEGER NOT NULL
  ) STRICT;

  -- The ids of accepted tweets: what comes again within the window is a repeat.
  CREATE TABLE seen (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    accepted_at INTEGER NOT NULL
  ) STRICT;

  -- People's rules, numbered, so that rows and counters can name them in few bytes.
  CREATE TABLE rules (
    number INTEGER PRIMARY KEY,
    slot TEXT NOT NULL,
    rule_id TEXT NOT NULL,
    value TEXT NOT NULL,
    tag TEXT,
    UNIQUE (slot, rule_id, value)
  ) STRICT;

  -- How many tweets, by the UTC hour of acceptance (later by day), by rule (0: all, each tweet once), and by what became
  -- of them; the detail is a sink's name or a reason.
  CREATE TABLE counters (
    hour INTEGER NOT NULL,
    rule INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (hour, rule, outcome, detail)
  ) STRICT, WITHOUT ROWID;

  -- How far each sink is, and the ranges (after, up to) of records that were not accepted for it, as JSON.
  CREATE TABLE sinks (
    name TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    skips TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- last_position, waiting_records, waiting_bytes, dead_bytes, last_group, by_day_before, alive_at, ...
  CREATE TABLE state (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Records that a sink will never take, with its reason. People write their numbers down: none is given twice.
  CREATE TABLE dead (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    sink TEXT NOT NULL,
    reason TEXT NOT NULL,
    died_at INTEGER NOT NULL,
    id TEXT NOT NULL,
    accepted_at INTEGER NOT NULL,
    rules TEXT NOT NULL,
    headers TEXT NOT NULL,
    value BLOB NOT NULL,
    crc INTEGER NOT NULL
  ) STRICT;

  -- Where a sink says that it has put acknowledged records.
  CREATE TABLE receipts (
    number INTEGER PRIMARY KEY,
    sink TEXT NOT NULL,
    first_position INTEGER NOT NULL,
    last_position INTEGER NOT NULL,
    acknowledged_at INTEGER NOT NULL,
    receipt TEXT NOT NULL
  ) STRICT;
  CREATE INDEX receipts_by_sink ON receipts (sink, first_position);

  -- Intervals of which not everything is here, with the cause, and what was done about it. People name them by number.
  CREATE TABLE gaps (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    began_at INTEGER NOT NULL,
    ended_at INTEGER,
    cause TEXT NOT NULL,
    detail TEXT NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT NOT NULL,
    rule_set INTEGER NOT NULL,
    -- About how many tweets.
    missed INTEGER,
    -- The newest tweet that was accepted before it.
    last_id TEXT,
    -- How it is repaired, or was: search, backfill, recovery; empty before.
    repair TEXT NOT NULL DEFAULT '',
    -- It is let alone until then; what a person has allowed it to cost, in millionths of a dollar.
    waits_until INTEGER NOT NULL DEFAULT 0,
    allowed INTEGER,
    -- Tweets that were read for it, those of them that were new, and what X charges for them, in millionths of a dollar.
    reads INTEGER NOT NULL DEFAULT 0,
    found INTEGER NOT NULL DEFAULT 0,
    cost INTEGER NOT NULL DEFAULT 0,
    -- The instance and the number of the gap there, where it was taken over from another journal.
    origin TEXT
  ) STRICT;
  CREATE UNIQUE INDEX gaps_by_origin ON gaps (origin) WHERE origin IS NOT NULL;
  CREATE INDEX gaps_that_last ON gaps (ended_at) WHERE ended_at IS NULL;
  CREATE INDEX gaps_to_repair ON gaps (number) WHERE state IN ('open', 'repairing');

  -- Numbers of rules, with commas, that gaps are of: each set once.
  CREATE TABLE rule_sets (
    number INTEGER PRIMARY KEY,
    rules TEXT NOT NULL UNIQUE
  ) STRICT;

  -- How far the searches for a gap are, and what cannot be searched, with the reason.
  CREATE TABLE gap_searches (
    gap INTEGER NOT NULL,
    query TEXT NOT NULL,
    -- begun (down to the tweet until_id), done, impossible
    state TEXT NOT NULL,
    until_id TEXT,
    reason TEXT NOT NULL,
    PRIMARY KEY (gap, query)
  ) STRICT, WITHOUT ROWID;

  -- What repairs have cost by UTC day, in millionths of a dollar.
  CREATE TABLE repair_days (
    day INTEGER PRIMARY KEY,
    cost INTEGER NOT NULL
  ) STRICT;

  -- Words that must be remembered: the id of our connection at X, the numbers of the rules that are collected.
  CREATE TABLE notes (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- When connects to X began: X allows an app so many in 15 minutes.
  CREATE TABLE connects (
    number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL
  ) STRICT;

  -- What people ask of the running collector, and its answers.
  CREATE TABLE commands (
    number INTEGER PRIMARY KEY,
    asked_at INTEGER NOT NULL,
    name TEXT NOT NULL,
    arguments TEXT NOT NULL,
    answered_at INTEGER,
    answer TEXT
  ) STRICT;
  `,
];

/** The version of the tables that this program makes. */
export const SCHEMA_VERSION = STEPS.length;

/** The version of a file; 0 for an empty one. */
export function schemaVersion(database: Sqlite): number {
  return database.get<{ user_version: number }>("PRAGMA user_version")!.user_version;
}

/** Whether a file holds something that is not ours. */
export function isForeign(database: Sqlite): boolean {
  const { application_id: id } = database.get<{ application_id: number }>("PRAGMA application_id")!;
  return id !== APPLICATION_ID && hasTables(database);
}

/**
 * Brings a file to today's version, each step in a transaction of its own: after a crash the next start goes on with the
 * step that is missing. Throws SettingsError for a file that a newer program has written, and SqliteError where the
 * version cannot be what was written.
 */
export function migrate(database: Sqlite, steps: readonly string[] = STEPS): void {
  const found = schemaVersion(database);
  if (found < 0 || (found === 0 && hasTables(database))) {
    throw new SqliteError("damaged", `it has tables, and its version is ${found}`, undefined);
  }
  if (found > steps.length) {
    throw new SettingsError(
      `Cannot use the journal ${database.path}: a newer traptor has written it (version ${found}, this one knows ` +
        `${steps.length})`,
      { hint: "the newer traptor, or another --state-dir" },
    );
  }
  for (const [step, statements] of steps.entries()) {
    if (step < found) continue;
    database.transaction(() => {
      database.script(statements);
      database.script(`PRAGMA user_version = ${step + 1}`);
    });
  }
}

function hasTables(database: Sqlite): boolean {
  return database.get("SELECT 1 FROM sqlite_schema LIMIT 1") !== undefined;
}
