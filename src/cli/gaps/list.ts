/** `traptor gaps list`: when nothing was collected, and why. */

import { systemClock } from "../../base/clock.ts";
import { type Gap, gapsIn, gapTotals } from "../../journal/gaps.ts";
import { lookIntoJournal } from "../../journal/journal_reader.ts";
import { refusePositionals } from "../arguments.ts";
import type { Command } from "../command.ts";
import { counted, figure, moment } from "../figures.ts";
import { journalFlagsHelp, JSON_FLAG, readGivenJournal } from "../journal_place.ts";
import { table, writeError, writeOutput } from "../terminal.ts";
import { causeShown, gapJson, lengthOf, lengthShown, stateShown } from "./shared.ts";

/** How many a person is shown, the newest. */
const MOST_LISTED = 1_000;

export const list: Command = {
  name: "list",
  summary: "show when nothing was collected, and why",
  help: () =>
    `traptor gaps list [--json]

One line a gap, the oldest first: when it began and ended (UTC), how long it was, about how many tweets were missed by the
rate before it, how many of them were found afterwards, its state, and the cause.

${journalFlagsHelp([JSON_FLAG])}
Examples:
  traptor gaps list
  traptor gaps list --json | jq -r 'select(.seconds > 60) | .detail'
`,
  async run(args) {
    const { given, path } = await readGivenJournal("gaps list", args, [JSON_FLAG]);
    refusePositionals("gaps list", given);
    const now = systemClock().now();
    const { gaps, totals } = lookIntoJournal(path, (database) => ({
      gaps: [...gapsIn(database)],
      totals: gapTotals(database, now),
    }));
    if (given.switches.has("json")) {
      for (const gap of gaps) writeOutput(`${JSON.stringify(gapJson(gap))}\n`);
      return 0;
    }
    const rows = gaps.slice(-MOST_LISTED).map((gap) => rowOf(gap, now));
    if (rows.length > 0) {
      writeOutput(table([["number", "from", "to", "length", "missed", "found", "state", "cause"], ...rows]));
    }
    const more = gaps.length > rows.length ? `, of which the last ${rows.length} are shown` : "";
    writeError(`${counted(gaps.length, "gap")}${more}, ${lengthShown(totals.ms)} in all\n`);
    return 0;
  },
};

function rowOf(gap: Gap, now: number): string[] {
  const { beganAt, endedAt, found, missed, number, repair } = gap;
  return [
    String(number),
    moment(beganAt),
    endedAt === undefined ? "now" : moment(endedAt),
    lengthShown(lengthOf(gap, now)),
    missed === undefined ? "?" : `about ${figure(missed)}`,
    repair === "" ? "" : figure(found),
    stateShown(gap),
    causeShown(gap),
  ];
}
