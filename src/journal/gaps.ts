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
import { noteOf, setNote, setState, stateOf } from "./state_values.ts";
import { DAY_MS, HOUR_MS, hourOf } from "./tally.ts";

/** Why something is missing, with words for people: a closed set, for people look for these words. */
export const GAP_CAUSES = {
  connection_lost: "the connection to X ended",
  stalled: "X was silent, without even a keep-alive",
  fell_behind: "tweets came faster than they could be taken in, so the stream was closed",
  not_connected: "no connection to X came about",
  refused: "X refused the stream",
  journal_full: "there was no room for more tweets, so the stream was closed",
  rules_uncovered: "X had no room to hold these rules while others were changed",
  stopped: "the collector was stopped",
  crashed: "the collector ended without a word",
  journal_damaged: "accepted tweets were lost with a damaged journal",
} as const;
export type GapCause = keyof typeof GAP_CAUSES;

/** `open`: nothing was done about it yet. `unrecoverable`: nothing can be. */
export type GapState = "open" | "repairing" | "closed" | "unrecoverable";

/** How what was missed is fetched afterwards; empty as long as nothing was chosen. */
export type GapRepair = "" | "search" | "backfill" | "recovery";

/**
 * A gap of listening begins or ends, other rules are collected, or some were not for a while; times in milliseconds since
 * 1970.
 */
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
  | { readonly kind: "ended"; readonly at: number }
  | { readonly kind: "collecting"; readonly rules: readonly number[] }
  | { readonly kind: "uncovered"; readonly from: number; readonly to: number; readonly rules: readonly number[] };

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
  /** The last tweet that was accepted before it. */
  readonly lastId: string | undefined;
  readonly repair: GapRepair;
  /** What a person has allowed the repair to cost, in millionths of a dollar. */
  readonly allowed: number | undefined;
  /** Tweets that were read for its repair, and those of them that were new. */
  readonly reads: number;
  readonly found: number;
  /** What X charges for them, in millionths of a dollar. */
  readonly cost: number;
}

/** A row of the table `gaps`. */
export interface GapRow {
  readonly number: number;
  readonly began_at: number;
  readonly ended_at: number | null;
  readonly cause: GapCause;
  readonly detail: string;
  readonly state: GapState;
  readonly outcome: string;
  readonly rules: string;
  readonly missed: number | null;
  readonly last_id: string | null;
  readonly repair: GapRepair;
  readonly waits_until: number;
  readonly allowed: number | null;
  readonly reads: number;
  readonly found: number;
  readonly cost: number;
}

/** The note of the numbers of the rules that are collected. */
const COLLECTED_RULES = "collected_rules";

/** Whether a gap of listening lasts. */
export function isGapOpen(database: Sqlite): boolean {
  return database.get("SELECT 1 FROM gaps WHERE ended_at IS NULL") !== undefined;
}

/** Writes that a gap of listening began or ended, or which rules are collected. Part of a transaction. */
export function writeGap(database: Sqlite, change: GapChange): void {
  if (change.kind === "collecting") return setNote(database, COLLECTED_RULES, change.rules.join(","));
  if (change.kind === "uncovered") return writeUncovered(database, change);
  const lasting = database.get<GapRow>("SELECT * FROM gaps WHERE ended_at IS NULL");
  if (change.kind === "began") {
    if (!lasting) insertGap(database, { ...change, ended: null, state: "open" });
    return;
  }
  if (!lasting) return;
  const ended = Math.max(lasting.began_at, change.at);
  const missed = missedIn(database, { began: lasting.began_at, ended, rules: rulesIn(lasting.rules) });
  database.run("UPDATE gaps SET ended_at = ?, missed = ? WHERE number = ?", ended, missed ?? null, lasting.number);
}

function writeUncovered(database: Sqlite, { from, rules, to }: Extract<GapChange, { kind: "uncovered" }>): void {
  const number = insertGap(database, {
    at: from,
    ended: to,
    cause: "rules_uncovered",
    detail: "",
    rules,
    state: "open",
  });
  database.run(
    "UPDATE gaps SET missed = ? WHERE number = ?",
    missedIn(database, { began: from, ended: to, rules }) ?? null,
    number,
  );
}

/**
 * The last process has ended without a word where no gap lasts though there was a sign of life: a gap began then. Answers
 * whether one lasts now.
 */
export function openGapOfCrash(database: Sqlite): boolean {
  const aliveAt = stateOf(database, "alive_at");
  const collected = noteOf(database, COLLECTED_RULES);
  // Where no rules were wanted nothing was missed.
  if (aliveAt > 0 && collected !== "" && !isGapOpen(database)) {
    database.transaction(() => {
      const rules = rulesIn(collected ?? "");
      insertGap(database, { at: aliveAt, ended: null, cause: "crashed", detail: "", rules, state: "open" });
    });
  }
  return isGapOpen(database);
}

/** Writes when there was a sign of life of the stream. Part of a transaction. */
export function writeAlive(database: Sqlite, at: number): void {
  setState(database, { alive_at: at });
  database.run("INSERT OR IGNORE INTO state VALUES ('first_alive_at', ?)", at);
}

/**
 * Listening begins, for the first time or after nothing was wanted: a process that ends before it hears anything leaves a
 * gap from here. Where a gap lasts, it goes on.
 */
export function writeListening(database: Sqlite, at: number): void {
  if (!isGapOpen(database)) setState(database, { alive_at: at });
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

/** All gaps together. */
export interface GapTotals {
  /** How many are not closed, and can be. */
  readonly open: number;
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
      "coalesce(sum(max(0, coalesce(ended_at, ?1) - began_at)), 0) AS ms, coalesce(sum(reads), 0) AS reads, " +
      "coalesce(sum(found), 0) AS found, coalesce(sum(cost), 0) AS cost FROM gaps WHERE cause != 'journal_damaged'",
    now,
  )!;
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
): number {
  return database.get<{ number: number }>(
    "INSERT INTO gaps (began_at, ended_at, cause, detail, state, outcome, rules, last_id) " +
      "VALUES (?, ?, ?, ?, ?, '', ?, (SELECT id FROM seen ORDER BY position DESC LIMIT 1)) RETURNING number",
    gap.at,
    gap.ended,
    gap.cause,
    gap.detail,
    gap.state,
    gap.rules.join(","),
  )!.number;
}

/** A gap from its row. */
export function gapOf({ allowed, began_at, ended_at, last_id, missed, rules, waits_until: _, ...row }: GapRow): Gap {
  return {
    ...row,
    beganAt: began_at,
    endedAt: ended_at ?? undefined,
    rules: rulesIn(rules),
    missed: missed ?? undefined,
    lastId: last_id ?? undefined,
    allowed: allowed ?? undefined,
  };
}

/** The rate before a gap is looked for in so much of what came before it. */
const LOOKED_AT_MS = DAY_MS;

/**
 * About how many tweets were missed: as many as came for these rules in the day before, for as long. Undefined where
 * nothing tells.
 */
function missedIn(
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

/** How long nobody listened between two moments, in milliseconds. What was fetched afterwards is counted as if somebody had. */
function gapsBetween(database: Sqlite, from: number, to: number): number {
  return database.get<{ ms: number }>(
    "SELECT coalesce(sum(max(0, min(coalesce(ended_at, ?2), ?2) - max(began_at, ?1))), 0) AS ms FROM gaps " +
      "WHERE cause NOT IN ('journal_damaged', 'rules_uncovered') AND state != 'closed' AND began_at < ?2 AND coalesce(ended_at, ?2) > ?1",
    from,
    to,
  )!.ms;
}
