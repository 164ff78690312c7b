/** `traptor dead export`: the records of dead letters as a file. */

import { ExitCode, UnavailableError, UsageError } from "../../base/errors.ts";
import { writeFullySync } from "../../base/file_access.ts";
import { deadHeads, deadLetter } from "../../journal/dead_letters.ts";
import { lookIntoJournal } from "../../journal/journal_reader.ts";
import { shown } from "../../model/outside_text.ts";
import type { Flag } from "../arguments.ts";
import type { Command } from "../command.ts";
import { counted } from "../figures.ts";
import { journalFlagsHelp, readGivenJournal } from "../journal_place.ts";
import { writeError, writeOutput } from "../terminal.ts";
import { settingsWithoutSink, SINK_FLAG } from "./shared.ts";

/** Nobody who asks for JSON is to be refused it. */
const FLAGS: readonly Flag[] = [SINK_FLAG, { name: "json", help: "print JSON, as without it" }];

const LINE_FEED = new Uint8Array([10]);

export const exportDead: Command = {
  name: "export",
  summary: "write the records of dead letters, as they are, a line each",
  help: () =>
    `traptor dead export [FILE|-] [--sink NAME]

Writes the records of the dead letters, byte for byte as the sink was given them, a line each, into a new file or to
stdout. They stay dead letters.

${journalFlagsHelp(FLAGS)}
Examples:
  traptor dead export dead.jsonl
  traptor dead export --sink kafka - | jq -r .data.id
`,
  async run(args) {
    const { given, path } = await readGivenJournal("dead export", args, FLAGS, settingsWithoutSink);
    const [target = "-", further] = given.positionals;
    if (further !== undefined) {
      throw new UsageError(`Cannot write to ${shown(further, 60)} as well: it takes one file`, {
        hint: "traptor dead export FILE",
      });
    }
    const { sink } = given.values;
    const output = outputTo(target);
    let written = 0;
    const damaged: number[] = [];
    try {
      lookIntoJournal(path, (database) => {
        for (const { number } of deadHeads(database, sink === undefined ? {} : { sink })) {
          const letter = deadLetter(database, number);
          if (letter === undefined || letter === "damaged") {
            damaged.push(number);
            continue;
          }
          output.write(letter.record.value);
          output.write(LINE_FEED);
          written++;
        }
      });
    } finally {
      output.close();
    }
    for (const number of damaged) writeError(`Left out: the dead letter ${number} is not what was written\n`);
    writeError(`${counted(written, "record")}\n`);
    return damaged.length > 0 ? ExitCode.answerIsNo : ExitCode.done;
  },
};

interface Output {
  write(bytes: Uint8Array): void;
  close(): void;
}

/** Stdout, or a new file for its owner only. Throws UsageError where there is one, UnavailableError where there can be none. */
function outputTo(target: string): Output {
  if (target === "-") return { write: writeOutput, close: () => {} };
  try {
    const file = Deno.openSync(target, { createNew: true, write: true, mode: 0o600 });
    return {
      write: (bytes) => writeFullySync(file, bytes),
      close: () => file.close(),
    };
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) {
      throw new UsageError(`Cannot write ${shown(target)}: there is such a file already`, {
        hint: "another name; nothing is written over",
        cause: error,
      });
    }
    throw new UnavailableError(`Cannot write ${shown(target)}: ${(error as Error).message}`, {
      hint: "a file in a directory that you may write to",
      cause: error,
    });
  }
}
