/** What other instances are told of a journal: its gaps of the last days, and what it counts, each tweet once. */

import type { Sqlite } from "../base/sqlite.ts";
import { searchesFor, type SearchState } from "./gap_repairs.ts";
import type { GapRow } from "./gaps.ts";
import { rulesIn } from "./record_rows.ts";
import { type RuleRow, rulesNumbered } from "./rule_numbers.ts";
import { stateOf } from "./state_values.ts";
import type { Count } from "./tally.ts";

/** A gap without its rules, of which there may be thousands: `rule_set` names them. */
export interface ToldGap extends Omit<GapRow, "rules" | "origin"> {
  /** How far the searches of a repair are that has not come to its end. */
  readonly searches: readonly SearchState[];
}

/** Gaps that last, or ended since a moment, in the order in which they were written. */
export function gapsSince(database: Sqlite, since: number): ToldGap[] {
  const rows = database.all<Omit<GapRow, "rules" | "origin">>(
    "SELECT number, began_at, ended_at, cause, detail, state, outcome, rule_set, missed, last_id, repair, waits_until, " +
      "allowed, reads, found, cost FROM gaps WHERE ended_at IS NULL OR ended_at >= ? ORDER BY number",
    since,
  );
  return rows.map((row) => ({ ...row, searches: isOver(row.state) ? [] : searchesFor(database, row.number) }));
}

/** Whether nothing is to be done about a gap any more. */
export function isOver(state: string): boolean {
  return state !== "open" && state !== "repairing";
}

/** The rules of a set; undefined where a damaged file has lost it, or some of them. */
export function rulesOfSet(database: Sqlite, ruleSet: number): RuleRow[] | undefined {
  const row = database.get<{ rules: string }>("SELECT rules FROM rule_sets WHERE number = ?", ruleSet);
  if (!row) return undefined;
  const numbers = rulesIn(row.rules);
  const rules = rulesNumbered(database, numbers);
  return rules.length === numbers.length ? rules : undefined;
}

/** All counts of tweets, each tweet once. The table has a row for each rule: those are stepped over. */
export function countsOfTweets(database: Sqlite): Omit<Count, "rule">[] {
  return database.all(
    "WITH RECURSIVE hours(hour) AS (SELECT min(hour) FROM counters UNION ALL " +
      "SELECT (SELECT min(hour) FROM counters WHERE hour > hours.hour) FROM hours WHERE hours.hour IS NOT NULL) " +
      "SELECT counters.hour, outcome, detail, count FROM hours CROSS JOIN counters " +
      "ON counters.hour = hours.hour AND counters.rule = 0 ORDER BY counters.hour, outcome, detail",
  );
}

/** How many records a sink waits for. */
export function waitingRecords(database: Sqlite): number {
  return stateOf(database, "waiting_records");
}
