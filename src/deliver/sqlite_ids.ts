/** Which tweets are in the database of the SQLite sink, for those who compare. */

import { UnavailableError } from "../base/errors.ts";
import type { Sqlite } from "../base/sqlite.ts";
import { asSinkFailure } from "./sqlite_failure.ts";
import { openToRead } from "./sqlite_file.ts";

/** How many ids are asked for at a time. */
const PAGE = 1_000;

const MOST_ID = 2n ** 63n - 1n;

/** A tweet's id as it is in the database; undefined when no integer of SQLite's is written so. */
export function sqliteIdOf(id: string): bigint | undefined {
  if (!/^(?:0|[1-9]\d{0,18})$/.test(id)) return undefined;
  const number = BigInt(id);
  return number <= MOST_ID ? number : undefined;
}

/**
 * Those of the ids whose tweets are in the database at the path, which may be written to meanwhile; nothing is changed.
 * Throws SettingsError when it is no database of the sink, UnavailableError when it cannot be read.
 */
export async function sqliteHolds(path: string, ids: Iterable<string>): Promise<Set<string>> {
  try {
    const database = await openToRead(path);
    try {
      return heldIn(database, ids);
    } finally {
      database.close();
    }
  } catch (error) {
    const failure = asSinkFailure(error, path);
    if (!(failure instanceof Error) || failure.name !== "TransientError") throw failure;
    throw new UnavailableError(`Cannot read ${path}: ${failure.message}`, {
      hint: "Name the file that the tweets were delivered to, and try again",
      cause: error,
    });
  }
}

function heldIn(database: Sqlite, ids: Iterable<string>): Set<string> {
  const held = new Set<string>();
  let page: string[] = [];
  const look = () => {
    // As text, for these numbers are too large for the runtime's.
    const rows = database.all<{ id: string }>(
      "SELECT CAST(id AS TEXT) AS id FROM tweets WHERE id IN (SELECT value FROM json_each(?))",
      `[${page.join(",")}]`,
    );
    for (const { id } of rows) held.add(id);
    page = [];
  };
  for (const id of ids) {
    if (sqliteIdOf(id) !== undefined) page.push(id);
    if (page.length === PAGE) look();
  }
  if (page.length > 0) look();
  return held;
}
