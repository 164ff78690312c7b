/**
 * The instance's name: 8 hex digits in the file `instance` of the state directory, the same after each start. The fleet
 * knows by it whose records and gaps are whose; two machines that have a copy of one directory would be one to it, which
 * the roster tells.
 */

import { SettingsError } from "../base/errors.ts";
import type { Random } from "../base/random.ts";
import { isName, readName, writeName } from "./name_file.ts";

const FILE = "instance";

/** The name, made when there is none yet. Throws DiskError, and SettingsError where the file holds something else. */
export async function instanceName(stateDirectory: string, random: Random): Promise<string> {
  const known = await readInstanceName(stateDirectory);
  if (known !== undefined) return known;
  const name = random.hex(4);
  await writeName(stateDirectory, FILE, name, random);
  return name;
}

/** The name, undefined where there is none yet. Throws as `instanceName` does. */
export async function readInstanceName(stateDirectory: string): Promise<string | undefined> {
  const path = `${stateDirectory}/${FILE}`;
  const name = await readName(path);
  if (name === undefined || isName(name)) return name;
  throw new SettingsError(`Cannot use the instance's name in ${path}: it is no 8 hex digits`, {
    hint: `\`rm ${path}\` for a new one: the fleet then takes this machine for another one`,
  });
}
