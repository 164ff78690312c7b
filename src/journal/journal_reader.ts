/**
 * Looks into a journal without changing it, while its collector runs or after: everything that is read in one look is of
 * the same moment.
 */

import { SettingsError, UnavailableError } from "../base/errors.ts";
import { Sqlite, SqliteError } from "../base/sqlite.ts";
import { SCHEMA_VERSION, schemaVersion } from "./schema.ts";

/**
 * What a look finds. Throws SettingsError where there is no journal that this program reads, UnavailableError where it
 * cannot be read now.
 */
export function lookIntoJournal<Found>(path: string, look: (database: Sqlite) => Found): Found {
  refuseAbsent(path);
  let database: Sqlite | undefined;
  try {
    database = new Sqlite(path, { isReadOnly: true });
    database.script("BEGIN");
    checkVersion(database);
    return look(database);
  } catch (error) {
    throw translated(error, path);
  } finally {
    database?.closeQuietly();
  }
}

/** Opens the journal of a running collector beside it, to leave word in its table `commands`. Throws as above. */
export function openBeside(path: string): Sqlite {
  refuseAbsent(path);
  let database: Sqlite | undefined;
  try {
    database = new Sqlite(path);
    checkVersion(database);
    return database;
  } catch (error) {
    database?.closeQuietly();
    throw translated(error, path);
  }
}

function refuseAbsent(path: string): void {
  try {
    if (Deno.statSync(path).isFile) return;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) {
      throw translated(error, path);
    }
  }
  throw new SettingsError(`Cannot find a journal: there is no ${path}`, {
    hint: "--state-dir DIR with the directory that the collector uses; it says where its journal is when it starts",
  });
}

function checkVersion(database: Sqlite): void {
  const found = schemaVersion(database);
  if (found === SCHEMA_VERSION) return;
  const writer = found > SCHEMA_VERSION ? "a newer traptor has written it" : "it is none, or of an older traptor";
  throw new SettingsError(
    `Cannot read the journal ${database.path}: ${writer} (version ${found}, this one knows ${SCHEMA_VERSION})`,
    {
      hint: found > SCHEMA_VERSION
        ? "the newer traptor"
        : "starting the collector once: it brings its journal up to date",
    },
  );
}

/** What SQLite and the system say, in words for people. */
function translated(error: unknown, path: string): unknown {
  const isTheirs = error instanceof SqliteError && error.trouble !== "other";
  const isSystems = error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.FilesystemLoop;
  if (!isTheirs && !isSystems) return error;
  return new UnavailableError(`Cannot read the journal ${path}: ${error.message}`, {
    hint: isTheirs && error.trouble === "damaged"
      ? "starting the collector: it saves what can be read, and counts what is lost"
      : "again, as the user whose collector writes it",
    cause: error,
  });
}
