/**
 * Gaps: intervals of which not everything is here, with the cause. A gap that began is open until it ended; one of each
 * cause is open at a time.
 */

import type { Sqlite } from "../base/sqlite.ts";
import { HOUR_MS, hourOf } from "./tally.ts";

/** Why something is missing: a closed set, for people look for these words. */
export type GapCause =
  /** There was no room for more tweets, so the stream was closed. */
  | "journal_full"
  /** Accepted tweets were lost with a damaged journal. */
  | "journal_damaged";

/** A gap begins, or the open one of a cause ends; times in milliseconds since 1970. */
export type GapChange =
  | { readonly kind: "began"; readonly at: number; readonly cause: GapCause; readonly detail: string }
  | { readonly kind: "ended"; readonly at: number; readonly cause: GapCause };

/** Writes that a gap began or ended. One that is open already goes on. Part of a transaction. */
export function writeGap(database: Sqlite, change: GapChange): void {
  const { at, cause } = change;
  if (change.kind === "ended") {
    database.run("UPDATE gaps SET ended_at = max(began_at, ?) WHERE cause = ? AND ended_at IS NULL", at, cause);
    return;
  }
  if (database.get("SELECT 1 FROM gaps WHERE cause = ? AND ended_at IS NULL", cause)) return;
  database.run("INSERT INTO gaps (began_at, ended_at, cause, detail) VALUES (?, NULL, ?, ?)", at, cause, change.detail);
}

/** What damage did to an interval. */
const DAMAGE = {
  lost: "accepted tweets were lost with a damaged journal",
  uncounted: "the journal was damaged, and its counts are not known",
} as const;

/** Writes what damage did to an interval. Part of a transaction. */
export function noteDamageBetween(database: Sqlite, began: number, ended: number, what: keyof typeof DAMAGE): void {
  database.run(
    "INSERT INTO gaps (began_at, ended_at, cause, detail) VALUES (?, ?, 'journal_damaged', ?)",
    began,
    ended,
    DAMAGE[what],
  );
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
