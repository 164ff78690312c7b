/** The command line: finds the command, runs it, shows what went wrong. */

import { findCommand, helpCommand } from "./help.ts";
import type { Command } from "./command.ts";
import { collect } from "./collect.ts";
import { config } from "./config.ts";
import { showError } from "./show_error.ts";
import { simulate } from "./simulate.ts";
import { version } from "./version.ts";
import { writeOutput } from "./terminal.ts";

/** The commands that work, in the order in which help lists them. */
const COMMANDS: readonly Command[] = [collect, simulate, config, version, helpCommand(() => COMMANDS)];

/** Runs the program with its arguments; answers with the exit code. Throws nothing. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await dispatch(args);
  } catch (error) {
    // Whoever read our output has gone: an orderly end, as with `| head`.
    if (error instanceof Deno.errors.BrokenPipe) return 0;
    return showError(error);
  }
}

async function dispatch(args: readonly string[]): Promise<number> {
  const [first = ""] = args;
  if (first === "--version" || first === "-V") return await version.run([]);
  if (first === "--help" || first === "-h") return await findCommand(COMMANDS, "help").run([]);
  // Flags without a command mean `collect`; so does nothing at all.
  const isNamed = first !== "" && !first.startsWith("-");
  const command = isNamed ? findCommand(COMMANDS, first) : collect;
  const rest = isNamed ? args.slice(1) : args;
  if (rest.includes("--help") || rest.includes("-h")) {
    writeOutput(command.help());
    return 0;
  }
  return await command.run(rest);
}
