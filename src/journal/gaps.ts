/**
 * The gap register: every interval of which not everything is here, with its cause. A gap of listening begins at the last
 * sign of life before it and ends with the first one after it, or when nothing is wanted any more; one of these lasts at
 * a time, and the cause that began it is the one that is kept, up to a stop.
 *
 * It promises that a gap which began is written, also by a process that ends without a word: the journal's last sign of
 * life begins it at the next start (`gap_changes.ts`).
 */

import type { Sqlite } from "../base/sqlite.ts";
import { rulesIn } from "./record_rows.ts";
import { GAP_ROWS, ruleSetOf } from "./rule_sets.ts";
import { stateOf } from "./state_values.ts";
import { DAY_MS, HOUR_MS, hourOf } from "./tally.ts";

/** Why something is missing, with words for people: a closed set, for people look for these words. */
export const GAP_CAUSES = {
  connection_lost: "the connection to X ended",
  stalled: "X was silent, without even a keep-alive",
  fell_behind: "tweets came faster than they could be taken in, so the stream was closed",
  not_connected: "no connection to X came about",
  refused: "X refused the stream",
  journal_full: "there was no room for more tweets, so the stream was closed",
  rules_missing: "X held none of our rules",
  rules_uncovered: "X did not hold these rules, though they were wanted",
  stopped: "the collector was stopped",
  let_go: "this instance was to leave the app's connection to another one",
  handed_over: "the app's connection went over from another instance",
  holder_lost: "the instance that held the app's connection was lost",
  crashed: "the collector ended without a word",
  journal_damaged: "accepted tweets were lost with a damaged journal",
} as const;
export type GapCause = keyof typeof GAP_CAUSES;

/** What is true of the gaps in which nobody listened. */
export const LISTENING = "cause NOT IN ('journal_damaged', 'rules_uncovered')";

/** `open`: nothing was done about it yet. `unrecoverable`: nothing can be. */
export type GapState = "open" | "repairing" | "closed" | "unrecoverable";

/** How what was missed is fetched afterwards; empty as long as nothing was chosen. */
export type GapRepair = "" | "search" | "backfill" | "recovery";

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
  /** The newest tweet that was accepted before it. */
  readonly lastId: string | undefined;
  readonly repair: GapRepair;
  /** Until when nothing is done about it, in milliseconds since 1970. */
  readonly waitsUntil: number;
  /** What a person has allowed the repair to cost, in millionths of a dollar. */
  readonly allowed: number | undefined;
  /** Tweets that were read for its repair, and those of them that were new. */
  readonly reads: number;
  readonly found: number;
  /** What X charges for them, in millionths of a dollar. */
  readonly cost: number;
}

/** A row of `GAP_ROWS`. */
export interface GapRow {
  readonly number: number;
  readonly began_at: number;
  readonly ended_at: number | null;
  readonly cause: GapCause;
  readonly detail: string;
  readonly state: GapState;
  readonly outcome: string;
  readonly rule_set: number;
  /** Null where a damaged file has lost it. */
  readonly rules: string | null;
  readonly missed: number | null;
  readonly last_id: string | null;
  readonly repair: GapRepair;
  readonly waits_until: number;
  readonly allowed: number | null;
  readonly reads: number;
  readonly found: number;
  readonly cost: number;
  /** Where it was taken over from; null for our own. */
  readonly origin: string | null;
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
    `${GAP_ROWS} WHERE number > ?1 ORDER BY number LIMIT ?2`,
  );
  for (const row of rows) yield gapOf(row);
}

/** A gap by its number. */
export function gapIn(database: Sqlite, number: number): Gap | undefined {
  const row = database.get<GapRow>(`${GAP_ROWS} WHERE number = ?`, number);
  return row ? gapOf(row) : undefined;
}

/** A gap is let alone until a person asks for it. */
export const UNTIL_ASKED = Number.MAX_SAFE_INTEGER;

/** All gaps together. */
export interface GapTotals {
  /** How many are not closed, and can be. */
  readonly open: number;
  /** How many of them wait for a word of a person. */
  readonly asking: number;
  /** How long all of them were, in milliseconds. */
  readonly ms: number;
  /** Tweets that were read to repair them, those that were new, and the cost in millionths of a dollar. */
  readonly reads: number;
  readonly found: number;
  readonly cost: number;
}

