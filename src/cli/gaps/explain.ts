/** `traptor gaps explain`: one gap, in whole sentences. */

import { systemClock } from "../../base/clock.ts";
import { UsageError } from "../../base/errors.ts";
import { type Gap, gapIn } from "../../journal/gaps.ts";
import { lookIntoJournal } from "../../journal/journal_reader.ts";
import { shown } from "../../model/outside_text.ts";
import type { Command } from "../command.ts";
import { journalFlagsHelp, JSON_FLAG, readGivenJournal } from "../journal_place.ts";
import { writeOutput } from "../terminal.ts";
import { counted, figure, moment } from "../verify/balance_text.ts";
import { causeShown, gapJson, lengthOf, lengthShown } from "./shared.ts";

export const explain: Command = {
  name: "explain",
  summary: "tell what is known of one gap",
  help: () =>
    `traptor gaps explain NUMBER [--json]

${journalFlagsHelp([JSON_FLAG])}
Examples:
  traptor gaps explain 3
`,
  async run(args) {
    const { given, path } = await readGivenJournal("gaps explain", args, [JSON_FLAG]);
    const number = gapNumber(given.positionals);
    const gap = lookIntoJournal(path, (database) => gapIn(database, number));
    if (!gap) {
      throw new UsageError(`Cannot explain gap ${number}: there is none of this number`, {
        hint: "a number that `traptor gaps list` shows",
      });
    }
    writeOutput(given.switches.has("json") ? `${JSON.stringify(gapJson(gap))}\n` : explained(gap));
    return 0;
  },
};

function gapNumber([text = "", ...others]: readonly string[]): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (number > 0 && others.length === 0) return number;
  throw new UsageError(
    text === "" ? "Cannot tell which gap to explain" : `Cannot explain "${shown(text, 40)}": one number is wanted`,
    { hint: "a number that `traptor gaps list` shows" },
  );
}

function explained(gap: Gap): string {
  const { beganAt, endedAt, missed, number, outcome, rules, state } = gap;
  const length = lengthShown(lengthOf(gap, systemClock().now()));
  const lines = [
    `Gap ${number}: ${causeShown(gap)}`,
    "",
    `From ${moment(beganAt)} UTC, the last sign of life before it,`,
    endedAt === undefined
      ? `until now, for ${length}: no sign of life has come since.`
      : `to ${moment(endedAt)} UTC, the first one after it: ${length}.`,
    rules.length === 0
      ? "Which rules were collected then is not known."
      : `${counted(rules.length, "rule")} ${rules.length === 1 ? "was" : "were"} collected then.`,
    endedAt === undefined
      ? "How many tweets are missed is reckoned when it is over."
      : missed === undefined
      ? "How many tweets were missed cannot be told: none were counted before it."
      : `About ${figure(missed)} tweets were missed, by the rate of the day before.`,
    `State: ${state}${outcome === "" ? "" : `, ${outcome}`}.`,
  ];
  return `${lines.join("\n")}\n`;
}
