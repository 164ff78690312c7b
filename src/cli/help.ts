/** `traptor help`: the commands, or one of them. */

import { UsageError } from "../base/errors.ts";
import { nearestName } from "../model/nearest_name.ts";
import { shown } from "../model/outside_text.ts";
import type { Flag } from "./arguments.ts";
import type { Command } from "./command.ts";
import { table, writeOutput } from "./terminal.ts";

/** Makes the help command for a list of commands. */
export function helpCommand(commands: () => readonly Command[]): Command {
  return {
    name: "help",
    summary: "show help, also of a command: traptor help collect",
    help: () => overview(commands()),
    run(args) {
      const topics = args.filter((argument) => !argument.startsWith("-"));
      writeOutput(helpOn(topics, commands()));
      return Promise.resolve(0);
    },
  };
}

function helpOn([topic, part]: readonly string[], commands: readonly Command[]): string {
  if (topic === undefined) return overview(commands);
  const command = findCommand(commands, topic);
  if (!command.parts || part === undefined) return command.help();
  return findCommand(command.parts, part, ` ${topic}`).help();
}

/** The command of a name, or the part of a `whole`. Throws UsageError with the nearest name. */
export function findCommand(commands: readonly Command[], name: string, whole = ""): Command {
  const found = commands.find((command) => command.name === name);
  if (found) return found;
  const nearest = nearestName(name, commands.map((command) => command.name));
  const all = `\`traptor help${whole}\` for all commands`;
  throw new UsageError(`Cannot run "${shown(name, 60)}": there is no such command${whole && ` of${whole}`}`, {
    hint: nearest ? `traptor${whole} ${nearest}, or ${all}` : all,
  });
}

/** The rows of flags in a help text. */
export function flagRows(flags: readonly Flag[]): string[][] {
  return flags.map((flag) => [`  --${flag.name}${flag.placeholder ? ` ${flag.placeholder}` : ""}`, flag.help]);
}

function overview(commands: readonly Command[]): string {
  return `traptor collects tweets: it holds X's filtered stream open with your rules, names the rules that each tweet
matched, and lands it in Kafka, in files or on the terminal.

  traptor [collect] [flags]     collect; \`traptor --test\` shows tweets and delivers nothing
  traptor COMMAND [flags]

${table(commands.map((command) => [`  ${command.name}`, command.summary]))}
Try it without an account:

  traptor --test --simulate

\`traptor COMMAND --help\` explains each, with examples.
`;
}
