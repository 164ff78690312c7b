/** `traptor dead retry`: dead letters back on their way to their sinks. */

import { type Clock, systemClock } from "../../base/clock.ts";
import { DiskError, ExitCode, TryLaterError, UnavailableError, UsageError } from "../../base/errors.ts";
import { Events } from "../../base/events.ts";
import { type DeadSelection, type Retried, retryDead } from "../../journal/dead_letters.ts";
import { lookIntoJournal } from "../../journal/journal_reader.ts";
import type { Journal } from "../../journal/journal.ts";
import { openJournal, type OpenJournalOptions } from "../../journal/open_journal.ts";
import { presentIn } from "../../journal/sink_positions.ts";
import { lockState, type StateLock } from "../../journal/state_lock.ts";
import type { JsonObject } from "../../model/json.ts";
import { shown } from "../../model/outside_text.ts";
import type { Arguments, Flag } from "../arguments.ts";
import { askCollector } from "../ask_collector.ts";
import type { Command } from "../command.ts";
import { counted } from "../figures.ts";
import { type GivenJournal, journalFlagsHelp, JSON_FLAG, readGivenJournal } from "../journal_place.ts";
import { writeError, writeOutput } from "../terminal.ts";
import { letterNumber, settingsWithoutSink, SINK_FLAG } from "./shared.ts";

const FLAGS: readonly Flag[] = [{ name: "all", help: "all dead letters, of all sinks or one" }, SINK_FLAG, JSON_FLAG];

export const retry: Command = {
  name: "retry",
  summary: "deliver dead letters again, to the sinks that refused them",
  help: () =>
    `traptor dead retry NUMBER... | --all [--sink NAME] [--json]

Puts dead letters back among the tweets that wait, each for its own sink. A running collector is asked to do so, and
delivers them at once; otherwise the next start does. What the sink refuses again is a dead letter again.

${journalFlagsHelp(FLAGS)}
Examples:
  traptor dead retry 3 5
  traptor dead retry --all --sink kafka              after the topic takes larger messages
`,
  async run(args) {
    const place = await readGivenJournal("dead retry", args, FLAGS, settingsWithoutSink);
    const selection = selectionOf(place.given);
    const retried = await retryIn(place, selection);
    if (place.given.switches.has("json")) writeOutput(`${JSON.stringify(retried)}\n`);
    else tell(retried);
    const { absent, damaged, fault, unknown } = retried;
    return absent.length + damaged.length + unknown.length > 0 || fault !== null ? ExitCode.answerIsNo : ExitCode.done;
  },
};

function selectionOf({ positionals, switches, values: { sink } }: Arguments): DeadSelection {
  if (switches.has("all") === positionals.length > 0) {
    throw new UsageError("Cannot tell which dead letters to retry: name their numbers, or --all", {
      hint: "traptor dead retry 1 2; `traptor dead list` shows the numbers",
    });
  }
  if (!switches.has("all")) {
    if (sink === undefined) return { numbers: positionals.map(letterNumber) };
    throw new UsageError("Cannot use --sink with numbers: each dead letter has its sink", {
      hint: "--all --sink NAME",
    });
  }
  return sink === undefined ? {} : { sink };
}

/** Asks the running collector; where none runs, does it here. */
async function retryIn(place: GivenJournal, selection: DeadSelection): Promise<Retried> {
  const clock = systemClock();
  const sinks = lookIntoJournal(place.path, presentIn);
  let lock: StateLock;
  try {
    lock = await lockState(place.directory, { pid: Deno.pid, since: new Date(clock.now()).toISOString() });
  } catch (error) {
    if (!(error instanceof TryLaterError)) throw error;
    return await askToRetry(place.path, selection, clock);
  }
  try {
    const { journalMaxBytes: maxBytes } = place.loaded.settings;
    const journal = opened({ directory: place.directory, sinks, maxBytes, clock, events: new Events() });
    try {
      return await retryDead(journal, selection, () => Promise.resolve());
    } finally {
      journal.end();
    }
  } finally {
    lock.release();
  }
}

async function askToRetry(journalPath: string, selection: DeadSelection, clock: Clock): Promise<Retried> {
  const args: JsonObject = selection.numbers
    ? { numbers: [...selection.numbers] }
    : { all: true, ...selection.sink === undefined ? {} : { sink: selection.sink } };
  const hint = "`traptor dead list` to see what is left";
  const answer = await askCollector({ journalPath, name: "dead_retry", args, what: "retry", hint }, clock);
  return answer as unknown as Retried;
}

function tell({ absent, damaged, fault, retried, unknown }: Retried): void {
  const goes = retried === 1 ? "is on its way again" : "are on their way again";
  writeOutput(`${counted(retried, "record")} ${goes}\n`);
  for (const number of unknown) writeError(`There is no dead letter ${number}\n`);
  for (const number of damaged) writeError(`The dead letter ${number} is not what was written: it stays\n`);
  for (const { number, sink } of absent) {
    writeError(`The dead letter ${number} stays: the collector does not deliver to ${shown(sink)} any more\n`);
  }
  if (fault !== null) writeError(`Not all could be written: ${shown(fault)}\n`);
}

function opened(options: OpenJournalOptions): Journal {
  try {
    return openJournal(options);
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    throw new UnavailableError(`Cannot try dead letters again: ${error.message}`, {
      hint: "again, when its disk has room and may be written to",
      cause: error,
    });
  }
}
