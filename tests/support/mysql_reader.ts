/**
 * A login of its own for those who read rules from the tests' MariaDB, what they read, and what they are told.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { createConnection } from "mysql2";
import { systemClock } from "../../src/base/clock.ts";
import type { EndingError } from "../../src/base/errors.ts";
import type { Entry } from "../../src/extract/entry.ts";
import type { MysqlAddress } from "../../src/extract/mysql_address.ts";
import { mysqlEntries, type MysqlSource } from "../../src/extract/mysql_rows.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { MariadbServer } from "./mariadb.ts";
import { sharedMariadb } from "./services.ts";
import { waitUntil } from "./wait_until.ts";

/** A password with all that has a meaning in a URL or in MySQL. */
export const PASSWORD = "p@ss%w:o/r#d?'\"\\ é";

/** Who reads the rules; a login of its own, so that its connections can be told from the tests' own. */
export const READER = "reader";

/** Runs statements as the one who may do everything. */
export async function administer(server: MariadbServer, ...statements: string[]): Promise<JsonObject[]> {
  const { host, port, database } = server;
  const connection = createConnection({ host, port, database, user: "root" }).promise();
  try {
    let rows: unknown = [];
    for (const statement of statements) [rows] = await connection.query(statement);
    return rows as JsonObject[];
  } finally {
    await connection.end();
  }
}

/** The shared server, with a login for the reader. */
export async function server(): Promise<MariadbServer> {
  const shared = await sharedMariadb();
  const login = createConnection({ host: shared.host, port: shared.port, user: "root" }).promise();
  try {
    await login.query("CREATE USER IF NOT EXISTS ?@'127.0.0.1' IDENTIFIED BY ?", [READER, PASSWORD]);
    await login.query(`GRANT ALL ON ${shared.database}.* TO ?@'127.0.0.1'`, [READER]);
  } finally {
    await login.end();
  }
  return shared;
}

function addressOf({ host, port, database }: MariadbServer): MysqlAddress {
  return { host, port, user: READER, password: PASSWORD, database, isTls: false };
}

export type Options = Partial<MysqlSource> & { readonly at?: Partial<MysqlAddress> };

export function entries(server: MariadbServer, { at = {}, ...options }: Options = {}): AsyncGenerator<Entry> {
  const address = { ...addressOf(server), ...at };
  return mysqlEntries({ address, query: undefined, type: "track", clock: systemClock(), ...options });
}

/** The fields of all rules, with the type that their row names. */
export async function fields(server: MariadbServer, options: Options): Promise<JsonObject[]> {
  return (await Array.fromAsync(entries(server, options))).map((entry) => {
    if (entry.kind === "refused") return { refused: entry.reason };
    return { ...entry.fields, ...(entry.type ? { as: entry.type } : {}) };
  });
}

/** What the reading of rules ends with; no trace of it holds the password, and no connection stays. */
export async function failure(server: MariadbServer, options: Options): Promise<EndingError> {
  let thrown: unknown;
  try {
    for await (const _ of entries(server, options));
  } catch (error) {
    thrown = error;
  }
  return await checkedFailure(server, thrown);
}

export async function checkedFailure(server: MariadbServer, thrown: unknown): Promise<EndingError> {
  const error = thrown as EndingError;
  const everything = `${Deno.inspect(error, { depth: 10 })}${error.stack}${error.hint}`;
  for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), "wrong-secret"]) assert(!everything.includes(secret));
  assertEquals(error.cause, undefined);
  await noneStays(server);
  return error;
}

export async function noneStays(server: MariadbServer): Promise<void> {
  await waitUntil(async () => (await connectionsOf(server)).length === 0, {
    what: "no connection of the reader stays",
  });
}

export async function connectionsOf(server: MariadbServer): Promise<number[]> {
  const rows = await administer(
    server,
    `SELECT id FROM information_schema.processlist WHERE user = '${READER}' ORDER BY id`,
  );
  return rows.map(({ id }) => Number(id));
}
