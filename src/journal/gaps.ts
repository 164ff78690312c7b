/**
 * The gap register: every interval of which not everything is here, with its cause. A gap of listening begins at the last
 * sign of life before it and ends with the first one after it; one of these lasts at a time, and the cause that began it
 * is the one that is kept.
 *
 * It promises that a gap which began is written, also by a process that ends without a word: the journal's last sign of
 * life begins it at the next start.
 */

import type { Sqlite } from "../base/sqlite.ts";
import { rulesIn } from "./record_rows.ts";
import { setState, stateOf } from "./state_values.ts";
import { DAY_MS, HOUR_MS, hourOf } from "./tally.ts";

/** Why something is missing, with words for people: a closed set, for people look for these words. */
export const GAP_CAUSES = {
  connection_lost: "the connection to X ended",
  stalled: "X was silent, without even a keep-alive",
  fell_behind: "tweets came faster than they could be taken in, so the stream was closed",
  not_connected: "no connection to X came about",
  refused: "X refused the stream",
  journal_full: "there was no room for more tweets, so the stream was closed",
  stopped: "the collector was stopped",
  crashed: "the collector ended without a word",
  journal_damaged: "accepted tweets were lost with a damaged journal",
} as const;
export type GapCause = keyof typeof GAP_CAUSES;

/** `open`: nothing was done about it yet. `unrecoverable`: nothing can be. */
export type GapState = "open" | "repairing" | "closed" | "unrecoverable";

/** A gap of listening begins or ends; times in milliseconds since 1970. */
export type GapChange =
  | {
    readonly kind: "began";
    readonly at: number;
    readonly cause: GapCause;
    /** What exactly happened, in words. */
    readonly detail: string;
    /** The numbers of the rules that were collected. */
    readonly rules: readonly number[];
  }
  | { readonly kind: "ended"; readonly at: number };

/** A gap as it is written. */
export interface Gap {
  readonly number: number;
  readonly beganAt: number;
  /** Undefined while it lasts. */
  readonly endedAt: number | undefined;
  readonly cause: GapCause;
  readonly detail: string;
  readonly state: GapState;
  /** What came of repairing it, in words; empty before. */
  readonly outcome: string;
  readonly rules: readonly number[];
  /** About how many tweets were missed; undefined where nothing tells. */
  readonly missed: number | undefined;
}

interface GapRow {
  readonly number: number;
  readonly began_at: number;
  readonly ended_at: number | null;
  readonly cause: GapCause;
  readonly detail: string;
  readonly state: GapState;
  readonly outcome: string;
  readonly rules: string;
  readonly missed: number | null;
}

/** Whether a gap of listening lasts. */
export function isGapOpen(database: Sqlite): boolean {
  return database.get("SELECT 1 FROM gaps WHERE ended_at IS NULL") !== undefined;
}

/** Writes that a gap of listening began or ended. Part of a transaction. */
export function writeGap(database: Sqlite, change: GapChange): void {
  const lasting = database.get<GapRow>("SELECT * FROM gaps WHERE ended_at IS NULL");
  if (change.kind === "began") {
    if (!lasting) insertGap(database, { ...change, ended: null, state: "open" });
    return;
  }
  if (!lasting) return;
  const ended = Math.max(lasting.began_at, change.at);
  const missed = missedIn(database, { began: lasting.began_at, ended });
  database.run("UPDATE gaps SET ended_at = ?, missed = ? WHERE number = ?", ended, missed ?? null, lasting.number);
}

/**
 * The last process has ended without a word where no gap lasts though there was a sign of life: a gap began then. Answers
 * whether one lasts now.
 */
export function openGapOfCrash(database: Sqlite): boolean {
  const aliveAt = stateOf(database, "alive_at");
  if (aliveAt > 0 && !isGapOpen(database)) {
    database.transaction(() => {
      insertGap(database, { at: aliveAt, ended: null, cause: "crashed", detail: "", rules: [], state: "open" });
    });
  }
  return isGapOpen(database);
}

/** Writes when there was a sign of life of the stream. Part of a transaction. */
export function writeAlive(database: Sqlite, at: number): void {
  setState(database, { alive_at: at });
  database.run("INSERT OR IGNORE INTO state VALUES ('first_alive_at', ?)", at);
}

/** Listening begins, for the first time: a process that ends before it hears anything leaves a gap from here. */
export function writeListening(database: Sqlite, at: number): void {
  database.run("INSERT OR IGNORE INTO state VALUES ('alive_at', ?)", at);
}

