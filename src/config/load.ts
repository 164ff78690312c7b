/**
 * Settings from all their sources: flag over environment over settings file over default. All faults are told at once,
 * and no secret is ever part of one. Nothing is kept between calls.
 */

import { SettingsError } from "../base/errors.ts";
import { checkTogether } from "./checks.ts";
import { readEnvironment } from "./environment.ts";
import { OPTION_KEYS, type OptionKey, optionOf, type Settings } from "./options.ts";
import { SettingFault } from "./parsers.ts";
import { findSettingsFile } from "./settings_file.ts";
import { readSecretFile } from "./secret_files.ts";
import { type Entry, type Found, fromEnvironment, fromFile, fromFlags } from "./sources.ts";

export interface LoadOptions {
  /** Values of flags by name; besides those of settings only `settings`, the file's path, counts. */
  flags: Readonly<Record<string, string>>;
  /** Instead of the process's own. */
  environment?: Readonly<Record<string, string>>;
  workingDirectory?: string;
  /** Where settings for all users are, instead of `/etc/traptor`. */
  systemDirectory?: string;
}

export interface Loaded {
  readonly settings: Settings;
  /** The texts that the values were parsed from, secrets among them: for `describe.ts` alone. */
  readonly texts: Readonly<Partial<Record<OptionKey, string>>>;
  /** Where each value comes from: `flag --x`, `environment`, `file PATH`, `default`. */
  readonly sources: Readonly<Record<OptionKey, string>>;
  /** For the log: names of the Python program that were understood, and settings that another one overrules. */
  readonly notes: readonly string[];
  /** The settings file, when there is one. */
  readonly file: string | undefined;
  /** The user's home and systemd's state directory, for defaults that depend on them. */
  readonly home: string | undefined;
  readonly systemdStateDirectory: string | undefined;
  /** Who runs this, as far as the environment tells. */
  readonly user: string | undefined;
}

/** Loads the settings. Throws SettingsError that names every fault. */
export async function loadSettings(options: LoadOptions): Promise<Loaded> {
  const environment = options.environment ?? readEnvironment();
  const variable = (name: string) => environment[name]?.trim() || undefined;
  const home = variable("HOME") ?? variable("USERPROFILE");
  const file = await findSettingsFile({
    named: options.flags["settings"] ?? variable("TRAPTOR_SETTINGS"),
    workingDirectory: options.workingDirectory ?? Deno.cwd(),
    home,
    systemDirectory: options.systemDirectory ?? "/etc/traptor",
  });
  const found = [fromFlags(options.flags), await fromEnvironment(environment)];
  if (file && "path" in file) found.push(fromFile(file.path, file.source));

  const { values, texts, sources, faults } = await parseAll(found);
  const isSet = (key: OptionKey) => sources[key] !== "default";
  const checked = await checkTogether({ values, isSet });
  const all = [
    ...file && "fault" in file ? [file.fault] : [],
    ...found.flatMap((source) => source.faults),
    ...faults,
    ...checked.faults,
  ];
  if (all.length > 0) throw settingsError(all);
  return {
    settings: values as Settings,
    texts,
    sources: sources as Record<OptionKey, string>,
    notes: [...new Set([...found.flatMap((source) => source.notes), ...checked.notes])],
    file: file && "path" in file ? file.path : undefined,
    home,
    // systemd separates several with colons; the first is the service's own.
    systemdStateDirectory: variable("STATE_DIRECTORY")?.split(":")[0],
    user: variable("USER") ?? variable("LOGNAME") ?? variable("USERNAME"),
  };
}

/** The value of every setting from the first source that has one. */
async function parseAll(found: readonly Found[]) {
  const values: Partial<Record<OptionKey, unknown>> = {};
  const texts: Partial<Record<OptionKey, string>> = {};
  const sources: Partial<Record<OptionKey, string>> = {};
  const faults: string[] = [];
  for (const key of OPTION_KEYS) {
    const option = optionOf(key);
    const entry = found.map((source) => source.entries.get(option.name)).find((candidate) => candidate !== undefined);
    sources[key] = entry?.from ?? "default";
    try {
      const given = entry && await readEntry(option.name, entry);
      const text = given?.text ?? option.default;
      if (text === undefined) continue;
      sources[key] = given?.from ?? "default";
      texts[key] = text;
      values[key] = option.parse(text);
    } catch (error) {
      if (!(error instanceof SettingFault)) throw error;
      faults.push(`${option.name}: ${error.message} (${sources[key]})`);
    }
  }
  return { values: values as Partial<Settings>, texts, sources, faults };
}

/** An entry's text and where it is from. Throws SettingFault when the file that holds it cannot be used. */
async function readEntry(name: string, entry: Entry): Promise<{ text: string; from: string }> {
  if ("text" in entry) return entry;
  const read = await readSecretFile(entry.secretFile);
  if ("fault" in read) throw new SettingFault(`${name}_FILE names ${entry.secretFile}, which ${read.fault}`);
  return { text: read.text, from: `file ${entry.secretFile}` };
}

function settingsError(faults: readonly string[]): SettingsError {
  const message = faults.length === 1
    ? `Cannot use the setting ${faults[0]}`
    : [`Cannot use ${faults.length} settings:`, ...faults.map((fault) => `  ${fault}`)].join("\n");
  return new SettingsError(message, {
    hint: "`traptor config --help` lists the settings and what each takes",
  });
}
