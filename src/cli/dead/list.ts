/** `traptor dead list`: the dead letters, with the reasons. */

import { deadHeads, type DeadLetterHead } from "../../journal/dead_letters.ts";
import { lookIntoJournal } from "../../journal/journal_reader.ts";
import { shown } from "../../model/outside_text.ts";
import { type Flag, refusePositionals } from "../arguments.ts";
import type { Command } from "../command.ts";
import { counted, moment } from "../figures.ts";
import { journalFlagsHelp, JSON_FLAG, readGivenJournal } from "../journal_place.ts";
import { table, writeError, writeOutput } from "../terminal.ts";
import { headJson, settingsWithoutSink, SINK_FLAG } from "./shared.ts";

const FLAGS: readonly Flag[] = [SINK_FLAG, JSON_FLAG];

/** How many a person is shown. */
const MOST_LISTED = 1_000;

export const list: Command = {
  name: "list",
  summary: "show the dead letters, with the sinks' reasons",
  help: () =>
    `traptor dead list [--sink NAME] [--json]

${journalFlagsHelp(FLAGS)}
Examples:
  traptor dead list
  traptor dead list --sink kafka --json | jq -r .reason | sort | uniq -c
`,
  async run(args) {
    const { given, path } = await readGivenJournal("dead list", args, FLAGS, settingsWithoutSink);
    refusePositionals("dead list", given);
    const { sink } = given.values;
    const isJson = given.switches.has("json");
    const rows: string[][] = [];
    const count = lookIntoJournal(path, (database) => {
      let count = 0;
      for (const head of deadHeads(database, sink === undefined ? {} : { sink })) {
        count++;
        if (isJson) writeOutput(`${JSON.stringify(headJson(head))}\n`);
        else if (count <= MOST_LISTED) rows.push(rowOf(head));
      }
      return count;
    });
    if (rows.length > 0) writeOutput(table([["number", "when", "sink", "tweet", "reason"], ...rows]));
    if (isJson) return 0;
    const more = count - rows.length;
    writeError(`${counted(count, "dead letter")}${more > 0 ? `, of which the first ${rows.length} are shown` : ""}\n`);
    return 0;
  },
};

function rowOf({ diedAt, id, number, reason, sink }: DeadLetterHead): string[] {
  const when = moment(Math.floor(diedAt / 1000) * 1000);
  return [String(number), when, shown(sink, 40), shown(id, 40), shown(reason, 200)];
}
