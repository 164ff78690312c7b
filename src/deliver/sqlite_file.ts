/**
 * Opens the file of the SQLite sink, to write or to read. A file that is not ours is refused before anything in it is
 * touched; a new one is for its owner only, as are the folders that are made for it.
 */

import { SettingsError } from "../base/errors.ts";
import { Sqlite } from "../base/sqlite.ts";
import { makeTables, ownerOf } from "./sqlite_tables.ts";

/** How long another process that writes is waited for, in milliseconds: meanwhile nothing else is done in this one. */
const SHORT_WAIT = "PRAGMA busy_timeout = 100";

/** An open file, and which of all files on the disk it is. */
export interface TweetsFile {
  readonly database: Sqlite;
  readonly identity: string;
}

/** Opens the file to write, and makes what is missing. Throws SettingsError, SqliteError, and what the system throws. */
export async function openToWrite(path: string): Promise<TweetsFile> {
  const folder = folderOf(path);
  if (folder !== undefined) await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await statOrNone(path))?.isDirectory) throw refusal(path, "it is a folder");
  (await Deno.open(path, { create: true, write: true, mode: 0o600 })).close();
  // SQLite takes some names for something else than a file: `:memory:` is one.
  const realPath = await Deno.realPath(path);
  const identity = await identityOf(path);
  checkOwner(realPath, path);
  const database = new Sqlite(realPath);
  try {
    database.script(SHORT_WAIT);
    makeTables(database);
    return { database, identity: identity ?? "" };
  } catch (error) {
    database.closeQuietly();
    throw error;
  }
}

/** Opens the file to read, while it may be written to. Throws SettingsError, SqliteError, and what the system throws. */
export async function openToRead(path: string): Promise<Sqlite> {
  const realPath = await Deno.realPath(path);
  const database = new Sqlite(realPath, { isReadOnly: true });
  try {
    refuseForeign(database, path);
    return database;
  } catch (error) {
    database.closeQuietly();
    throw error;
  }
}

/** Which file of all is at the path now; undefined when there is none. */
export async function identityOf(path: string): Promise<string | undefined> {
  const found = await statOrNone(path);
  return found && `${found.dev}:${found.ino}`;
}

/** Looked at first, and only looked at: opening to write changes how a database keeps its journal. */
function checkOwner(realPath: string, path: string): void {
  const database = new Sqlite(realPath, { isReadOnly: true });
  try {
    database.script(SHORT_WAIT);
    refuseForeign(database, path);
  } finally {
    database.close();
  }
}

function refuseForeign(database: Sqlite, path: string): void {
  const owner = ownerOf(database);
  if (owner === "another") throw refusal(path, "it is a database of something else");
  if (owner === "later") throw refusal(path, "it was made by a later version of traptor");
}

function refusal(path: string, why: string): SettingsError {
  return new SettingsError(`Cannot use ${path}: ${why}`, { hint: "Name another file with --sink sqlite:PATH" });
}

function folderOf(path: string): string | undefined {
  const end = path.lastIndexOf("/");
  return end > 0 ? path.slice(0, end) : undefined;
}

async function statOrNone(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
