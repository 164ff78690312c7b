/**
 * What is written into the gap register while it goes on: gaps of listening begin and end, one at a time, and for a while
 * X does not hold some of the rules. The last sign of life is written too: from there a process that ended without a word
 * has a gap at the next start.
 *
 * A gap is in the time of the clock as it is at its end: where the clock was put back while it lasted, it begins so much
 * earlier, or covers at least all that the clock has told twice.
 */

import type { Sqlite } from "../base/sqlite.ts";
import { type Gap, type GapCause, gapOf, type GapRow, insertGap, LISTENING, missedIn } from "./gaps.ts";
import { rulesIn } from "./record_rows.ts";
import { GAP_ROWS } from "./rule_sets.ts";
import { noteOf, setNote, setState, stateOf } from "./state_values.ts";

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
    /** By how much the clock was put back since the gap began that this one ends. */
    readonly putBackMs?: number;
  }
  | {
    readonly kind: "ended";
    readonly at: number;
    /** By how much the clock was put back while it lasted, as far as that is known. */
    readonly putBackMs: number;
  }
  | {
    /** Another instance keeps account of what was missed since this one did. */
    readonly kind: "taken_over";
    readonly by: string;
  }
  | { readonly kind: "collecting"; readonly rules: readonly number[] }
  | {
    readonly kind: "uncovered";
    readonly from: number;
    readonly to: number;
    readonly detail: string;
    readonly rules: readonly number[];
  }
  | { readonly kind: "uncovering"; readonly intervals: readonly UncoveredInterval[] };

/** Since a moment some rules are not held by X: a gap where that lasts beyond another one. */
interface UncoveredInterval {
  readonly from: number;
  readonly countsAt: number;
  readonly detail: string;
  readonly rules: readonly number[];
}

/** The notes of the numbers of the rules that are collected, and of the intervals in which some are not held. */
const COLLECTED_RULES = "collected_rules";
const UNCOVERED_RULES = "uncovered_rules";

/** Since when a gap of listening lasts; undefined where none does. */
export function gapSince(database: Sqlite): number | undefined {
  return database.get<{ began_at: number }>("SELECT began_at FROM gaps WHERE ended_at IS NULL")?.began_at;
}

/** Writes a change. Part of a transaction. */
export function writeGap(database: Sqlite, change: GapChange): void {
  switch (change.kind) {
    case "collecting":
      return setNote(database, COLLECTED_RULES, change.rules.join(","));
    case "uncovered":
      return writeUncovered(database, change);
    case "uncovering":
      return setNote(database, UNCOVERED_RULES, JSON.stringify(change.intervals));
    case "taken_over":
      return leaveGap(database, change.by);
    case "ended":
      return endGap(database, lastingGap(database), change);
    case "began":
      return writeBegan(database, change);
  }
}

/** One that lasts goes on, and its cause is kept; but what is missed after a stop is missed because of the stop. */
function writeBegan(database: Sqlite, change: Extract<GapChange, { kind: "began" }>): void {
  const lasting = lastingGap(database);
  if (lasting && (change.cause !== "stopped" || lasting.cause === "stopped")) return;
  const rules = change.rules.length === 0 && lasting ? lasting.rules : change.rules;
  endGap(database, lasting, { at: change.at, putBackMs: change.putBackMs ?? 0 });
  insertGap(database, { ...change, rules, ended: null, state: "open" });
}

function lastingGap(database: Sqlite): Gap | undefined {
  const row = database.get<GapRow>(`${GAP_ROWS} WHERE ended_at IS NULL`);
  return row && gapOf(row);
}

function endGap(
  database: Sqlite,
  lasting: Gap | undefined,
  { at, putBackMs }: { readonly at: number; readonly putBackMs: number },
): void {
  if (!lasting) return;
  const { began, ended, words } = boundsOf(lasting.beganAt, at, putBackMs);
  const missed = missedIn(database, { began, ended, rules: lasting.rules });
  database.run(
    "UPDATE gaps SET began_at = ?, ended_at = ?, detail = ?, missed = ? WHERE number = ?",
    began,
    ended,
    [lasting.detail, words].filter((part) => part !== "").join("; "),
    missed ?? null,
    lasting.number,
  );
}