/** What damage did to an interval. */
const DAMAGE = {
  lost: "",
  uncounted: "the journal was damaged, and its counts are not known",
} as const;

/** Writes what damage did to an interval. Part of a transaction. */
export function noteDamageBetween(database: Sqlite, began: number, ended: number, what: keyof typeof DAMAGE): void {
  const cause = "journal_damaged";
  insertGap(database, { at: began, ended, cause, detail: DAMAGE[what], rules: [], state: "unrecoverable" });
}

/** The same for one tweet that was accepted at a moment; those of an hour are one gap. */
export function noteDamage(database: Sqlite, at: number): void {
  const widened = database.run(
    "UPDATE gaps SET began_at = min(began_at, ?1), ended_at = max(ended_at, ?1) " +
      "WHERE cause = 'journal_damaged' AND detail = ?4 AND began_at >= ?2 AND ended_at <= ?3",
    at,
    hourOf(at),
    hourOf(at) + HOUR_MS,
    DAMAGE.lost,
  );
  if (widened === 0) noteDamageBetween(database, at, at, "lost");
}

/** All gaps, in the order in which they were written. */
export function* gapsIn(database: Sqlite): Generator<Gap> {
  const rows = database.inOrder<GapRow>(
    "number",
    1_000,
    "SELECT * FROM gaps WHERE number > ?1 ORDER BY number LIMIT ?2",
  );
  for (const row of rows) yield gapOf(row);
}

/** A gap by its number. */
export function gapIn(database: Sqlite, number: number): Gap | undefined {
  const row = database.get<GapRow>("SELECT * FROM gaps WHERE number = ?", number);
  return row ? gapOf(row) : undefined;
}

/** How many gaps are to be seen to, and how long all of them were together, in milliseconds. */
export function gapTotals(database: Sqlite, now: number): { readonly open: number; readonly ms: number } {
  const { open, ms } = database.get<{ open: number; ms: number }>(
    "SELECT coalesce(sum(state = 'open'), 0) AS open, coalesce(sum(max(0, coalesce(ended_at, ?1) - began_at)), 0) AS ms " +
      "FROM gaps WHERE cause != 'journal_damaged'",
    now,
  )!;
  return { open, ms };
}

function insertGap(
  database: Sqlite,
  gap: {
    readonly at: number;
    readonly ended: number | null;
    readonly cause: GapCause;
    readonly detail: string;
    readonly rules: readonly number[];
    readonly state: GapState;
  },
): void {
  database.run(
    "INSERT INTO gaps (began_at, ended_at, cause, detail, state, outcome, rules, missed) VALUES (?, ?, ?, ?, ?, '', ?, NULL)",
    gap.at,
    gap.ended,
    gap.cause,
    gap.detail,
    gap.state,
    gap.rules.join(","),
  );
}

function gapOf({ began_at, ended_at, missed, rules, ...row }: GapRow): Gap {
  return {
    number: row.number,
    beganAt: began_at,
    endedAt: ended_at ?? undefined,
    cause: row.cause,
    detail: row.detail,
    state: row.state,
    outcome: row.outcome,
    rules: rulesIn(rules),
    missed: missed ?? undefined,
  };
}

/** The rate before a gap is looked for in so much of what came before it. */
const LOOKED_AT_MS = DAY_MS;

/** About how many tweets were missed: as many as came in the day before, for as long. Undefined where none tells. */
function missedIn(database: Sqlite, { began, ended }: { began: number; ended: number }): number | undefined {
  const { hour, received } = database.get<{ hour: number | null; received: number }>(
    "SELECT min(hour) AS hour, coalesce(sum(count), 0) AS received FROM counters " +
      "WHERE rule = 0 AND outcome = 'received' AND hour > ? AND hour <= ?",
    began - LOOKED_AT_MS,
    began,
  )!;
  if (hour === null) return undefined;
  const from = Math.max(hour, stateOf(database, "first_alive_at"));
  const listened = began - from - gapsBetween(database, from, began);
  return listened > 0 ? Math.round(received / listened * (ended - began)) : undefined;
}

/** How long nobody listened between two moments, in milliseconds. */
function gapsBetween(database: Sqlite, from: number, to: number): number {
  return database.get<{ ms: number }>(
    "SELECT coalesce(sum(max(0, min(coalesce(ended_at, ?2), ?2) - max(began_at, ?1))), 0) AS ms FROM gaps " +
      "WHERE cause != 'journal_damaged' AND began_at < ?2 AND coalesce(ended_at, ?2) > ?1",
    from,
    to,
  )!.ms;
}
