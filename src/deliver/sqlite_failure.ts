/** What a failure of the SQLite sink's file means, in words for people. */

import { SettingsError, TransientError } from "../base/errors.ts";
import { SqliteError } from "../base/sqlite.ts";
import { whySystemFailed } from "../base/system_failure.ts";

/** A failure as ours; what is neither SQLite's nor the system's as it is. */
export function asSinkFailure(error: unknown, path: string): unknown {
  if (error instanceof Deno.errors.NotADirectory || error instanceof Deno.errors.AlreadyExists) {
    return new SettingsError(`Cannot write to ${path}: what it should lie in is no directory`, {
      hint: "Name a file with --sink sqlite:PATH",
      cause: error,
    });
  }
  if (!(error instanceof SqliteError)) {
    const words = whySystemFailed(error);
    return words === undefined ? error : new TransientError(`${path}: ${words}`, { cause: error });
  }
  if (error.trouble === "damaged") return damaged(path, error);
  const words = wordsFor(error, path);
  return words === undefined ? error : new TransientError(words, { cause: error });
}

/** It is no database, or one whose parts disagree. */
function damaged(path: string, cause: SqliteError): SettingsError {
  return new SettingsError(`Cannot use ${path}: it is damaged, or no database at all`, {
    hint: `Move it away and a new one is begun; sqlite3 ${path} .recover saves what can still be read of a damaged one`,
    cause,
  });
}

function wordsFor({ message, trouble }: SqliteError, path: string): string | undefined {
  switch (trouble) {
    case "full":
      return `the disk of ${path} is full`;
    case "read_only":
      return `${path} may only be read: permission is denied, or the file system is read-only`;
    case "busy":
      return `another process keeps ${path} locked`;
    case "disk":
      return `${path}: ${message}`;
    default:
      return undefined;
  }
}
