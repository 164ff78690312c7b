/** `traptor gaps explain`: one gap, in whole sentences. */

import { systemClock } from "../../base/clock.ts";
import { UsageError } from "../../base/errors.ts";
import type { Loaded } from "../../config/load.ts";
import { searchesFor, type SearchState, UNTIL_ASKED } from "../../journal/gap_repairs.ts";
import { type Gap, gapIn } from "../../journal/gaps.ts";
import { type RuleRow, rulesNumbered } from "../../journal/rule_numbers.ts";
import { lookIntoJournal } from "../../journal/journal_reader.ts";
import { shown } from "../../model/outside_text.ts";
import { dollars } from "../../model/prices.ts";
import type { Command } from "../command.ts";
import { counted, figure, moment } from "../figures.ts";
import { journalFlagsHelp, JSON_FLAG, readGivenJournal } from "../journal_place.ts";
import { writeOutput } from "../terminal.ts";
import { causeShown, gapJson, gapNumber, lengthOf, lengthShown, stateShown } from "./shared.ts";

/** How many rules are named. */
const MOST_NAMED = 8;
/** How many queries that could not be searched are shown. */
const MOST_SEARCHES = 10;

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
    const { given, loaded, path } = await readGivenJournal("gaps explain", args, [JSON_FLAG]);
    const number = gapNumber("explain", given.positionals);
    const { gap, rules, searches } = lookIntoJournal(path, (database) => ({
      gap: gapIn(database, number),
      rules: rulesNumbered(database, gapIn(database, number)?.rules ?? []),
      searches: searchesFor(database, number).filter(({ state }) => state === "impossible"),
    }));
    if (!gap) {
      throw new UsageError(`Cannot explain gap ${number}: there is none of this number`, {
        hint: "a number that `traptor gaps list` shows",
      });
    }
    const notSearched = searches.map(({ query, reason }) => ({ query, reason }));
    writeOutput(
      given.switches.has("json")
        ? `${
          JSON.stringify({ ...gapJson(gap), rule_values: rules.map(({ value }) => value), not_searched: notSearched })
        }\n`
        : explained(gap, rules, searches, loaded.settings.gapRepair),
    );
    return 0;
  },
};

function explained(
  gap: Gap,
  rules: readonly RuleRow[],
  searches: readonly SearchState[],
  mode: Loaded["settings"]["gapRepair"],
): string {
  const { beganAt, endedAt, lastId, number } = gap;
  const length = lengthShown(lengthOf(gap, systemClock().now()));
  const lines = [
    `Gap ${number}: ${causeShown(gap)}`,
    "",
    `From ${moment(beganAt)} UTC, the last sign of life before it,`,
    endedAt === undefined
      ? `until now, for ${length}: no sign of life has come since.`
      : `to ${moment(endedAt)} UTC, the first one after it: ${length}.`,
    ...(lastId === undefined ? [] : [`The newest tweet before it was ${shown(lastId, 40)}.`]),
    rulesShown(gap, rules),
    missedShown(gap),
    `State: ${stateShown(gap)}.`,
    ...repairShown(gap),
    ...nextShown(gap, mode),
    ...searches.slice(0, MOST_SEARCHES).map(({ query, reason }) =>
      `Not searched: ${shown(query, 200)} (${shown(reason, 200)})`
    ),
    ...searches.length > MOST_SEARCHES
      ? [`Not searched: ${searches.length - MOST_SEARCHES} more; --json has them`]
      : [],
  ];
  return `${lines.join("\n")}\n`;
}

function rulesShown({ cause }: Gap, rules: readonly RuleRow[]): string {
  if (rules.length === 0) return "Which rules were collected then is not known.";
  const named = rules.slice(0, MOST_NAMED).map(({ value }) => shown(value, 60)).join(", ");
  const more = rules.length > MOST_NAMED ? `, and ${figure(rules.length - MOST_NAMED)} more` : "";
  const were = rules.length === 1 ? "was" : "were";
  const how = cause === "rules_uncovered" || cause === "rules_missing"
    ? `${were} wanted, and not collected then`
    : `${were} collected then`;
  return `${counted(rules.length, "rule")} ${how}: ${named}${more}.`;
}

function missedShown({ endedAt, missed }: Gap): string {
  if (endedAt === undefined) return "How many tweets are missed is reckoned when it is over.";
  if (missed === undefined) return "How many tweets were missed cannot be told: none were counted before it.";
  return `About ${counted(missed, "tweet")} ${missed === 1 ? "was" : "were"} missed, by the rate of the day before.`;
}

/** What goes on with a gap that is not closed. */
function nextShown(
  { cause, endedAt, number, state, waitsUntil }: Gap,
  mode: Loaded["settings"]["gapRepair"],
): string[] {
  if (state !== "open" || endedAt === undefined) return [];
  const command = `\`traptor gaps repair ${number}\``;
  if (waitsUntil === UNTIL_ASKED) {
    return [`It waits for a word of yours: ${command}, with --max-usd for a higher price.`];
  }
  if (waitsUntil > systemClock().now()) {
    return [`It is tried again at ${moment(waitsUntil)} UTC, or at once by ${command}.`];
  }
  if (mode === "off") return ["Nothing is done about it: GAP_REPAIR is off."];
  if (mode === "ask") return [`Nothing is done about it before you say so: ${command}.`];
  if (cause === "stopped") return [`A person has stopped the collector: what was missed is fetched by ${command}.`];
  return ["What was missed is fetched a minute after its end, while traptor runs."];
}

/** What was done about it, and what that way of repairing cannot find. */
function repairShown({ cost, found, reads, repair }: Gap): string[] {
  if (repair === "") return [];
  const how = { search: "X's search", backfill: "X, with the next connect", recovery: "X's stream, once more" }[repair];
  const read = reads === 0 ? "" : `, of ${figure(reads)} that were read for ${dollars(cost)}`;
  const tweets = `${figure(found)} ${found === 1 ? "tweet" : "tweets"}`;
  return [
    `Fetched from ${how}: ${tweets} that had been missed${read}.`,
    ...(repair === "search"
      ? ["Search finds no retweets by their words, and no quote by the words of what it quotes: those stay missed."]
      : []),
  ];
}
