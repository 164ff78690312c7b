/**
 * What each of X's tiers allows: one table, with its date. What X itself tells (`rules/counts`) and what the settings
 * say wins over it.
 *
 * Source: docs.x.com, Filtered stream: Introduction; Rate limits; Search: Build a query; Recovery and redundancy; as of
 * 2026-08-22; Pro as of December 2025.
 */

export interface Tier {
  readonly name: TierName;
  /** Rules that a project may hold at X. */
  readonly rules: number;
  /** Characters of one rule. X has not published of what kind; UTF-16 units are never fewer than any other count. */
  readonly ruleLength: number;
  /** Operators that only other tiers have. */
  readonly unavailable: readonly string[];
  /** Characters of a query of recent search. */
  readonly searchLength: number;
  /** Streams that may be open at a time. */
  readonly connections: number;
  /** Whether the stream sends again what was missed: `backfill_minutes`, and `start_time` with `end_time`. */
  readonly hasRecovery: boolean;
}

export const TIERS_AS_OF = "2026-08-22";

export const TIER_NAMES = ["pay-per-use", "pro", "enterprise"] as const;
export type TierName = typeof TIER_NAMES[number];

export const TIERS: Readonly<Record<TierName, Tier>> = {
  "pay-per-use": {
    name: "pay-per-use",
    rules: 1_000,
    ruleLength: 1_024,
    unavailable: ["embedding", "embedding_threshold"],
    searchLength: 512,
    connections: 1,
    hasRecovery: false,
  },
  "pro": {
    name: "pro",
    rules: 1_000,
    ruleLength: 1_024,
    unavailable: ["embedding", "embedding_threshold"],
    searchLength: 512,
    connections: 1,
    hasRecovery: false,
  },
  "enterprise": {
    name: "enterprise",
    rules: 25_000,
    ruleLength: 2_048,
    unavailable: [],
    searchLength: 4_096,
    connections: 2,
    hasRecovery: true,
  },
};
