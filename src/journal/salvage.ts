/**
 * Saves what can be read of a damaged journal into a new one. The damaged file is kept, under another name; rows that
 * cannot be read, or are not what was written, are left behind, and what that loses is counted by hour and rule, for the
 * counts say what must be there.
 *
 * It promises that every row that reads and checks is saved. Where the counts themselves cannot be read, their second
 * copy serves, which may be a minute older and knows no rules.
 */

import type { Events } from "../base/events.ts";
import { Sqlite, SqliteError } from "../base/sqlite.ts";
import { differencesIn } from "./balance.ts";
import { isSound } from "./checksum.ts";
import { readCopy } from "./counter_copy.ts";
import { lastPosition, setState, stateOf } from "./group.ts";
import { migrate } from "./schema.ts";
import { waitersIn } from "./sink_positions.ts";
import { HOUR_MS, Tally } from "./tally.ts";

export interface SalvageOptions {
  readonly path: string;
  readonly copyPath: string;
  /** Why it is called damaged. */
  readonly reason: string;
  readonly now: number;
  readonly events: Events;
}

/** The tables that are copied, the most important first. */
const TABLES = ["sinks", "counters", "rules", "state", "records", "dead", "seen", "gaps", "receipts"] as const;
type Table = typeof TABLES[number];

/** Columns of an integer by which rows are found in order; tables without one are small, and read whole. */
const KEYS: Readonly<Partial<Record<Table, string>>> = {
  records: "position",
  seen: "position",
  dead: "number",
  gaps: "number",
  receipts: "number",
  rules: "number",
};

/** How many rows are read at once, where all of them can be. */
const PAGE = 200;

/** The farthest that is looked beyond a place that cannot be read. */
const FARTHEST = 2 ** 40;

/** Moves the damaged journal aside and makes a new one of it; the new one is open. Throws SqliteError for the new one. */
export function salvage({ path, copyPath, reason, now, events }: SalvageOptions): Sqlite {
  const aside = `${path}.damaged-${new Date(now).toISOString().replace(/[:.]/g, "")}`;
  for (const ending of ["", "-wal", "-shm"]) moveAside(`${path}${ending}`, `${aside}${ending}`);
  events.emit("journal_damaged", { path, reason, aside });
  const fresh = new Sqlite(path);
  migrate(fresh);
  const saved = new Map<Table, number>();
  let countsFrom = "the journal";
  const damaged = opened(aside) ?? withFreshSchema(aside, fresh);
  if (damaged) {
    for (const table of TABLES) saved.set(table, copyTable(damaged, fresh, table));
    closeQuietly(damaged);
  }
  removeMended(aside);
  if (!saved.get("counters") && useCopy(fresh, copyPath)) countsFrom = "their second copy";
  fixState(fresh);
  putSinksBack(fresh);
  const lost = countLost(fresh, now);
  events.emit("journal_salvaged", { saved: saved.get("records") ?? 0, lost, counts: countsFrom });
  return fresh;
}

