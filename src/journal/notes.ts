/** Words that must be remembered, by name. */

import type { Sqlite } from "../base/sqlite.ts";

export function noteIn(database: Sqlite, name: "own_connection"): string | undefined {
  return database.get<{ value: string }>("SELECT value FROM notes WHERE name = ?", name)?.value;
}

export function writeNote(database: Sqlite, name: "own_connection", value: string): void {
  database.run("INSERT INTO notes VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", name, value);
}
