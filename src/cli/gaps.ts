/** `traptor gaps`: when nothing was collected. */

import { UsageError } from "../base/errors.ts";
import type { Command } from "./command.ts";
import { explain } from "./gaps/explain.ts";
import { list } from "./gaps/list.ts";
import { repair } from "./gaps/repair.ts";
import { table } from "./terminal.ts";

const PARTS: readonly Command[] = [list, explain, repair];

export const gaps: Command = {
  name: "gaps",
  summary: "when nothing was collected, and why: list, explain, repair",
  parts: PARTS,
  help: () =>
    `traptor gaps COMMAND [flags]

A gap is an interval without a live connection to X: from the last sign of life before it, a tweet or a keep-alive, to the
first one after it. A stop and a crash make one as well. A stream that is merely quiet makes none.

What was missed is fetched afterwards by X's search, as GAP_REPAIR and GAP_REPAIR_MAX_USD allow: it costs what X charges for
the tweets that it finds. What a person has stopped waits for \`traptor gaps repair\`.

${table(PARTS.map(({ name, summary }) => [`  ${name}`, summary]))}
Examples:
  traptor gaps list                        all of them, with the causes
  traptor gaps explain 3                   one, in whole sentences
  traptor gaps repair 3 --max-usd 5        what was missed in it is searched for

\`traptor gaps COMMAND --help\` explains each, with examples.
`,
  run: () => {
    throw new UsageError("Cannot tell what to do with the gaps: a command is missing", {
      hint: "`traptor gaps --help`",
    });
  },
};
