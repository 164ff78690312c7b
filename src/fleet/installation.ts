/**
 * The installation's name: what tells our rules at X from everybody else's, for their tags are
 * `traptor:<installation>:<hash>`. The instances of a fleet share it through Redis (`traptor:installation`), which wins;
 * a copy in the state directory serves where there is no Redis, or none just now, and brings the name back to a Redis
 * that was emptied.
 */

import { DiskError, SettingsError, TransientError } from "../base/errors.ts";
import type { Random } from "../base/random.ts";
import type { RedisConnection } from "../base/redis.ts";
import { WrongKeyTypeError } from "../base/redis_failure.ts";
import { mayPass, whySystemFailed } from "../base/system_failure.ts";

export interface InstallationOptions {
  /** Absent where rules come from a file. */
  redis?: RedisConnection;
  /** Before the key; a simulation has one of its own. */
  prefix: string;
  /** Made when it is not there. */
  stateDirectory: string;
  random: Random;
}

/**
 * The name: 8 hex digits, made when there is none yet. Throws TransientError when only Redis could tell and it is away,
 * DiskError when the disk does not allow it now, SettingsError when a stored name is no name or may not be stored.
 */
export async function installationName(options: InstallationOptions): Promise<string> {
  const { redis, prefix, stateDirectory, random } = options;
  const path = `${stateDirectory}/installation`;
  const copy = await readCopy(path);
  const isUsable = copy !== undefined && isName(copy);
  if (copy !== undefined && !isUsable && !redis) throw unusable(path, `rm ${path}`);
  let name = isUsable ? copy : random.hex(4);
  if (redis) {
    const key = `${prefix}traptor:installation`;
    try {
      name = await redis.setIfAbsent(key, name);
    } catch (error) {
      if (error instanceof WrongKeyTypeError) throw unusable(`Redis's key ${key}`, `redis-cli del ${key}`);
      if (!(error instanceof TransientError) || !isUsable) throw error;
    }
    if (!isName(name)) throw unusable(`Redis's key ${key}`, `redis-cli del ${key}`);
  }
  if (name !== copy) await writeCopy(path, name, `${path}.${random.hex(4)}`, stateDirectory);
  return name;
}

function isName(text: string): boolean {
  return /^[0-9a-f]{8}$/.test(text);
}

async function readCopy(path: string): Promise<string | undefined> {
  try {
    return (await Deno.readTextFile(path)).trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw stateError(path, error);
  }
}

/** Written beside and renamed, so that a crash leaves the old file or the new one, whole. */
async function writeCopy(path: string, name: string, beside: string, directory: string): Promise<void> {
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

function unusable(place: string, remedy: string): SettingsError {
  return new SettingsError(`Cannot use the installation's name in ${place}: it is no 8 hex digits`, {
    hint: `Put it back (the rules' tags at X hold it: traptor:NAME:...), or \`${remedy}\` for a new one, ` +
      "to which the rules at X are somebody else's",
  });
}

function stateError(path: string, error: unknown): Error {
  if (mayPass(error)) return new DiskError(`state cannot be kept in ${path}: ${whySystemFailed(error)}`);
  return new SettingsError(`Cannot keep state in ${path}: ${(error as Error).message}`, {
    hint: "Name a directory that you may write to with --state-dir DIR",
    cause: error,
  });
}
