/**
 * Rules from MySQL or MariaDB, over npm:mysql2, whose only importer this is: the rows of one query, read one after the
 * other, so that a table of any size takes little memory.
 *
 * It promises: the session can only read; numbers beyond 2^53 stay exact; dates stay as they are written; the
 * connection is closed whatever happens, also when nobody reads on; a MySQL that falls silent fails, it does not hang.
 */

import { connect } from "node:net";
import { createConnection } from "mysql2";
import type { Clock } from "../base/clock.ts";
import type { JsonObject, JsonValue } from "../model/json.ts";
import type { RuleType } from "../model/slot.ts";
import type { Entry } from "./entry.ts";
import type { MysqlAddress } from "./mysql_address.ts";
import { mysqlFailure } from "./mysql_failure.ts";
import { repaired } from "./mysql_repairs.ts";
import { rowEntry } from "./row_entry.ts";
import { SilenceWatch } from "./silence_watch.ts";

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
  const { connection, lost, close } = open(address);
  const silence = new SilenceWatch(clock);
  const failed = AbortSignal.any([lost, silence.signal]);
  try {
    await done(connection, "SET SESSION TRANSACTION READ ONLY", failed);
    silence.wait();
    const stream = connection.query({ sql: query ?? defaultQuery(type), typeCast: readField as never })
      .stream({ highWaterMark: READ_AHEAD });
    failed.addEventListener("abort", () => stream.destroy(failed.reason));
    try {
      for await (const row of stream as AsyncIterable<JsonObject>) {
        rows += 1;
        silence.interrupt();
        yield repairedEntry(rowEntry(withLowerNames(row), `MySQL, row ${rows}`), type);
        silence.wait();
      }
    } finally {
      stream.destroy();
    }
  } catch (error) {
    throw mysqlFailure(error, address, rows);
  } finally {
    silence.end();
    close();
  }
}

/** Opens a connection; the signal is aborted with whatever ends it. */
function open(address: MysqlAddress): { connection: Connection; lost: AbortSignal; close(): void } {
  const { host, port, user, password, database, isTls } = address;
  const socket = connect({ host, port, noDelay: true });
  const connection = createConnection({
    stream: () => socket,
    host,
    port,
    user,
    database,
    ...(password === undefined ? {} : { password }),
    ...(isTls ? { ssl: { verifyIdentity: true } } : {}),
    charset: "utf8mb4",
    connectTimeout: CONNECT_TIMEOUT_MS,
  });
  const lost = new AbortController();
  // Rows that are read as a stream do not hear of it, and what nobody hears ends the process.
  connection.on("error", (error) => lost.abort(error));
  return {
    connection,
    lost: lost.signal,
    close() {
      connection.destroy();
      // The library ends a connection in order, that is, after all rows have come.
      socket.destroy();
    },
  };
}

function done(connection: Connection, sql: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
    connection.query(sql, (error) => error ? reject(error) : resolve());
  });
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
