/** Which journal a person means, for the commands that look into one. */

import { SettingsError } from "../base/errors.ts";
import { appOf, stateDirectoryFor } from "../collector/credentials.ts";
import { settingFlags } from "../config/describe.ts";
import { type Loaded, loadSettings } from "../config/load.ts";
import { journalPath } from "../journal/open_journal.ts";
import { shown } from "../model/outside_text.ts";
import { type Arguments, type Flag, HELP_FLAG, readArguments } from "./arguments.ts";
import { flagRows } from "./help.ts";
import { table, writeError } from "./terminal.ts";

const SETTINGS_FLAG: Flag = { name: "settings", placeholder: "PATH", help: "the settings file" };
export const JSON_FLAG: Flag = { name: "json", help: "print JSON instead of text" };

/** The arguments of a command, its settings, and where the journal is. */
export interface GivenJournal {
  readonly given: Arguments;
  readonly loaded: Loaded;
  readonly directory: string;
  readonly path: string;
}

/**
 * Reads the arguments of a command that looks into a journal: all settings are flags as well, unless the command has
 * a flag of the name itself. Throws UsageError, SettingsError.
 */
export async function readGivenJournal(
  command: string,
  args: readonly string[],
  flags: readonly Flag[],
  settingValues: (given: Arguments) => Readonly<Record<string, string>> = ({ values }) => values,
): Promise<GivenJournal> {
  const own = new Set(flags.map(({ name }) => name));
  const settings = settingFlags().filter(({ name }) => !own.has(name));
  const given = readArguments(command, args, [...flags, SETTINGS_FLAG, ...settings]);
  const loaded = await loadSettings({ flags: settingValues(given) });
  for (const note of loaded.notes) writeError(`${shown(note)}\n`);
  const directory = await directoryFor(loaded);
  return { given, loaded, directory, path: journalPath(directory) };
}

/** The flags of such a command for its help. */
export function journalFlagsHelp(flags: readonly Flag[], settings: readonly string[] = ["state-dir"]): string {
  const named = settingFlags().filter(({ name }) => settings.includes(name));
  return table(flagRows([...flags, ...named, SETTINGS_FLAG, HELP_FLAG]));
}

/**
 * The state directory: the one that is named, that of the token's app, or the only one that there is. Throws
 * SettingsError where none or several could be meant.
 */
export async function directoryFor(loaded: Loaded): Promise<string> {
  const { bearerToken, stateDirectory } = loaded.settings;
  const home = loaded.home === undefined ? undefined : `${loaded.home}/.local/state/traptor`;
  const isNamed = (stateDirectory ?? loaded.systemdStateDirectory) !== undefined;
  if (isNamed || bearerToken !== undefined || home === undefined) {
    const directory = stateDirectoryFor(await appOf(bearerToken ?? ""), loaded);
    if (!isNamed && !isThere(directory)) throw noneIn(directory, journalsBelow(home!));
    return directory;
  }
  const found = journalsBelow(home);
  const [only] = found;
  if (only !== undefined && found.length === 1) {
    writeError(`No X token is set; the only journal that there is, is in ${shown(only)}\n`);
    return only;
  }
  throw noneIn(home, found);
}

function noneIn(place: string, others: readonly string[]): SettingsError {
  if (others.length === 0) {
    return new SettingsError(`Cannot find a journal: there is none in ${place}`, {
      hint: "--state-dir DIR with the directory that the collector uses",
    });
  }
  const are = others.length === 1 ? "is one" : "are several";
  return new SettingsError(
    `Cannot tell whose journal is meant: there is none of this token in ${place}, there ${are}`,
    {
      hint: others.map((directory) => `--state-dir ${directory}`).join(", or "),
    },
  );
}

/** The directories below a place that hold a journal. */
function journalsBelow(place: string): string[] {
  try {
    return [...Deno.readDirSync(place)].map(({ name }) => `${place}/${name}`).filter(isThere).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return [];
    throw error;
  }
}

function isThere(directory: string): boolean {
  try {
    return Deno.statSync(journalPath(directory)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}
