/**
 * SQLite files, over node:sqlite, whose only importer this is: statements prepared once, transactions, and errors told
 * apart by what follows from them.
 *
 * It promises that a transaction which has ended is on disk (WAL with `synchronous=FULL`), and that one which has failed
 * has changed nothing. Everything here is done at once, on this thread: a transaction takes as long as the disk.
 */

import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { DiskError } from "./errors.ts";

/**
 * What is wrong: `damaged` (what is in the file is no database, or its parts disagree), `full` (no room on the disk),
 * `read_only`, `busy` (another process has it), `disk` (reading or writing failed), `other` (a bug of ours).
 */
export type SqliteTrouble = "damaged" | "full" | "read_only" | "busy" | "disk" | "other";

/** SQLite did not do what it was asked for. */
export class SqliteError extends Error {
  override readonly name = "SqliteError";

  constructor(readonly trouble: SqliteTrouble, message: string, cause: unknown) {
    super(message, { cause });
  }
}

/** Why the disk, or another process, does not allow now what was tried; undefined for anything else, such as a bug. */
export function diskTrouble(error: unknown): string | undefined {
  const isTrouble = error instanceof DiskError || (error instanceof SqliteError && error.trouble !== "other");
  return isTrouble ? error.message : undefined;
}

/** Primary result codes of SQLite (sqlite.org, Result and Error Codes). */
const TROUBLES: ReadonlyMap<number, SqliteTrouble> = new Map([
  [5, "busy"],
  [6, "busy"],
  [8, "read_only"],
  [10, "disk"],
  [11, "damaged"],
  [13, "full"],
  [14, "disk"],
  [26, "damaged"],
]);

/** Three tweets of the usual size fill such a page well; SQLite's own page would hold one, and half of nothing. */
export const PAGE_BYTES = 8_192;

/** How long another process's short lock is waited for. */
const BUSY_MS = 2_000;

export type SqliteValue = SQLInputValue;

export interface SqliteOptions {
  /** Opened to look: nothing is written, and the file must be there. */
  readonly isReadOnly?: boolean;
}

