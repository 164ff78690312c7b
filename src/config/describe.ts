/** Settings for people: the rows of `traptor config`, of `--help`, and of the README's table. */

import type { Loaded } from "./load.ts";
import { flagOf, OPTION_KEYS, type OptionKey, optionOf } from "./options.ts";
import { passwordIn } from "./sources.ts";

/** A setting as `traptor config` shows it. */
export interface SettingRow {
  readonly name: string;
  /** Secrets as `***`; `not set` where there is no value. */
  readonly value: string;
  readonly source: string;
}

/** Every setting with its value and where it comes from. */
export function settingRows(loaded: Loaded): SettingRow[] {
  return OPTION_KEYS.map((key) => ({
    name: optionOf(key).name,
    value: shownValue(key, loaded),
    source: loaded.texts[key] === undefined ? "" : loaded.sources[key],
  }));
}

/** The flags of settings: name without dashes, placeholder, help with the default. */
export function settingFlags(): { name: string; placeholder: string; help: string }[] {
  return OPTION_KEYS.flatMap((key) => {
    const option = optionOf(key);
    const name = flagOf(option);
    if (name === undefined) return [];
    const isShort = option.default !== undefined && option.default.length <= 30;
    return [{ name, placeholder: option.placeholder, help: `${option.help}${isShort ? ` [${option.default}]` : ""}` }];
  });
}

/** The names of the secrets with their help. */
export function secretRows(): string[][] {
  return OPTION_KEYS.map(optionOf).filter((option) => option.secret).map((option) => [option.name, option.help]);
}

/** The README's table of settings, in Markdown. */
export function settingsTable(): string {
  const rows = OPTION_KEYS.map((key) => {
    const option = optionOf(key);
    const flag = flagOf(option);
    const fallback = option.defaultShown ?? (option.default === undefined ? "" : `\`${option.default}\``);
    const cells = [`\`${option.name}\``, flag === undefined ? "secret" : `\`--${flag}\``, fallback, option.help];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return ["| name | flag | default | |", "|---|---|---|---|", ...rows].join("\n");
}

function shownValue(key: OptionKey, { texts }: Loaded): string {
  const text = texts[key];
  if (text === undefined) return "not set";
  if (optionOf(key).secret) return "***";
  if (!passwordIn(text)) return text;
  const url = new URL(text);
  url.password = "***";
  return url.toString();
}
