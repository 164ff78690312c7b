/**
 * Settings from all their sources: flag over environment over settings file over default. All faults are told at once;
 * no secret is ever part of one.
 */

import { SettingsError } from "../base/errors.ts";
import { checkTogether } from "./checks.ts";
import { readEnvironment } from "./environment.ts";
import { OPTION_KEYS, type OptionKey, optionOf, type Settings } from "./options.ts";
import { SettingFault } from "./parsers.ts";
import { findSettingsFile } from "./settings_file.ts";
import { fromEnvironment, fromFile, fromFlags } from "./sources.ts";

export interface LoadOptions {
  /** Values of flags by name; besides those of settings only `settings`, the file's path, counts. */
  flags: Readonly<Record<string, string>>;
  environment?: Readonly<Record<string, string>>;
  workingDirectory?: string;
}

export interface Loaded {
  readonly settings: Settings;
  /** The texts that the values were parsed from. */
  readonly texts: Readonly<Partial<Record<OptionKey, string>>>;
  /** Where each value comes from: `flag --x`, `environment`, `file PATH`, `default`. */
  readonly sources: Readonly<Record<OptionKey, string>>;
  /** For the log: names of the Python program that were understood, and such. */
  readonly notes: readonly string[];
  /** The settings file, when there is one. */
  readonly file: string | undefined;
  /** The user's home and systemd's state directory, for defaults that depend on them. */
  readonly home: string | undefined;
  readonly systemdStateDirectory: string | undefined;
}

/** Loads the settings. Throws SettingsError that names every fault. */
export async function loadSettings(options: LoadOptions): Promise<Loaded> {
  const environment = options.environment ?? readEnvironment();
  const home = environment["HOME"]?.trim() || environment["USERPROFILE"]?.trim() || undefined;
  const file = await findSettingsFile({
    named: options.flags["settings"] ?? (environment["TRAPTOR_SETTINGS"]?.trim() || undefined),
    workingDirectory: options.workingDirectory ?? Deno.cwd(),
    home,
  });
  const found = [fromFlags(options.flags), await fromEnvironment(environment)];
  const faults = file && "fault" in file ? [file.fault] : [];
  if (file && "source" in file) found.push(fromFile(file.path, file.source));
  faults.push(...found.flatMap((source) => source.faults));

  const values: Partial<Record<OptionKey, unknown>> = {};
  const sources: Partial<Record<OptionKey, string>> = {};
  const texts: Partial<Record<OptionKey, string>> = {};
  for (const key of OPTION_KEYS) {
    const option = optionOf(key);
    const given = found.map((source) => source.texts.get(option.name)).find((entry) => entry !== undefined);
    const text = given?.text ?? option.default;
    sources[key] = given?.from ?? "default";
    if (text === undefined) continue;
    texts[key] = text;
    try {
      values[key] = option.parse(text);
    } catch (error) {
      if (!(error instanceof SettingFault)) throw error;
      faults.push(`${option.name}: ${error.message} (${given?.from ?? "default"})`);
    }
  }
  const notes = found.flatMap((source) => source.notes);
  const settings = values as Settings;
  if (faults.length === 0) faults.push(...await checkTogether(settings, sources, notes));
  if (faults.length > 0) throw settingsError(faults);
  return {
    settings,
    texts,
    sources: sources as Record<OptionKey, string>,
    notes,
    file: file && "path" in file ? file.path : undefined,
    home,
    systemdStateDirectory: environment["STATE_DIRECTORY"]?.split(":")[0]?.trim() || undefined,
  };
}

function settingsError(faults: readonly string[]): SettingsError {
  const message = faults.length === 1
    ? `Cannot use the setting ${faults[0]}`
    : [`Cannot use ${faults.length} settings:`, ...faults.map((fault) => `  ${fault}`)].join("\n");
  return new SettingsError(message, {
    hint: "`traptor config --help` lists the settings; `traptor config` shows their values",
  });
}
