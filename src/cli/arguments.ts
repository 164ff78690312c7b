/**
 * Reads the command line, over @std/cli, whose only importer this is. Every flag is declared; what is not is refused
 * with the nearest name. Values stay text: whoever asked for them parses them.
 */

import { parseArgs } from "@std/cli/parse-args";
import { UsageError } from "../base/errors.ts";
import { shown } from "../model/outside_text.ts";
import { nearestName } from "../model/nearest_name.ts";

/** A flag of a command. */
export interface Flag {
  /** Without the dashes. */
  readonly name: string;
  /** What stands for its value in the help; a flag without one is a switch. */
  readonly placeholder?: string;
  readonly help: string;
}

export interface Arguments {
  /** The values of flags that were given, by name. */
  readonly values: Readonly<Record<string, string>>;
  /** The switches that were given. */
  readonly switches: ReadonlySet<string>;
  readonly positionals: readonly string[];
}

/** The switch that every command has. */
export const HELP_FLAG: Flag = { name: "help", help: "show this help" };

/** Reads arguments against the flags of a command. Throws UsageError on what it does not know. */
export function readArguments(command: string, args: readonly string[], flags: readonly Flag[]): Arguments {
  const known = [...flags, HELP_FLAG];
  const valued = known.filter((flag) => flag.placeholder !== undefined).map((flag) => flag.name);
  const switches = known.filter((flag) => flag.placeholder === undefined).map((flag) => flag.name);
  const hint = `traptor ${command} --help`;

  const parsed = parseArgs([...args], {
    string: [...valued, "_"],
    boolean: switches,
    alias: { h: "help" },
    unknown(argument: string, key?: string) {
      if (key === undefined) return true; // a positional
      const nearest = nearestName(key, known.map((flag) => flag.name));
      throw new UsageError(`Cannot understand ${shown(argument.split("=")[0]!, 60)}: there is no such flag`, {
        hint: nearest ? `--${nearest}, or \`${hint}\`` : `\`${hint}\``,
      });
    },
  }) as Record<string, unknown>;

  const values: Record<string, string> = {};
  for (const name of valued) {
    const value = parsed[name];
    if (value === undefined) continue;
    if (value === "" && known.find((flag) => flag.name === name)?.placeholder === "true") {
      values[name] = "true"; // `--log-json` alone says what it means
      continue;
    }
    if (typeof value !== "string" || value === "") {
      throw new UsageError(`Cannot use --${name} without a value`, { hint: `\`${hint}\`` });
    }
    values[name] = value;
  }
  return {
    values,
    switches: new Set(switches.filter((name) => parsed[name] === true)),
    positionals: (parsed["_"] as unknown[]).map(String),
  };
}

/** A whole number from `least` to `most`. Throws UsageError. */
export function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  throw new UsageError(`Cannot use --${flag} ${shown(text, 40)}: it takes a whole number`, {
    hint: `a number from ${least} to ${most}`,
  });
}

/** A number above 0 and up to `most`. Throws UsageError. */
export function positiveNumber(flag: string, text: string, most: number): number {
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (number > 0 && number <= most) return number;
  throw new UsageError(`Cannot use --${flag} ${shown(text, 40)}: it takes a number`, {
    hint: `a number above 0, at most ${most}`,
  });
}

/** Refuses arguments that a command does not take. */
export function refusePositionals(command: string, args: Arguments): void {
  const [first] = args.positionals;
  if (first === undefined) return;
  throw new UsageError(`Cannot understand "${shown(first, 60)}": \`traptor ${command}\` takes flags only`, {
    hint: `\`traptor ${command} --help\``,
  });
}
