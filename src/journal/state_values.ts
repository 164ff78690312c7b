/** Single numbers and words that the journal keeps, in its tables `state` and `notes`. */

import type { Sqlite } from "../base/sqlite.ts";

/** Sets values, by name. */
export function setState(database: Sqlite, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    database.run("INSERT INTO state VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", name, value);
  }
}

/** A value; 0 where there is none. */
export function stateOf(database: Sqlite, name: string): number {
  return database.get<{ value: number }>("SELECT value FROM state WHERE name = ?", name)?.value ?? 0;
}

/** Sets words. */
export function setNote(database: Sqlite, name: string, value: string): void {
  database.run("INSERT INTO notes VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", name, value);
}

/** Words by their name; undefined where there are none. */
export function noteOf(database: Sqlite, name: string): string | undefined {
  return database.get<{ value: string }>("SELECT value FROM notes WHERE name = ?", name)?.value;
}

/** The last position that was handed out: whatever says so, for none may be handed out twice. */
export function lastPosition(database: Sqlite): number {
  const { last } = database.get<{ last: number }>(
    "SELECT max(coalesce((SELECT max(position) FROM records), 0), coalesce((SELECT max(position) FROM seen), 0), " +
      "coalesce((SELECT max(position) FROM sinks), 0)) AS last",
  )!;
  return Math.max(last, stateOf(database, "last_position"));
}

/** Up to where counts by the hour have become counts by the day, in milliseconds since 1970. */
export function byDayBefore(database: Sqlite): number {
  return stateOf(database, "by_day_before");
}

/** How many bytes the records of all dead letters are. Cheap: it is kept count of. */
export function deadBytes(database: Sqlite): number {
  return stateOf(database, "dead_bytes");
}
