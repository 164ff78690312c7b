/**
 * Gaps that go from one instance's journal into another's: whoever has the app's connection repairs what others missed.
 *
 * It promises that a gap is written once, however often it is taken: `origin` names where it comes from. What the other
 * instance has read for it and paid stays counted there, and begins at 0 here.
 */

import type { Sqlite } from "../base/sqlite.ts";
import { type SearchState, writeSearches } from "./gap_repairs.ts";
import type { GapCause, GapRepair } from "./gaps.ts";
import { ruleSetOf } from "./rule_sets.ts";

/** A gap of another instance's journal; times by our clock, in milliseconds since 1970. */
export interface ForeignGap {
  /** `<instance>:<number>`. */
  readonly origin: string;
  readonly beganAt: number;
  readonly endedAt: number;
  readonly cause: GapCause;
  readonly detail: string;
  readonly missed: number | undefined;
  readonly lastId: string | undefined;
  readonly repair: GapRepair;
  /** What a person has allowed it to cost from now on, in millionths of a dollar. */
  readonly allowed: number | undefined;
  readonly searches: readonly SearchState[];
}

/** A gap of ours that comes from another journal. */
export interface TakenGap {
  readonly number: number;
  readonly origin: string;
}

/** Writes a gap with the numbers of its rules, unless it is there, and answers with its number. Part of a transaction. */
export function insertForeignGap(database: Sqlite, gap: ForeignGap, rules: Iterable<number>): number {
  const known = gapFrom(database, gap.origin);
  if (known !== undefined) return known;
  const { number } = database.get<{ number: number }>(
    "INSERT INTO gaps (began_at, ended_at, cause, detail, state, outcome, rule_set, missed, last_id, repair, allowed, " +
      "origin) VALUES (?, ?, ?, ?, 'open', '', ?, ?, ?, ?, ?, ?) RETURNING number",
    Math.min(gap.beganAt, gap.endedAt),
    gap.endedAt,
    gap.cause,
    gap.detail,
    ruleSetOf(database, rules),
    gap.missed ?? null,
    gap.lastId ?? null,
    gap.repair,
    gap.allowed ?? null,
    gap.origin,
  )!;
  writeSearches(database, number, gap.searches);
  return number;
}

/** The number of the gap that comes from there; undefined where it was never taken. */
export function gapFrom(database: Sqlite, origin: string): number | undefined {
  return database.get<{ number: number }>("SELECT number FROM gaps WHERE origin = ?", origin)?.number;
}

/** Gaps that come from other journals, as far as something is to be done about them. */
export function takenGaps(database: Sqlite): TakenGap[] {
  return database.all<TakenGap>(
    "SELECT number, origin FROM gaps WHERE state IN ('open', 'repairing') AND origin IS NOT NULL ORDER BY number",
  );
}

/** The numbers of all gaps about which something is to be done, without their rules: those are many. */
export function gapsToSettle(database: Sqlite): number[] {
  return database.all<{ number: number }>(
    "SELECT number FROM gaps WHERE state IN ('open', 'repairing') ORDER BY number",
  ).map(({ number }) => number);
}

/**
 * Another instance sees to a gap of ours: should it ever come back, it is another gap. Answers false, and does nothing,
 * where nothing is to be done about it.
 */
export function giveGap(database: Sqlite, number: number, outcome: string): boolean {
  return database.transaction(() => {
    const given = database.run(
      "UPDATE gaps SET state = 'closed', outcome = ?, origin = NULL WHERE number = ? AND state IN ('open', 'repairing')",
      outcome,
      number,
    );
    if (given === 0) return false;
    database.run("DELETE FROM gap_searches WHERE gap = ? AND state != 'impossible'", number);
    return true;
  });
}
