/**
 * The installation's name: what tells our rules at X from everybody else's, for their tags are
 * `traptor:<installation>:<hash>`. The instances of a fleet share it through Redis (`traptor:installation`), which wins;
 * a copy in the state directory serves where there is no Redis, or none just now, and brings the name back to a Redis
 * that was emptied.
 */

import { SettingsError, TransientError } from "../base/errors.ts";
import type { Random } from "../base/random.ts";
import type { RedisConnection } from "../base/redis.ts";
import { WrongKeyTypeError } from "../base/redis_failure.ts";
import { isName, readName, writeName } from "./name_file.ts";

export interface InstallationOptions {
  /** Absent where rules come from a file. */
  redis?: RedisConnection;
  /** Before the key; a simulation has one of its own. */
  prefix: string;
  /** Made when it is not there. */
  stateDirectory: string;
  random: Random;
}

const FILE = "installation";

/**
 * The name: 8 hex digits, made when there is none yet. Throws TransientError when only Redis could tell and it is away,
 * DiskError when the disk does not allow it now, SettingsError when a stored name is no name or may not be stored.
 */
export async function installationName(options: InstallationOptions): Promise<string> {
  const { redis, prefix, stateDirectory, random } = options;
  const path = `${stateDirectory}/${FILE}`;
  const copy = await readName(path);
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
  if (name !== copy) await writeName(stateDirectory, FILE, name, random);
  return name;
}

function unusable(place: string, remedy: string): SettingsError {
  return new SettingsError(`Cannot use the installation's name in ${place}: it is no 8 hex digits`, {
    hint: `Put it back (the rules' tags at X hold it: traptor:NAME:...), or \`${remedy}\` for a new one, ` +
      "to which the rules at X are somebody else's",
  });
}
