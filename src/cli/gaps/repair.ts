/** `traptor gaps repair`: what was missed is fetched afterwards, by the collector that runs. */

import { systemClock } from "../../base/clock.ts";
import { ExitCode, TryLaterError } from "../../base/errors.ts";
import { type Gap, gapIn } from "../../journal/gaps.ts";
import { lookIntoJournal } from "../../journal/journal_reader.ts";
import { tryLockState } from "../../journal/state_lock.ts";
import type { JsonObject } from "../../model/json.ts";
import { dollars } from "../../model/prices.ts";
import { shown } from "../../model/outside_text.ts";
import { type Arguments, type Flag, positiveNumber } from "../arguments.ts";
import { askCollector } from "../ask_collector.ts";
import type { Command } from "../command.ts";
import { counted } from "../figures.ts";
import { type GivenJournal, journalFlagsHelp, JSON_FLAG, readGivenJournal } from "../journal_place.ts";
import { listenForSignals } from "../signals.ts";
import { writeError, writeOutput } from "../terminal.ts";
import { gapJson, gapNumber, stateShown } from "./shared.ts";

const MAX_USD_FLAG: Flag = {
  name: "max-usd",
  placeholder: "N",
  help: "what it may cost in dollars, all gaps together, instead of what GAP_REPAIR_MAX_USD and its kin allow",
};
const FLAGS: readonly Flag[] = [MAX_USD_FLAG, JSON_FLAG];

/** How often the register is looked at while a repair goes on. */
const LOOK_MS = 500;
/** How many looks there are to one at whether the collector still runs. */
const LOOKS_AT_LOCK = 4;

/** What the collector says. */
interface Answer {
  readonly repaired: readonly number[];
  readonly refused: readonly { readonly gap: number; readonly reason: string }[];
}

export const repair: Command = {
  name: "repair",
  summary: "fetch what was missed in one gap, or in all of them",
  help: () =>
    `traptor gaps repair [NUMBER] [--max-usd N] [--json]

The running collector fetches what was missed: by X's search, which costs money for each tweet that it finds, or from X's
stream where the tier has that. Without a number, of all gaps that are not closed. What it is likely to cost is compared
with the price that is allowed first. Ctrl-C ends the waiting, not the repair.

${journalFlagsHelp(FLAGS)}
Examples:
  traptor gaps repair
  traptor gaps repair 3 --max-usd 20
`,
  async run(args) {
    const place = await readGivenJournal("gaps repair", args, FLAGS);
    const { given } = place;
    const request = requestOf(given);
    if (!await isCollecting(place)) {
      throw new TryLaterError("Cannot repair: no collector runs, and it is the collector that asks X", {
        hint: "`traptor`, and then this again while it runs",
      });
    }
    const hint = "`traptor gaps list` to see what is done";
    const question = { journalPath: place.path, name: "gaps_repair", args: request, what: "repair", hint };
    const { repaired, refused } = await askCollector(question) as unknown as Answer;
    for (const { gap, reason } of refused) writeError(`Gap ${gap} is not repaired: ${shown(reason, 500)}\n`);
    if (repaired.length > 0) {
      writeError(`${counted(repaired.length, "gap")} to repair; Ctrl-C ends the waiting alone\n`);
    }
    const isJson = given.switches.has("json");
    const tell = (gap: Gap) => writeOutput(isJson ? `${JSON.stringify(gapJson(gap))}\n` : `${outcomeShown(gap)}\n`);
    const gaps = await outcomes(place, repaired, tell);
    const isDone = refused.length === 0 && gaps.every(({ state }) => state === "closed");
    return isDone ? ExitCode.done : ExitCode.answerIsNo;
  },
};

function requestOf({ positionals, values }: Arguments): JsonObject {
  const most = values["max-usd"];
  const price = most === undefined ? {} : { max_usd: positiveNumber("max-usd", most, 1_000_000) };
  return positionals.length === 0 ? { all: true, ...price } : { gap: gapNumber("repair", positionals), ...price };
}

/** Whether a collector runs: it holds the lock of the state directory. */
async function isCollecting({ directory }: GivenJournal): Promise<boolean> {
  const lock = await tryLockState(directory, { pid: Deno.pid, since: new Date(systemClock().now()).toISOString() });
  lock?.release();
  return lock === undefined;
}

/** Waits until the repairs have ended, or have to wait; tells of each. */
async function outcomes(
  place: GivenJournal,
  numbers: readonly number[],
  tell: (gap: Gap) => void,
): Promise<readonly Gap[]> {
  const clock = systemClock();
  const signals = listenForSignals();
  const ended: Gap[] = [];
  try {
    for (const number of numbers) {
      let gap: Gap | undefined;
      for (let looks = 1; !signals.stop.aborted; looks++) {
        gap = lookIntoJournal(place.path, (database) => gapIn(database, number));
        if (!gap || hasEnded(gap)) break;
        if (looks % LOOKS_AT_LOCK === 0 && !await isCollecting(place)) {
          throw new TryLaterError(`Cannot wait for gap ${number}: the collector has ended`, {
            hint: "`traptor` goes on with the repair when it runs again",
          });
        }
        await clock.sleep(LOOK_MS, signals.stop).catch(() => {});
      }
      if (!gap) continue;
      ended.push(gap);
      tell(gap);
    }
  } finally {
    signals.release();
  }
  return ended;
}

/** Whether nothing more comes of a repair by itself. */
function hasEnded({ outcome, state }: Gap): boolean {
  return state === "closed" || state === "unrecoverable" || outcome !== "";
}

function outcomeShown(gap: Gap): string {
  const { cost, found, number, reads } = gap;
  const read = reads === 0 ? "" : `, ${reads} read for ${dollars(cost)}`;
  return `Gap ${number}: ${stateShown(gap)}; ${counted(found, "missed tweet")} found${read}`;
}
