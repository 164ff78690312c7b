/**
 * The balance of a journal: for every hour, rule and sink, what was accepted for the sink against what became of it. The
 * counts say how many records must still wait; the rows say how many do. In a sound journal the two agree at any moment,
 * after any crash.
 */

import type { Sqlite } from "../base/sqlite.ts";
import type { RecordRow } from "./checksum.ts";
import { factsOf } from "./record_rows.ts";
import { byDayBefore } from "./state_values.ts";
import type { Waiters } from "./sink_positions.ts";
import { bucketOf, type TallyKey } from "./tally.ts";

/** Counts that disagree with rows. */
export interface Difference {
  /** The beginning of the hour of acceptance, or of the day where hours were put together. */
  readonly hour: number;
  /** A rule's number; 0 for all. */
  readonly rule: number;
  readonly sink: string;
  /** How many records must be waiting, by the counts, and how many are. */
  readonly expected: number;
  readonly found: number;
}

interface ExpectedRow {
  readonly hour: number;
  readonly rule: number;
  readonly sink: string;
  readonly waiting: number;
}

interface WaitingRow {
  readonly position: number;
  readonly accepted_at: number;
  readonly rules: string;
  readonly only_sink: string | null;
}

/** How many rows are looked at in one go. */
const PAGE = 10_000;

class Balance {
  readonly #entries = new Map<string, { -readonly [Name in keyof Difference]: Difference[Name] }>();

  at(hour: number, rule: number, sink: string) {
    const key = `${hour} ${rule} ${sink}`;
    let entry = this.#entries.get(key);
    if (!entry) this.#entries.set(key, entry = { hour, rule, sink, expected: 0, found: 0 });
    return entry;
  }

  /** Where the two differ, by time and rule. */
  differences(): Difference[] {
    return [...this.#entries.values()].filter(({ expected, found }) => expected !== found)
      .sort((a, b) => a.hour - b.hour || a.rule - b.rule);
  }
}

/** Every hour, rule and sink where counts and rows disagree. Both have to stand still: call it in a transaction. */
export function differencesIn(database: Sqlite, sinks: Waiters): Difference[] {
  const balance = new Balance();
  const expected = database.all<ExpectedRow>(
    "SELECT hour, rule, detail AS sink, sum(CASE outcome WHEN 'due' THEN count ELSE -count END) AS waiting " +
      "FROM counters WHERE outcome IN ('due', 'delivered', 'dead', 'unread', 'lost') GROUP BY hour, rule, detail",
  );
  const before = byDayBefore(database);
  for (const { hour, rule, sink, waiting } of expected) balance.at(hour, rule, sink).expected = waiting;
  for (const { key, sink } of waitingIn(database, sinks)) {
    const hour = bucketOf(key.at, before);
    for (const rule of [0, ...key.rules]) balance.at(hour, rule, sink).found += 1;
  }
  return balance.differences();
}

/** Each record that waits, once for each sink that it waits for. */
function* waitingIn(database: Sqlite, sinks: Waiters): Generator<{ key: TallyKey; sink: string }> {
  const rows = database.inOrder<WaitingRow>(
    "position",
    PAGE,
    "SELECT position, accepted_at, rules, only_sink FROM records WHERE position > ?1 ORDER BY position LIMIT ?2",
  );
  for (const row of rows) {
    const waiting = sinks.waitingFor(row.position);
    const key = factsOf(row);
    for (const sink of row.only_sink === null ? waiting : waiting.filter((name) => name === row.only_sink)) {
      yield { key, sink };
    }
  }
}

/** Every bucket, rule and sink where the dead letters that are counted and those that are there differ. */
export function deadDifferencesIn(database: Sqlite): Difference[] {
  const balance = new Balance();
  const counts = database.all<{ hour: number; rule: number; sink: string; count: number }>(
    "SELECT hour, rule, detail AS sink, count FROM counters WHERE outcome = 'dead'",
  );
  for (const { hour, rule, sink, count } of counts) balance.at(hour, rule, sink).expected = count;
  const before = byDayBefore(database);
  const rows = database.inOrder<Pick<RecordRow, "accepted_at" | "rules"> & { number: number; sink: string }>(
    "number",
    PAGE,
    "SELECT number, sink, accepted_at, rules FROM dead WHERE number > ?1 ORDER BY number LIMIT ?2",
  );
  for (const row of rows) {
    const facts = factsOf(row);
    const hour = bucketOf(facts.at, before);
    for (const rule of [0, ...facts.rules]) balance.at(hour, rule, row.sink).found += 1;
  }
  return balance.differences();
}
