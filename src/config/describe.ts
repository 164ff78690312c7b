/** Settings for people: the rows of `traptor config`, of `--help`, and of the README's table. */

import type { Loaded } from "./load.ts";
import { flagOf, type Option } from "./option.ts";
import { OPTION_KEYS, type OptionKey, optionOf, OPTIONS_IN_ORDER } from "./options.ts";
import { withoutPassword } from "./passwords.ts";

/** A setting as `traptor config` shows it. */
export interface SettingRow {
  readonly name: string;
  /** Secrets as `***`; `not set` where there is no value. */
  readonly value: string;
  /** `flag --x`, `environment`, `file PATH`, `default`; empty where there is no value. */
  readonly source: string;
}

/** A flag as `--help` shows it. */
export interface SettingFlag {
  /** Without the dashes. */
  readonly name: string;
  readonly placeholder: string;
  /** With the default in brackets. */
  readonly help: string;
}

/** The longest default that help shows after its line. */
const LONGEST_IN_HELP = 60;

/** Every setting with its value and where it comes from. */
export function settingRows(loaded: Loaded): SettingRow[] {
  return OPTION_KEYS.map((key) => {
    const isSet = loaded.texts[key] !== undefined;
    return { name: optionOf(key).name, value: shownValue(key, loaded), source: isSet ? loaded.sources[key] : "" };
  });
}

/** The flags of settings, in the order of the table. */
export function settingFlags(): SettingFlag[] {
  return OPTIONS_IN_ORDER.flatMap((option) => {
    const name = flagOf(option);
    if (name === undefined) return [];
    const shown = defaultOf(option).replaceAll("`", "");
    const suffix = shown !== "" && shown.length <= LONGEST_IN_HELP ? ` [${shown}]` : "";
    return [{ name, placeholder: option.placeholder, help: `${option.help}${suffix}` }];
  });
}

/** The names of the secrets with their help. */
export function secretRows(): string[][] {
  return OPTIONS_IN_ORDER.filter((option) => option.secret).map((option) => [option.name, option.help]);
}

/** The README's table of settings in Markdown, aligned as `deno fmt` aligns it. Ends without a line break. */
export function settingsTable(): string {
  const rows = OPTIONS_IN_ORDER.map((option) => {
    const flag = flagOf(option);
    return [`\`${option.name}\``, flag === undefined ? "secret" : `\`--${flag}\``, defaultOf(option), option.help];
  });
  return markdownTable([["name", "flag", "default", "what it is"], ...rows]);
}

/** The default in Markdown; empty where there is none. */
function defaultOf(option: Option<unknown>): string {
  return option.defaultShown ?? (option.default === undefined ? "" : `\`${option.default}\``);
}

function markdownTable(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const lines = cells.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`);
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}

function shownValue(key: OptionKey, { texts }: Loaded): string {
  const text = texts[key];
  if (text === undefined) return "not set";
  return optionOf(key).secret ? "***" : withoutPassword(text);
}
