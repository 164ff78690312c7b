/**
 * A small SQLite database in a folder of its own, for tests of what is done with such files.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { Sqlite, SqliteError, type SqliteTrouble } from "../../src/base/sqlite.ts";
import { withFolderSync } from "./test_folder.ts";

/** A database with a table of words in it, closed at the end. */
export function withWords(body: (database: Sqlite, folder: string) => void): void {
  withFolderSync((folder) => {
    const database = new Sqlite(`${folder}/words.db`);
    try {
      database.script("CREATE TABLE words (number INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE) STRICT");
      body(database, folder);
    } finally {
      database.close();
    }
  });
}

/** The words, in the order of their numbers. */
export function wordsIn(database: Sqlite): string[] {
  return database.all<{ word: string }>("SELECT word FROM words ORDER BY number").map(({ word }) => word);
}

/** Adds one word. */
export function addWord(database: Sqlite, word: string): void {
  database.run("INSERT INTO words (word) VALUES (?)", word);
}

/** The names of the files in a folder, each with its size. */
export function filesIn(folder: string): Record<string, number> {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  return Object.fromEntries(names.map((name) => [name, Deno.statSync(`${folder}/${name}`).size]));
}

/** Asserts that the work ends with a SqliteError of this trouble. */
export function assertTrouble(trouble: SqliteTrouble, work: () => unknown): SqliteError {
  const error = assertThrows(work, SqliteError);
  assertEquals(error.trouble, trouble, error.message);
  return error;
}
