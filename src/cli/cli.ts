/** The command line: finds the command, runs it, shows what went wrong. */

import { findCommand, helpCommand } from "./help.ts";
import type { Command } from "./command.ts";
import { collect } from "./collect.ts";
import { config } from "./config.ts";
import { dead } from "./dead.ts";
import { gaps } from "./gaps.ts";
import { handover } from "./handover.ts";
import { rules } from "./rules.ts";
import { showError } from "./show_error.ts";
import { simulate } from "./simulate.ts";
import { status } from "./status.ts";
import { top } from "./top.ts";
import { verify } from "./verify.ts";
import { version } from "./version.ts";
import { writeOutput } from "./terminal.ts";

/** The commands that work, in the order in which help lists them. */
const COMMANDS: readonly Command[] = [
  collect,
  status,
  top,
  rules,
  gaps,
  verify,
  handover,
  dead,
  simulate,
  config,
  version,
  helpCommand(() => COMMANDS),
];

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
  if (first === "" || first.startsWith("-")) return await run(collect, args);
  const [, part = "", ...rest] = args;
  const command = findCommand(COMMANDS, first);
  if (!command.parts || part === "" || part.startsWith("-")) return await run(command, args.slice(1));
  return await run(findCommand(command.parts, part, ` ${first}`), rest);
}

async function run(command: Command, args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    writeOutput(command.help());
    return 0;
  }
  return await command.run(args);
}
