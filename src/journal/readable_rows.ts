/**
 * The rows of a damaged journal that can be read: those beyond a place that cannot be are looked for, and those that are
 * not what was written are left behind.
 */

import { writeFullySync } from "../base/file_access.ts";
import { Sqlite, SqliteError } from "../base/sqlite.ts";
import { isSound } from "./checksum.ts";
import { isThere, removeAll } from "./saved_files.ts";

/** The tables that are copied, the most important first. */
const TABLES = [
  "sinks",
  "counters",
  "rules",
  "state",
  "records",
  "dead",
  "seen",
  "rule_sets",
  "gaps",
  "receipts",
  "connects",
  "gap_searches",
  "repair_days",
  "notes",
] as const;
type Table = typeof TABLES[number];

/** Columns of an integer by which rows are found in order; tables without one are small, and read whole. */
const KEYS: Readonly<Partial<Record<Table, string>>> = {
  records: "position",
  seen: "position",
  dead: "number",
  gaps: "number",
  rule_sets: "number",
  receipts: "number",
  connects: "number",
  rules: "number",
};

/** How many rows are read at once, where all of them can be. */
const PAGE = 200;

/** The farthest that is looked beyond a place that cannot be read. */
const FARTHEST = 2 ** 40;

/** Copies whatever can be read of a damaged journal into a new one; answers how many rows of records and counts. */
export function copyReadable(path: string, fresh: Sqlite): { readonly records: number; readonly counters: number } {
  const damaged = opened(path) ?? withFreshSchema(path, fresh);
  const copied = new Map<Table, number>();
  if (damaged) {
    for (const table of TABLES) copied.set(table, copyTable(damaged, fresh, table));
    damaged.closeQuietly();
  }
  removeAll(mendedPath(path));
  return { records: copied.get("records") ?? 0, counters: copied.get("counters") ?? 0 };
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
    database?.closeQuietly();
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
  for (const ending of ["", "-wal"]) {
    if (isThere(`${path}${ending}`)) Deno.copyFileSync(`${path}${ending}`, `${mended}${ending}`);
  }
  const pageSize = fresh.get<{ page_size: number }>("PRAGMA page_size")!.page_size;
  const page = Deno.readFileSync(fresh.path).slice(0, pageSize);
  const header = new DataView(page.buffer);
  header.setUint32(PAGES_AT, Math.max(1, Math.floor(Deno.statSync(path).size / pageSize)));
  header.setUint32(FREE_LIST_AT, 0);
  header.setUint32(FREE_LIST_AT + 4, 0);
  const file = Deno.openSync(mended, { write: true });
  try {
    writeFullySync(file, page);
  } finally {
    file.close();
  }
  return opened(mended);
}

function mendedPath(path: string): string {
  return `${path}.mended`;
}

/** How many rows are written in one transaction, so that what is copied is not on the disk three times. */
const ROWS_AT_ONCE = 2_000;

/** Copies the rows of a table that can be read; answers how many. */
function copyTable(from: Sqlite, to: Sqlite, table: Table): number {
  const columns = to.all<{ name: string }>("SELECT name FROM pragma_table_info(?)", table).map(({ name }) => name);
  const insert = `INSERT OR IGNORE INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;
  let copied = 0;
  const rows = rowsOf(from, table, columns);
  for (let isMore = true; isMore;) {
    to.transaction(() => {
      for (let inserted = 0; inserted < ROWS_AT_ONCE; inserted++) {
        const next = rows.next();
        if (next.done) return void (isMore = false);
        const row = next.value;
        if ((table === "records" || table === "dead") && !isSound({ only_sink: null, ...row } as never)) continue;
        copied += taken(() => to.run(insert, ...columns.map((name) => row[name]!)));
      }
    });
  }
  return copied;
}

/** A value of damaged rows may be of a kind that the column does not take: such a row is left behind. */
function taken(insert: () => number): number {
  try {
    return insert();
  } catch (error) {
    if (error instanceof SqliteError && error.trouble === "other") return 0;
    throw error;
  }
}

type Row = Record<string, string | number | Uint8Array | null>;

/** The rows that can be read: where some cannot, those beyond them are looked for. */
function* rowsOf(database: Sqlite, table: Table, columns: readonly string[]): Generator<Row> {
  const key = KEYS[table];
  const select = `SELECT ${columns.join(", ")} FROM ${table}`;
  if (key === undefined) {
    yield* tried(() => database.all<Row>(select)) ?? [];
    return;
  }
  const after = (place: number, most = 1) => {
    const rows = tried(() => database.all<Row>(`${select} WHERE ${key} > ? ORDER BY ${key} LIMIT ?`, place, most));
    // A torn tree may answer with rows that lie before: to follow them would never end.
    return rows?.every((row) => Number(row[key]) > place) ? rows : undefined;
  };
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
