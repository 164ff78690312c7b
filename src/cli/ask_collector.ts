/** Asks the running collector for something, through its journal: it alone carries it out, and answers there. */

import { type Clock, systemClock } from "../base/clock.ts";
import { TryLaterError, UnavailableError } from "../base/errors.ts";
import { SqliteError } from "../base/sqlite.ts";
import { answerTo, ask, withdraw } from "../journal/commands.ts";
import { openBeside } from "../journal/journal_reader.ts";
import type { JsonObject } from "../model/json.ts";
import { shown } from "../model/outside_text.ts";

/** How long its answer is waited for, and how often it is looked for. */
const ANSWER_MS = 10_000;
const LOOK_MS = 100;

export interface Question {
  readonly journalPath: string;
  readonly name: string;
  readonly args: JsonObject;
  /** What cannot be done where it fails: `retry`. */
  readonly what: string;
  /** What to look at where nobody answers. */
  readonly hint: string;
}

/**
 * The collector's answer. Throws TryLaterError where it does not answer, UnavailableError where it says no or its journal
 * cannot be written.
 */
export async function askCollector(question: Question, clock: Clock = systemClock()): Promise<JsonObject> {
  const { args, hint, journalPath, name, what } = question;
  const database = openBeside(journalPath);
  try {
    const number = ask(database, name, args, clock.now());
    const until = clock.monotonic() + ANSWER_MS;
    while (clock.monotonic() < until) {
      const answer = answerTo(database, number);
      if (answer) return accepted(answer, what);
      await clock.sleep(LOOK_MS);
    }
    withdraw(database, number);
    throw new TryLaterError(`Cannot ${what}: the process that holds the journal has not answered within 10 s`, {
      hint: `${hint}; a \`traptor --test\` holds the journal and answers nobody`,
    });
  } catch (error) {
    if (!(error instanceof SqliteError)) throw error;
    throw new UnavailableError(`Cannot ask the running collector: ${error.message}`, {
      hint: "again; the journal must be on a disk with room, and yours to write",
      cause: error,
    });
  } finally {
    database.close();
  }
}

function accepted(answer: JsonObject, what: string): JsonObject {
  const { ok, reason, ...rest } = answer;
  if (ok === true) return rest;
  throw new UnavailableError(`Cannot ${what}: the running collector says: ${shown(String(reason), 500)}`, {
    hint: "the settings of the collector that runs, and its version",
  });
}