/** What follows is in another register: this gap has no length. */
function leaveGap(database: Sqlite, by: string): void {
  database.run(
    "UPDATE gaps SET ended_at = began_at, missed = 0, state = 'closed', outcome = ? WHERE ended_at IS NULL",
    `${by} has taken over, and keeps account of it`,
  );
}

function boundsOf(beganAt: number, at: number, putBackMs: number): { began: number; ended: number; words: string } {
  const began = beganAt - putBackMs;
  if (began > at) {
    return { began: at, ended: beganAt, words: "the clock was put back meanwhile, nobody knows by how much" };
  }
  const words = putBackMs > 0 ? `the clock was put back by ${Math.round(putBackMs / 1_000)} s meanwhile` : "";
  return { began, ended: at, words };
}

/** What lies in a gap of listening anyway is not told twice. */
function writeUncovered(database: Sqlite, change: Extract<GapChange, { kind: "uncovered" }>): void {
  const [from, to] = [Math.min(change.from, change.to), change.to];
  const around = database.all<GapRow>(
    `${GAP_ROWS} WHERE ${LISTENING} AND began_at <= ? AND coalesce(ended_at, ?) >= ?`,
    from,
    to,
    to,
  );
  const told = new Set(around.flatMap((row) => gapOf(row).rules));
  const rules = change.rules.filter((rule) => !told.has(rule));
  if (rules.length === 0) return;
  const number = insertGap(database, {
    at: from,
    ended: to,
    cause: "rules_uncovered",
    detail: change.detail,
    rules,
    state: "open",
  });
  const missed = missedIn(database, { began: from, ended: to, rules });
  database.run("UPDATE gaps SET missed = ? WHERE number = ?", missed ?? null, number);
}

/**
 * The last process has ended without a word where no gap lasts though there was a sign of life: a gap began then. So did
 * it where it had not told of rules that X did not hold. Answers since when a gap of listening lasts now, if one does.
 */
export function openGapsOfCrash(database: Sqlite, now: number): number | undefined {
  const aliveAt = stateOf(database, "alive_at");
  const collected = noteOf(database, COLLECTED_RULES);
  const uncovered = uncoveredIn(noteOf(database, UNCOVERED_RULES));
  // Where no rules were wanted nothing was missed.
  const isCrash = aliveAt > 0 && collected !== "" && gapSince(database) === undefined;
  if (isCrash || uncovered.length > 0) {
    database.transaction(() => {
      const rules = rulesIn(collected ?? "");
      if (isCrash) {
        insertGap(database, { at: aliveAt, ended: null, cause: "crashed", detail: "", rules, state: "open" });
      }
      const to = isCrash ? aliveAt : now;
      for (const { countsAt, ...interval } of uncovered) {
        if (to > countsAt) writeUncovered(database, { kind: "uncovered", ...interval, to });
      }
      setNote(database, UNCOVERED_RULES, "[]");
    });
  }
  return gapSince(database);
}

/** What a note says; of a damaged one whatever can be read. */
function uncoveredIn(note: string | undefined): UncoveredInterval[] {
  try {
    const intervals: unknown = JSON.parse(note ?? "[]");
    return Array.isArray(intervals) ? intervals.filter(isInterval) : [];
  } catch {
    return [];
  }
}

function isInterval(value: Partial<UncoveredInterval> | null): value is UncoveredInterval {
  return Number.isSafeInteger(value?.from) && Number.isSafeInteger(value?.countsAt) &&
    typeof value?.detail === "string" && Array.isArray(value.rules) && value.rules.every(Number.isSafeInteger);
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
  if (gapSince(database) === undefined) setState(database, { alive_at: at });
}
