/**
 * Counts of tweets by hour of acceptance, rule and outcome: gathered while a group is open, written in its transaction.
 * Rule 0 stands for all: there each tweet counts once, whatever number of rules it matched.
 */

import type { Sqlite } from "../base/sqlite.ts";
import { byDayBefore } from "./state_values.ts";

/**
 * What becomes of a tweet that X handed over: of all that are received some are accepted, the others are repeated or
 * dropped; what is accepted is due to each sink, which has it delivered, dead or unread, or it was lost with a damaged
 * row; the rest waits.
 */
export const OUTCOMES = [
  "received",
  "accepted",
  "repeated",
  "dropped",
  "due",
  "delivered",
  "dead",
  "unread",
  "lost",
] as const;
export type Outcome = typeof OUTCOMES[number];

/** The hour and the rules under which a tweet is counted. */
export interface TallyKey {
  /** When it was accepted, in milliseconds since 1970. */
  readonly at: number;
  /** Numbers of rules. */
  readonly rules: readonly number[];
}

/** One row of counters. */
export interface Count {
  /** The beginning of an hour, or of a day where hours were put together. */
  readonly hour: number;
  readonly rule: number;
  readonly outcome: Outcome;
  /** A sink's name or a reason; empty where the outcome says all. */
  readonly detail: string;
  readonly count: number;
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** The beginning of the hour of a moment. */
export function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS) * HOUR_MS;
}

export class Tally {
  readonly #counts = new Map<string, { -readonly [Name in keyof Count]: Count[Name] }>();

  /** Counts a tweet under all of its rules, and under 0. */
  add({ at, rules }: TallyKey, outcome: Outcome, detail = "", by = 1): void {
    const hour = hourOf(at);
    this.#raise(hour, 0, outcome, detail, by);
    for (const rule of rules) this.#raise(hour, rule, outcome, detail, by);
  }

  /** Counts under one rule of one hour alone. */
  addTo(
    { hour, rule }: { readonly hour: number; readonly rule: number },
    outcome: Outcome,
    detail: string,
    by: number,
  ) {
    this.#raise(hour, rule, outcome, detail, by);
  }

  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  /** Adds all to the table. Part of a transaction. */
  write(database: Sqlite): void {
    const before = byDayBefore(database);
    for (const { hour, rule, outcome, detail, count } of this.#counts.values()) {
      if (count === 0) continue;
      database.run(
        "INSERT INTO counters VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
        bucketOf(hour, before),
        rule,
        outcome,
        detail,
        count,
      );
    }
  }

  /** The same counts once more. */
  copy(): Tally {
    const copy = new Tally();
    for (const { hour, rule, outcome, detail, count } of this.#counts.values()) {
      copy.#raise(hour, rule, outcome, detail, count);
    }
    return copy;
  }

  /** Takes the counts of another off. */
  subtract(other: Tally): void {
    for (const { hour, rule, outcome, detail, count } of other.#counts.values()) {
      this.#raise(hour, rule, outcome, detail, -count);
    }
  }

  #raise(hour: number, rule: number, outcome: Outcome, detail: string, by: number): void {
    const key = `${hour} ${rule} ${outcome} ${detail}`;
    const known = this.#counts.get(key);
    if (known) known.count += by;
    else this.#counts.set(key, { hour, rule, outcome, detail, count: by });
  }
}

/** Under what a moment is counted: its hour, or its day where it lies before those that are still counted by the hour. */
export function bucketOf(at: number, byDayBefore: number): number {
  return hourOf(at) < byDayBefore ? Math.floor(at / DAY_MS) * DAY_MS : hourOf(at);
}