/** An open file. Every method but `closeQuietly` throws SqliteError. */
export class Sqlite {
  readonly path: string;
  readonly #isReadOnly: boolean;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string, { isReadOnly = false }: SqliteOptions = {}) {
    this.path = path;
    this.#isReadOnly = isReadOnly;
    if (!isReadOnly) makeForOwner(path);
    this.#database = translated(() => new DatabaseSync(path, { readOnly: isReadOnly, timeout: BUSY_MS }));
    try {
      if (!isReadOnly) {
        this.script(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL`);
      }
    } catch (error) {
      this.closeQuietly();
      throw error;
    }
  }

  /** Runs statements that take no values. */
  script(sql: string): void {
    translated(() => this.#database.exec(sql));
  }

  /** Runs a statement; answers how many rows it changed. */
  run(sql: string, ...values: readonly SqliteValue[]): number {
    return translated(() => Number(this.#prepared(sql).run(...values).changes));
  }

  /** All rows of a query. */
  all<Row>(sql: string, ...values: readonly SqliteValue[]): Row[] {
    return translated(() => this.#prepared(sql).all(...values) as Row[]);
  }

  /**
   * The rows of a query in the order of a whole number of theirs, read some at a time, so that others may be at it
   * meanwhile. The query takes the number after which to go on as ?1, and how many rows at most as ?2. A torn tree answers
   * with rows that lie before: that is damage, and would never end.
   */
  *inOrder<Row>(key: keyof Row, most: number, sql: string, ...values: readonly SqliteValue[]): Generator<Row> {
    let last = 0;
    while (true) {
      const rows = this.all<Row>(sql, last, most, ...values);
      for (const row of rows) {
        const place = row[key];
        if (typeof place !== "number" || place <= last) {
          throw new SqliteError("damaged", `rows are out of order: ${String(place)} after ${last}`, undefined);
        }
        last = place;
        yield row;
      }
      if (rows.length < most) return;
    }
  }

  /** The first row of a query, or undefined. */
  get<Row>(sql: string, ...values: readonly SqliteValue[]): Row | undefined {
    return translated(() => this.#prepared(sql).get(...values) as Row | undefined);
  }

  /** Does all of the work or, when it throws, none of it. */
  transaction<Result>(work: () => Result): Result {
    this.script("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.script("COMMIT");
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  /** May be called twice. */
  close(): void {
    this.#statements.clear();
    if (!this.#database.isOpen) return;
    translated(() => this.#database.close());
    if (this.#isReadOnly) removeEmptyLog(this.path);
  }

  /** As `close`, where what SQLite says of it is of no use: a damaged file may complain even about being closed. */
  closeQuietly(): void {
    try {
      this.close();
    } catch (error) {
      if (!(error instanceof SqliteError)) throw error;
    }
  }

  /** SQLite has rolled back by itself after some errors. */
  #rollBack(): void {
    if (this.#database.isTransaction) this.script("ROLLBACK");
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, statement = this.#database.prepare(sql));
    return statement;
  }
}

/** SQLite itself would make a file that all may read. What it puts beside the file gets the same mode. */
function makeForOwner(path: string): void {
  try {
    Deno.openSync(path, { createNew: true, write: true, mode: 0o600 }).close();
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return;
    throw new SqliteError("disk", `unable to open ${path}: ${(error as Error).message}`, error);
  }
}

/**
 * Who only reads makes an empty log (`-wal`, and `-shm`) beside a file that nobody writes, and may not remove it. One who
 * may write removes it on closing, if nobody else has the file open: SQLite sees to that.
 */
function removeEmptyLog(path: string): void {
  try {
    if (Deno.statSync(`${path}-wal`).size > 0) return;
    // So that no file is made where there is none any more.
    const existing = pathToFileURL(path);
    existing.searchParams.set("mode", "rw");
    const database = new DatabaseSync(existing, { timeout: 0 });
    try {
      database.exec("PRAGMA schema_version");
    } finally {
      database.close();
    }
  } catch (error) {
    // There is none, or it may not be removed, where it does no harm.
    if (!isSqliteError(error) && !(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function translated<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    // We write no number that JavaScript cannot hold: one that is there is damage.
    if (isTooLarge(error)) throw new SqliteError("damaged", error.message, error);
    if (!isSqliteError(error)) throw error;
    throw new SqliteError(troubleOf(error), error.message, error);
  }
}

interface VendorError extends Error {
  readonly code: string;
  readonly errcode?: number;
}

function isSqliteError(error: unknown): error is VendorError {
  return error instanceof Error && String((error as Partial<VendorError>).code).startsWith("ERR_SQLITE");
}

function isTooLarge(error: unknown): error is RangeError {
  return error instanceof RangeError && (error as Partial<VendorError>).code === "ERR_OUT_OF_RANGE";
}

/** How SQLite's words for the same begin; paths and statements, which may hold any words, follow. */
const TROUBLES_IN_WORDS: readonly (readonly [RegExp, SqliteTrouble])[] = [
  [/^(file is not a database|database disk image is malformed|malformed database schema)/, "damaged"],
  [/^database or disk is full/, "full"],
  [/^attempt to write a readonly database/, "read_only"],
  [/^database( table| schema)? is locked/, "busy"],
  [/^(disk I\/O error|unable to open database)/, "disk"],
];

/** The runtime does not always tell the code (Deno 2.9): then the words do. */
function troubleOf({ errcode, message }: VendorError): SqliteTrouble {
  if (errcode !== undefined) return TROUBLES.get(errcode & 0xff) ?? "other";
  return TROUBLES_IN_WORDS.find(([words]) => words.test(message))?.[1] ?? "other";
}
