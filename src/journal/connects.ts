/** When connects to X began, of this process and those before it: X counts them for the app. */

import type { Sqlite } from "../base/sqlite.ts";

/** The moments after another, in milliseconds since 1970. */
export function connectsSince(database: Sqlite, since: number): number[] {
  return database.all<{ at: number }>("SELECT at FROM connects WHERE at > ? ORDER BY at", since).map(({ at }) => at);
}

/** Writes one, and forgets those that are too old. */
export function noteConnect(database: Sqlite, at: number, since: number): void {
  database.transaction(() => {
    database.run("DELETE FROM connects WHERE at <= ?", since);
    database.run("INSERT INTO connects (at) VALUES (?)", at);
  });
}