function moveAside(from: string, to: string): void {
  try {
    Deno.renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Opens a file whose schema can be read; undefined where even that cannot. */
function opened(path: string): Sqlite | undefined {
  let database: Sqlite | undefined;
  try {
    database = new Sqlite(path);
    database.all("SELECT * FROM sqlite_schema");
    return database;
  } catch (error) {
    if (!(error instanceof SqliteError)) throw error;
    if (database) closeQuietly(database);
    return undefined;
  }
}

/** Of the header: the number of pages, and the list of free ones, which is of no use to who only reads. */
const [PAGES_AT, FREE_LIST_AT] = [28, 32];

/**
 * The first page holds the schema, without which SQLite reads nothing. All journals of a version have the same one, so a
 * copy of the file with the first page of a new journal can be read as far as its other pages can.
 */
function withFreshSchema(path: string, fresh: Sqlite): Sqlite | undefined {
  fresh.script("PRAGMA wal_checkpoint(TRUNCATE)");
  const mended = mendedPath(path);
  Deno.copyFileSync(path, mended);
  const pageSize = fresh.get<{ page_size: number }>("PRAGMA page_size")!.page_size;
  const page = Deno.readFileSync(fresh.path).slice(0, pageSize);
  const header = new DataView(page.buffer);
  header.setUint32(PAGES_AT, Math.max(1, Math.floor(Deno.statSync(path).size / pageSize)));
  header.setUint32(FREE_LIST_AT, 0);
  header.setUint32(FREE_LIST_AT + 4, 0);
  const file = Deno.openSync(mended, { write: true });
  try {
    for (let written = 0; written < page.length;) written += file.writeSync(page.subarray(written));
  } finally {
    file.close();
  }
  return opened(mended);
}

function mendedPath(path: string): string {
  return `${path}.mended`;
}

function removeMended(path: string): void {
  for (const ending of ["", "-wal", "-shm"]) {
    try {
      Deno.removeSync(`${mendedPath(path)}${ending}`);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/** A damaged file may complain even about being closed. */
function closeQuietly(database: Sqlite): void {
  try {
    database.close();
  } catch (error) {
    if (!(error instanceof SqliteError)) throw error;
  }
}

/** Copies the rows of a table that can be read; answers how many. */
function copyTable(from: Sqlite, to: Sqlite, table: Table): number {
  let copied = 0;
  to.transaction(() => {
    for (const row of rowsOf(from, table)) {
      if ((table === "records" || table === "dead") && !isSound({ only_sink: null, ...row } as never)) continue;
      const names = Object.keys(row);
      const values = names.map((name) => row[name]!);
      const places = names.map(() => "?").join(", ");
      copied += to.run(`INSERT OR IGNORE INTO ${table} (${names.join(", ")}) VALUES (${places})`, ...values);
    }
  });
  return copied;
}

type Row = Record<string, string | number | Uint8Array | null>;

/** The rows that can be read: where some cannot, those beyond them are looked for. */
function* rowsOf(database: Sqlite, table: Table): Generator<Row> {
  const key = KEYS[table];
  if (key === undefined) {
    yield* tried(() => database.all<Row>(`SELECT * FROM ${table}`)) ?? [];
    return;
  }
  const after = (place: number, most = 1) =>
    tried(() => database.all<Row>(`SELECT * FROM ${table} WHERE ${key} > ? ORDER BY ${key} LIMIT ?`, place, most));
  for (let place = 0;;) {
    const rows = after(place, PAGE) ?? after(place);
    if (rows?.length === 0) return;
    if (rows) {
      yield* rows;
      place = Number(rows.at(-1)![key]);
      continue;
    }
    // Steps that double find a place from which reading goes on; halving finds the first such.
    let unreadable = place;
    let step = 1;
    while (step < FARTHEST && !after(unreadable + step)) {
      unreadable += step;
      step *= 2;
    }
    if (step >= FARTHEST) return;
    let readable = unreadable + step;
    while (readable - unreadable > 1) {
      const middle = Math.floor((readable + unreadable) / 2);
      if (after(middle)) readable = middle;
      else unreadable = middle;
    }
    place = readable;
  }
}

/** Undefined where the damage is. */
function tried<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof SqliteError && error.trouble !== "busy") return undefined;
    throw error;
  }
}

function useCopy(fresh: Sqlite, copyPath: string): boolean {
  const copy = readCopy(copyPath);
  if (!copy) return false;
  fresh.transaction(() => {
    for (const { hour, rule, outcome, detail, count } of copy.counts) {
      fresh.run("INSERT OR REPLACE INTO counters VALUES (?, ?, ?, ?, ?)", hour, rule, outcome, detail, count);
      // A sink that is known by its counts alone has everything that was not saved.
      if (outcome === "due") fresh.run("INSERT OR IGNORE INTO sinks VALUES (?, 0, '[]')", detail);
    }
    setState(fresh, { last_position: Math.max(copy.lastPosition, stateOf(fresh, "last_position")) });
  });
  return true;
}

/** What follows from the rows that were saved. */
function fixState(fresh: Sqlite): void {
  const { records, bytes } = fresh.get<{ records: number; bytes: number }>(
    "SELECT count(*) AS records, coalesce(sum(length(value)), 0) AS bytes FROM records",
  )!;
  const dead = fresh.get<{ bytes: number }>("SELECT coalesce(sum(length(value)), 0) AS bytes FROM dead")!;
  fresh.transaction(() =>
    setState(fresh, {
      dead_bytes: dead.bytes,
      last_position: lastPosition(fresh),
      waiting_records: records,
      waiting_bytes: bytes,
    })
  );
}

/**
 * A sink whose position says that it has more than its counts do is put back to where its counts say: so many records as
 * must wait for it, as far as they are there, are delivered again.
 */
function putSinksBack(fresh: Sqlite): void {
  const waiters = waitersIn(fresh);
  const missing = differencesIn(fresh, waiters).filter(({ rule, expected, found }) => rule === 0 && expected > found);
  fresh.transaction(() => {
    for (const [sink, entries] of Map.groupBy(missing, (difference) => difference.sink)) {
      const more = entries.reduce((sum, { expected, found }) => sum + expected - found, 0);
      const passed = fresh.get<{ position: number }>(
        "SELECT position FROM records WHERE position <= (SELECT position FROM sinks WHERE name = ?) " +
          "ORDER BY position DESC LIMIT 1 OFFSET ?",
        sink,
        more - 1,
      ) ?? fresh.get<{ position: number }>("SELECT min(position) AS position FROM records");
      if (passed?.position == null) continue;
      fresh.run("UPDATE sinks SET position = min(position, ?) WHERE name = ?", passed.position - 1, sink);
    }
  });
}

/** Counts what must be waiting and is not there, and notes the interval as a gap; answers how many over all rules. */
function countLost(fresh: Sqlite, now: number): number {
  const differences = differencesIn(fresh, waitersIn(fresh));
  const missing = differences.filter(({ expected, found }) => expected > found);
  const ofAll = missing.filter(({ rule }) => rule === 0);
  if (ofAll.length === 0) return 0;
  fresh.transaction(() => {
    const tally = new Tally();
    for (const { hour, rule, sink, expected, found } of missing) {
      tally.addTo({ hour, rule }, "lost", sink, expected - found);
    }
    tally.write(fresh);
    const hours = ofAll.map(({ hour }) => hour);
    const ended = Math.min(Math.max(...hours) + HOUR_MS, now);
    fresh.run(
      "INSERT INTO gaps (began_at, ended_at, cause, detail) VALUES (?, ?, 'journal_damaged', ?)",
      Math.min(...hours),
      ended,
      "accepted tweets were lost with a damaged journal",
    );
  });
  return Math.max(
    ...Map.groupBy(ofAll, ({ sink }) => sink).values().map((entries) =>
      entries.reduce((sum, { expected, found }) => sum + expected - found, 0)
    ),
  );
}
