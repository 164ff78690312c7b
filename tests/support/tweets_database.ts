/** The SQLite sink on a file of its own, and what is in its database, read by the runtime's own driver while the sink may be writing. */

import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { SqliteSink } from "../../src/deliver/sqlite_sink.ts";
import { TestFolder } from "./test_folder.ts";

/** Runs a test with an open sink on a file of its own. */
export async function withSink(test: (sink: SqliteSink, path: string) => Promise<void>): Promise<void> {
  using folder = new TestFolder();
  const path = `${folder.path}/tweets.db`;
  const sink = new SqliteSink(path);
  try {
    await sink.open();
    await test(sink, path);
  } finally {
    await sink.close();
  }
}

/** The rows of a query on the file; integers as BigInt. */
export function rowsOf(path: string, query: string, ...values: SQLInputValue[]): Record<string, unknown>[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const statement = database.prepare(query);
    statement.setReadBigInts(true);
    return statement.all(...values).map((row) => ({ ...row }));
  } finally {
    database.close();
  }
}

/** The ids of the tweets that a query finds, in order. */
export function idsOf(path: string, query: string, ...values: SQLInputValue[]): string[] {
  return rowsOf(path, query, ...values).map(({ id }) => String(id)).sort();
}
