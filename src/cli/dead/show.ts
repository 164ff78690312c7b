/** `traptor dead show`: one dead letter, with its record. */

import { UnavailableError, UsageError } from "../../base/errors.ts";
import { type DeadLetter, deadLetter } from "../../journal/dead_letters.ts";
import { lookIntoJournal } from "../../journal/journal_reader.ts";
import { parseJson } from "../../model/json.ts";
import { shown } from "../../model/outside_text.ts";
import type { Flag } from "../arguments.ts";
import type { Command } from "../command.ts";
import { iso } from "../figures.ts";
import { journalFlagsHelp, JSON_FLAG, readGivenJournal } from "../journal_place.ts";
import { table, writeOutput } from "../terminal.ts";
import { headJson, letterNumber } from "./shared.ts";

const FLAGS: readonly Flag[] = [JSON_FLAG];

export const show: Command = {
  name: "show",
  summary: "show one dead letter: its record and the sink's reason",
  help: () =>
    `traptor dead show NUMBER [--json]

${journalFlagsHelp(FLAGS)}
Examples:
  traptor dead show 3
  traptor dead show 3 --json | jq .record.data.text
`,
  async run(args) {
    const { given, path } = await readGivenJournal("dead show", args, FLAGS);
    const [text, further] = given.positionals;
    if (text === undefined || further !== undefined) {
      throw new UsageError("Cannot tell which dead letter to show: it takes one number", {
        hint: "traptor dead show 1; `traptor dead list` shows the numbers",
      });
    }
    const number = letterNumber(text);
    const letter = lookIntoJournal(path, (database) => deadLetter(database, number));
    if (letter === undefined) {
      throw new UsageError(`Cannot show the dead letter ${number}: there is none of this number`, {
        hint: "`traptor dead list` shows the numbers",
      });
    }
    if (letter === "damaged") {
      throw new UnavailableError(`Cannot show the dead letter ${number}: its row is not what was written`, {
        hint: "`traptor verify` names all damaged rows",
      });
    }
    writeOutput(given.switches.has("json") ? jsonOf(letter) : textOf(letter));
    return 0;
  },
};

function textOf(letter: DeadLetter): string {
  const { acceptedAt, diedAt, id, number, reason, record, sink } = letter;
  const facts = table([
    ["number", String(number)],
    ["tweet", shown(id, 40)],
    ["sink", shown(sink, 40)],
    ["reason", shown(reason, 2_000)],
    ["died", iso(diedAt)],
    ["accepted", iso(acceptedAt)],
    ["headers", shown(JSON.stringify(record.headers), 2_000)],
  ]);
  const lines = pretty(record.value).split("\n").map((line) => `${shown(line, Infinity)}\n`);
  return `${facts}\n${lines.join("")}`;
}

/** With the record as it is. */
function jsonOf(letter: DeadLetter): string {
  const head = JSON.stringify(headJson(letter)).slice(0, -1);
  const headers = JSON.stringify(letter.record.headers);
  return `${head},"headers":${headers},"record":${new TextDecoder().decode(letter.record.value)}}\n`;
}

/** What is no JSON is shown as it is: that may be the sink's reason. */
function pretty(value: Uint8Array): string {
  const text = new TextDecoder().decode(value);
  try {
    return JSON.stringify(parseJson(text), null, 2);
  } catch {
    return text;
  }
}
