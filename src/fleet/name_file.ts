/** A name of 8 hex digits in a file of the state directory: written once, whole, for its owner's eyes. */

import { DiskError, SettingsError } from "../base/errors.ts";
import type { Random } from "../base/random.ts";
import { mayPass, whySystemFailed } from "../base/system_failure.ts";

/** Whether a text is such a name. */
export function isName(text: string): boolean {
  return /^[0-9a-f]{8}$/.test(text);
}

/** What the file holds; undefined when there is none. Throws DiskError, SettingsError. */
export async function readName(path: string): Promise<string | undefined> {
  try {
    return (await Deno.readTextFile(path)).trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw stateError(path, error);
  }
}

/**
 * Writes the file beside and renames it, so that a crash leaves the old one or the new one, whole; makes the directory
 * where there is none. Throws DiskError, SettingsError.
 */
export async function writeName(directory: string, file: string, name: string, random: Random): Promise<void> {
  const path = `${directory}/${file}`;
  const beside = `${path}.${random.hex(4)}`;
  try {
    await Deno.mkdir(directory, { recursive: true, mode: 0o700 });
    const file = await Deno.open(beside, { createNew: true, write: true, mode: 0o600 });
    try {
      await file.write(new TextEncoder().encode(`${name}\n`));
      await file.syncData();
    } finally {
      file.close();
    }
    await Deno.rename(beside, path);
  } catch (error) {
    throw stateError(path, error);
  }
}

function stateError(path: string, error: unknown): Error {
  if (mayPass(error)) return new DiskError(`state cannot be kept in ${path}: ${whySystemFailed(error)}`);
  return new SettingsError(`Cannot keep state in ${path}: ${(error as Error).message}`, {
    hint: "Name a directory that you may write to with --state-dir DIR",
    cause: error,
  });
}
