/** What a setting is: a row of the table in `options.ts`. */

import type { Parser } from "./parsers.ts";

export interface Option<Value> {
  /** In the environment and the settings file. */
  readonly name: string;
  readonly parse: Parser<Value>;
  /** As text, parsed like any other; undefined: not set. */
  readonly default?: string;
  /** How the default is shown where it is no text of its own. */
  readonly defaultShown?: string;
  /** One line, without a capital or a full stop. */
  readonly help: string;
  /** What stands for the value in the help. */
  readonly placeholder: string;
  /** Never a flag, never shown. */
  readonly secret?: true;
  /** The flag, where it is not the name in kebab-case. */
  readonly flag?: string;
}

/** An option that has a value whatever anybody sets. */
type WithDefault<Value> = Option<Value> & { readonly default: string };

/** Checks a row of the table, and keeps apart in its type whether there is a default. */
export function option<Value>(option: WithDefault<Value>): WithDefault<Value>;
export function option<Value>(option: Option<Value>): Option<Value>;
export function option<Value>(option: Option<Value>): Option<Value> {
  return option;
}

/** The flag of an option, without the dashes; undefined for a secret. */
export function flagOf(option: Option<unknown>): string | undefined {
  if (option.secret) return undefined;
  return option.flag ?? option.name.replace(/^TRAPTOR_/, "").toLowerCase().replaceAll("_", "-");
}
