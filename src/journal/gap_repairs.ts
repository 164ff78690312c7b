/**
 * What is done about gaps, in the register: which of them may be repaired now, what that costs, how far it is, and what
 * came of it. A repair that was interrupted at any moment goes on from here.
 */

import type { Sqlite } from "../base/sqlite.ts";
import { type Gap, type GapCause, gapOf, type GapRepair, type GapRow, UNTIL_ASKED } from "./gaps.ts";

export { UNTIL_ASKED };
import { GAP_ROWS } from "./rule_sets.ts";
import { DAY_MS } from "./tally.ts";

const MINUTE_MS = 60_000;

/** How far the search for one query is, and whether X can search it. */
export interface SearchState {
  readonly query: string;
  readonly state: "begun" | "done" | "impossible";
  /** All that is not older than this tweet has been looked at. */
  readonly untilId: string | undefined;
  readonly reason: string;
}

/** Which gaps may be repaired: those over since a moment that somebody has asked for, or that need no asking. */
export interface RepairChoice {
  readonly endedBefore: number;
  /** The causes of gaps that a person has to ask for; all need that where it is undefined. */
  readonly askedFor: readonly GapCause[] | undefined;
  readonly now: number;
}

/** The gap that may be repaired next, the longest first: of what is read for it most is new. */
export function nextToRepair(database: Sqlite, { askedFor, endedBefore, now }: RepairChoice): Gap | undefined {
  const row = database.get<GapRow>(
    `${GAP_ROWS} WHERE state IN ('open', 'repairing') AND ended_at <= ? AND waits_until <= ? AND ` +
      "(allowed IS NOT NULL OR (? AND cause NOT IN (SELECT value FROM json_each(?)))) " +
      "ORDER BY ended_at - began_at DESC, number LIMIT 1",
    endedBefore,
    now,
    askedFor ? 1 : 0,
    JSON.stringify(askedFor ?? []),
  );
  return row && gapOf(row);
}

/** A repair begins, or goes on. */
export function beginRepair(database: Sqlite, number: number, repair: GapRepair): void {
  database.run("UPDATE gaps SET state = 'repairing', repair = ?, outcome = '' WHERE number = ?", repair, number);
}

/**
 * X is about to be asked for what it would have sent in the last minutes: answers for how many, 0 where no gap needs it.
 * Gaps that began longer ago than the most that X sends are not repaired in this way, nor those for which X was asked with
 * a connect that did not come about.
 */
export function beginBackfill(database: Sqlite, { mostMs, now }: { mostMs: number; now: number }): number {
  return database.transaction(() => {
    database.run("UPDATE gaps SET state = 'open', repair = '' WHERE repair = 'backfill' AND ended_at IS NULL");
    const { since } = database.get<{ since: number | null }>(
      `SELECT min(began_at) AS since FROM gaps ${BACKFILLED}`,
      now - mostMs,
      now,
    )!;
    if (since === null) return 0;
    database.run(`UPDATE gaps SET state = 'repairing', repair = 'backfill' ${BACKFILLED}`, now - mostMs, now);
    return Math.ceil((now - since) / MINUTE_MS);
  });
}

const BACKFILLED = "WHERE state IN ('open', 'repairing') AND repair IN ('', 'backfill') AND cause != 'stopped' AND " +
  "began_at > ? AND began_at < ?";

/** Whether another gap began before X could have sent all that was asked for at the end of this one. */
export function isBackfillBroken(database: Sqlite, { endedAt = 0, number }: Gap, withinMs: number): boolean {
  return database.get(
    "SELECT 1 FROM gaps WHERE number != ? AND origin IS NULL AND began_at BETWEEN ? AND ?",
    number,
    endedAt,
    endedAt + withinMs,
  ) !== undefined;
}

/** Tweets were read for a gap, and cost so much, in millionths of a dollar. */
export function noteReads(database: Sqlite, number: number, read: { reads: number; cost: number; now: number }): void {
  database.transaction(() => {
    database.run("UPDATE gaps SET reads = reads + ?, cost = cost + ? WHERE number = ?", read.reads, read.cost, number);
    database.run(
      "INSERT INTO repair_days VALUES (?, ?) ON CONFLICT DO UPDATE SET cost = cost + excluded.cost",
      dayOf(read.now),
      read.cost,
    );
  });
}

