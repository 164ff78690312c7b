/**
 * What people ask of a running collector: any process of the same user inserts into the table `commands`, the collector
 * alone answers. Questions and answers are JSON.
 */

import type { Sqlite } from "../base/sqlite.ts";
import type { JsonObject } from "../model/json.ts";
import { DAY_MS } from "./tally.ts";

/** A command that was not answered yet. */
export interface Command {
  readonly number: number;
  readonly name: string;
  /** As it was written: JSON, if whoever asks keeps to the contract. */
  readonly argumentsText: string;
}

/** How long a command and its answer are kept. */
const KEPT_MS = 2 * DAY_MS;

/** Asks for something; answers with the number under which the answer will be. */
export function ask(database: Sqlite, name: string, args: JsonObject, now: number): number {
  return database.get<{ number: number }>(
    "INSERT INTO commands (asked_at, name, arguments) VALUES (?, ?, ?) RETURNING number",
    now,
    name,
    JSON.stringify(args),
  )!.number;
}

/** The answer to a command; undefined as long as there is none. */
export function answerTo(database: Sqlite, number: number): JsonObject | undefined {
  const row = database.get<{ answer: string | null }>("SELECT answer FROM commands WHERE number = ?", number);
  return row?.answer == null ? undefined : JSON.parse(row.answer);
}

/** Takes back a command that was not answered: nobody waits for it any more. */
export function withdraw(database: Sqlite, number: number): void {
  database.run("DELETE FROM commands WHERE number = ? AND answered_at IS NULL", number);
}

/** The commands that wait for an answer, in the order of asking. */
export function unanswered(database: Sqlite): Command[] {
  return database.all<Command>(
    "SELECT number, name, arguments AS argumentsText FROM commands WHERE answered_at IS NULL ORDER BY number",
  );
}

/** Answers a command, and forgets old ones. */
export function answer(database: Sqlite, number: number, words: JsonObject, now: number): void {
  database.transaction(() => {
    database.run(
      "UPDATE commands SET answered_at = ?, answer = ? WHERE number = ?",
      now,
      JSON.stringify(words),
      number,
    );
    database.run("DELETE FROM commands WHERE answered_at < ?", now - KEPT_MS);
  });
}
