/**
 * Rules from MySQL or MariaDB, over npm:mysql2, whose only importer this is: the rows of one query, read one after the
 * other, so that a table of any size takes little memory.
 *
 * It promises: the session can only read; numbers beyond 2^53 stay exact; dates stay as they are written; the
 * connection is closed whatever happens, also when nobody reads on; a MySQL that falls silent fails, it does not hang.
 */

import { createConnection } from "mysql2";
import type { Clock } from "../base/clock.ts";
import type { JsonObject, JsonValue } from "../model/json.ts";
import type { RuleType } from "../model/slot.ts";
import type { Entry } from "./entry.ts";
import type { MysqlAddress } from "./mysql_address.ts";
import { mysqlFailure } from "./mysql_failure.ts";
import { repaired } from "./mysql_repairs.ts";
import { rowEntry } from "./row_entry.ts";

export interface MysqlSource {
  readonly address: MysqlAddress;
  /** Instead of the Python program's. */
  readonly query: string | undefined;
  /** The type of rows without one of their own. */
  readonly type: RuleType;
  readonly clock: Clock;
}

type Connection = ReturnType<typeof createConnection>;

/** A column's value before it is read, as the library hands it over. */
interface Field {
  readonly type: string;
  buffer(): Uint8Array | null;
}

const CONNECT_TIMEOUT_MS = 5_000;

/** How long MySQL may think before, and between, rows. */
const SILENCE_MS = 60_000;

/** How many rows are read ahead. */
const READ_AHEAD = 1_000;

/** The words of the Python program's table. */
const TABLE_WORDS: Readonly<Record<RuleType, string>> = {
  follow: "username",
  track: "keyword",
  geo: "geo",
  query: "query",
};

/** Columns of these types become numbers; all others stay text, so that nothing is rounded. */
const SMALL_NUMBERS = new Set(["TINY", "SHORT", "INT24", "LONG", "YEAR", "FLOAT", "DOUBLE"]);

/** The query that is asked unless a person names another. */
export function defaultQuery(type: RuleType): string {
  return `select tag, value from rules where type = '${TABLE_WORDS[type]}'`;
}

/** The rules in the rows of a query. Throws an EndingError when MySQL does not hand over all of them. */
export async function* mysqlEntries({ address, query, type, clock }: MysqlSource): AsyncGenerator<Entry> {
  let rows = 0;
  const connection = open(address);
  try {
    await done(connection, "SET SESSION TRANSACTION READ ONLY");
    const stream = connection.query({ sql: query ?? defaultQuery(type), typeCast: readField as never })
      .stream({ highWaterMark: READ_AHEAD });
    const unwatch = watchSilence(clock, () => rows, () => connection.destroy(), () => stream.destroy(new Silence()));
    try {
      for await (const row of stream as AsyncIterable<JsonObject>) {
        rows += 1;
        yield repairedEntry(rowEntry(withLowerNames(row), `MySQL, row ${rows}`), type);
      }
    } finally {
      unwatch();
      stream.destroy();
    }
  } catch (error) {
    throw mysqlFailure(error, address, rows);
  } finally {
    connection.destroy();
  }
}

/** MySQL says nothing any more. */
class Silence extends Error {
  readonly code = "ETIMEDOUT";
}

function open({ host, port, user, password, database, isTls }: MysqlAddress): Connection {
  const connection = createConnection({
    host,
    port,
    user,
    database,
    ...(password === undefined ? {} : { password }),
    ...(isTls ? { ssl: {} } : {}),
    charset: "utf8mb4",
    connectTimeout: CONNECT_TIMEOUT_MS,
  });
  // What goes wrong is thrown where it is waited for; the library ends the process for an error that nobody hears.
  connection.on("error", () => {});
  return connection;
}

function done(connection: Connection, sql: string): Promise<void> {
  return new Promise((resolve, reject) => connection.query(sql, (error) => error ? reject(error) : resolve()));
}

/** Calls `onSilence` when no row has come for too long. */
function watchSilence(clock: Clock, rows: () => number, ...onSilence: (() => void)[]): () => void {
  let seen = -1;
  let cancel = () => {};
  const look = () => {
    if (rows() === seen) return onSilence.forEach((act) => act());
    seen = rows();
    cancel = clock.after(SILENCE_MS, look);
  };
  look();
  return () => cancel();
}

/** Text is text, whatever the column's type; bytes that are no UTF-8 become U+FFFD, which no rule may hold. */
function readField(field: Field, next: () => JsonValue): JsonValue {
  if (SMALL_NUMBERS.has(field.type)) return next();
  const bytes = field.buffer();
  return bytes === null ? null : new TextDecoder().decode(bytes);
}

function withLowerNames(row: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]));
}

function repairedEntry(entry: Entry, type: RuleType): Entry {
  const value = entry.kind === "rule" ? entry.fields["value"] : undefined;
  if (entry.kind !== "rule" || (typeof value !== "string" && typeof value !== "number")) return entry;
  return { ...entry, fields: { ...entry.fields, value: repaired(entry.type ?? type, String(value)) } };
}