/** What all repairs of a UTC day have cost so far, in millionths of a dollar. */
export function spentOnDayOf(database: Sqlite, now: number): number {
  return database.get<{ cost: number }>("SELECT cost FROM repair_days WHERE day = ?", dayOf(now))?.cost ?? 0;
}

/** How far searches are, and how many of the tweets that they found were new. */
export function noteSearches(
  database: Sqlite,
  number: number,
  { found, searches }: { readonly found: number; readonly searches: Iterable<SearchState> },
): void {
  database.transaction(() => {
    database.run("UPDATE gaps SET found = found + ? WHERE number = ?", found, number);
    writeSearches(database, number, searches);
  });
}

/** Writes how far searches are. Part of a transaction. */
export function writeSearches(database: Sqlite, number: number, searches: Iterable<SearchState>): void {
  for (const { query, reason, state, untilId } of searches) {
    database.run(
      "INSERT INTO gap_searches VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET " +
        "state = excluded.state, until_id = excluded.until_id, reason = excluded.reason",
      number,
      query,
      state,
      untilId ?? null,
      reason,
    );
  }
}

/** How far the searches for a gap are; of one that is closed, those that were impossible. */
export function searchesFor(database: Sqlite, number: number): SearchState[] {
  const rows = database.all<Omit<SearchState, "untilId"> & { untilId: string | null }>(
    "SELECT query, state, until_id AS untilId, reason FROM gap_searches WHERE gap = ? ORDER BY query",
    number,
  );
  return rows.map((row) => ({ ...row, untilId: row.untilId ?? undefined }));
}

/** A way of repairing has failed: another one is to be chosen. */
export function chooseAnother(database: Sqlite, number: number, repair: GapRepair): void {
  database.run("UPDATE gaps SET repair = ? WHERE number = ?", repair, number);
}

/** A repair has come to its end. Of its searches those are kept that were impossible. */
export function endRepair(
  database: Sqlite,
  number: number,
  { found = 0, outcome, state }: { state: "closed" | "unrecoverable"; outcome: string; found?: number },
): void {
  database.transaction(() => {
    database.run(
      "UPDATE gaps SET state = ?, outcome = ?, found = found + ? WHERE number = ?",
      state,
      outcome,
      found,
      number,
    );
    database.run("DELETE FROM gap_searches WHERE gap = ? AND state != 'impossible'", number);
  });
}

/**
 * A gap is let alone for a while, or until a person asks, and why. Answers false, and does nothing, where a person has
 * allowed something else since it was read.
 */
export function postpone(database: Sqlite, { allowed, number }: Gap, until: number, outcome: string): boolean {
  return database.run(
    "UPDATE gaps SET waits_until = ?, outcome = ?, state = 'open' WHERE number = ? AND allowed IS ?",
    until,
    outcome,
    number,
    allowed ?? null,
  ) > 0;
}

/** Gaps that ended before a moment, and of which nothing was closed: they are out of X's reach by now. */
export function giveUpGaps(database: Sqlite, before: number): void {
  database.run(
    "UPDATE gaps SET state = 'unrecoverable', outcome = 'nothing was done about it in the seven days of X''s search' " +
      "WHERE state = 'open' AND ended_at < ?",
    before,
  );
}

/** A person wants a gap to be repaired, for at most so much from now on, in millionths of a dollar. */
export function allowRepair(database: Sqlite, number: number, most: number): void {
  database.run(
    "UPDATE gaps SET allowed = cost + ?, waits_until = 0, outcome = '' WHERE number = ? AND state IN ('open', 'repairing')",
    most,
    number,
  );
}

/** All gaps that can still be repaired, the oldest first. */
export function repairableGaps(database: Sqlite): Gap[] {
  return database.all<GapRow>(`${GAP_ROWS} WHERE state IN ('open', 'repairing') ORDER BY number`).map(gapOf);
}

/** What a tweet that was read for repairs cost on average, in millionths of a dollar; undefined before any was read. */
export function averageCost(database: Sqlite): number | undefined {
  const { cost, reads } = database.get<{ cost: number | null; reads: number | null }>(
    "SELECT sum(cost) AS cost, sum(reads) AS reads FROM gaps",
  )!;
  return cost !== null && reads !== null && reads > 0 ? Math.ceil(cost / reads) : undefined;
}

function dayOf(now: number): number {
  return Math.floor(now / DAY_MS);
}