export function gapTotals(database: Sqlite, now: number): GapTotals {
  return database.get<GapTotals>(
    "SELECT coalesce(sum(state IN ('open', 'repairing')), 0) AS open, " +
      "coalesce(sum(state = 'open' AND waits_until = ?2), 0) AS asking, " +
      "coalesce(sum(max(0, coalesce(ended_at, ?1) - began_at)), 0) AS ms, coalesce(sum(reads), 0) AS reads, " +
      "coalesce(sum(found), 0) AS found, coalesce(sum(cost), 0) AS cost FROM gaps WHERE cause != 'journal_damaged'",
    now,
    UNTIL_ASKED,
  )!;
}

/**
 * The newest of the tweets that were accepted lately: X keeps no order, and what a repair has found is older. An id of
 * twenty digits is none of X's.
 */
const NEWEST_ID = "SELECT CAST(max(CAST(id AS INTEGER)) AS TEXT) FROM " +
  "(SELECT id FROM seen ORDER BY position DESC LIMIT 1000) WHERE length(id) < 20";

/** Writes a gap, and answers with its number. Part of a transaction. */
export function insertGap(
  database: Sqlite,
  gap: {
    readonly at: number;
    readonly ended: number | null;
    readonly cause: GapCause;
    readonly detail: string;
    readonly rules: readonly number[];
    readonly state: GapState;
  },
): number {
  return database.get<{ number: number }>(
    "INSERT INTO gaps (began_at, ended_at, cause, detail, state, outcome, rule_set, last_id) " +
      `VALUES (?, ?, ?, ?, ?, '', ?, (${NEWEST_ID})) RETURNING number`,
    gap.at,
    gap.ended,
    gap.cause,
    gap.detail,
    gap.state,
    ruleSetOf(database, gap.rules),
  )!.number;
}

/** A gap from its row. */
export function gapOf(
  { allowed, began_at, ended_at, last_id, missed, origin: _, rule_set: __, rules, waits_until, ...row }: GapRow,
): Gap {
  return {
    ...row,
    beganAt: began_at,
    endedAt: ended_at ?? undefined,
    rules: rulesIn(rules ?? ""),
    missed: missed ?? undefined,
    lastId: last_id ?? undefined,
    allowed: allowed ?? undefined,
    waitsUntil: waits_until,
  };
}

/** The rate before a gap is looked for in so much of what came before it. */
const LOOKED_AT_MS = DAY_MS;

/**
 * About how many tweets were missed: as many as came for these rules in the day before, for as long. Undefined where
 * nothing tells.
 */
export function missedIn(
  database: Sqlite,
  { began, ended, rules }: { began: number; ended: number; rules: readonly number[] },
): number | undefined {
  // What came twice was one tweet: a repair reads again what lies around its gap.
  const counts = database.all<{ rule: number; hour: number; received: number }>(
    "SELECT rule, min(hour) AS hour, sum(iif(outcome = 'received', count, -count)) AS received FROM counters " +
      "WHERE outcome IN ('received', 'repeated') AND hour > ? AND hour <= ? GROUP BY rule",
    began - LOOKED_AT_MS,
    began,
  );
  const all = counts.find(({ rule }) => rule === 0);
  if (!all) return undefined;
  const from = Math.max(all.hour, stateOf(database, "first_alive_at"));
  const listened = began - from - gapsBetween(database, from, began);
  if (listened <= 0) return undefined;
  // A tweet that several rules matched counts for each of them, but was one.
  const affected = new Set(rules);
  const byRules = counts.reduce((sum, { received, rule }) => affected.has(rule) ? sum + received : sum, 0);
  const received = rules.length === 0 ? all.received : Math.min(all.received, byRules);
  return Math.round(received / listened * (ended - began));
}

/**
 * How long nobody listened between two moments, in milliseconds. What was fetched afterwards is counted as if somebody had;
 * what others missed is none of ours.
 */
function gapsBetween(database: Sqlite, from: number, to: number): number {
  return database.get<{ ms: number }>(
    "SELECT coalesce(sum(max(0, min(coalesce(ended_at, ?2), ?2) - max(began_at, ?1))), 0) AS ms FROM gaps " +
      `WHERE ${LISTENING} AND origin IS NULL AND state != 'closed' AND began_at < ?2 AND coalesce(ended_at, ?2) > ?1`,
    from,
    to,
  )!.ms;
}
