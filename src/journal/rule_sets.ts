/**
 * Which rules gaps are of: a set of their numbers is written once, and the gaps name it. With ten thousand rules it is
 * 60 kB, and a bad day has thousands of gaps of the same rules.
 */

import type { Sqlite } from "../base/sqlite.ts";

/** Gaps with the numbers of their rules, as `GapRow`; what follows may be a condition. */
export const GAP_ROWS = "SELECT *, (SELECT rules FROM rule_sets WHERE number = gaps.rule_set) AS rules FROM gaps";

/** The number of a set of rules, which is written where it is not there yet. Part of a transaction. */
export function ruleSetOf(database: Sqlite, rules: Iterable<number>): number {
  const text = [...new Set(rules)].sort((one, other) => one - other).join(",");
  const known = database.get<{ number: number }>("SELECT number FROM rule_sets WHERE rules = ?", text);
  if (known) return known.number;
  // A gap that was saved from a damaged file may name a set that was not: its number is never given again.
  return database.get<{ number: number }>(
    "INSERT INTO rule_sets (number, rules) VALUES (1 + max(coalesce((SELECT max(number) FROM rule_sets), 0), " +
      "coalesce((SELECT max(rule_set) FROM gaps), 0)), ?) RETURNING number",
    text,
  )!.number;
}
