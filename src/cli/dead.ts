/** `traptor dead`: the records that a sink will never take, and what people do with them. */

import { UsageError } from "../base/errors.ts";
import type { Command } from "./command.ts";
import { exportDead } from "./dead/export.ts";
import { list } from "./dead/list.ts";
import { retry } from "./dead/retry.ts";
import { show } from "./dead/show.ts";
import { table } from "./terminal.ts";

const PARTS: readonly Command[] = [list, show, retry, exportDead];

export const dead: Command = {
  name: "dead",
  summary: "records that a sink will never take: list, show, retry, export; traptor dead --help",
  parts: PARTS,
  help: () =>
    `traptor dead COMMAND [flags]

A record that a sink will never take, because it is too large for the topic for instance, holds up no other: it becomes a
dead letter. Dead letters stay in the journal until somebody sees to them.

${table(PARTS.map(({ name, summary }) => [`  ${name}`, summary]))}
Examples:
  traptor dead list                        what was refused, and why
  traptor dead show 1                      the whole record
  traptor dead retry --all                 after what was wrong has been put right
  traptor dead export dead.jsonl           a copy

\`traptor dead COMMAND --help\` explains each, with examples.
`,
  run: () => {
    throw new UsageError("Cannot tell what to do with the dead letters: a command is missing", {
      hint: "`traptor dead --help`",
    });
  },
};
