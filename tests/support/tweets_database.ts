/** What is in the database of the SQLite sink, read by the runtime's own driver while the sink may be writing. */

import { DatabaseSync, type SQLInputValue } from "node:sqlite";

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
