/** What became of a soak, as a row of a table for people and for `tests/README.md`. */

import type { StreamJudgement } from "../../tests/support/stream_judge.ts";

export interface SoakResult extends StreamJudgement {
  readonly hours: number;
  readonly seed: number;
  /** How many faults there were, kills and stops among them; and how many kills. */
  readonly faults: number;
  readonly kills: number;
  /** Memory in bytes: at the beginning, at the end, at most. */
  readonly first: number;
  readonly last: number;
  readonly most: number;
}

/** The table, with its head. */
export function soakTable(result: SoakResult): string {
  const cells = [
    ["hours", result.hours],
    ["seed", result.seed],
    ["faults", result.faults],
    ["kills", result.kills],
    ["tweets sent", result.sent],
    ["missing", result.uncovered],
    ["missing, in a gap that says so", result.covered],
    ["of these while stopped", result.stopped],
    ["twice", result.repeats],
    ["gaps", result.gaps],
    ["repaired", result.repairedGaps],
    ["tweets found", result.repaired],
    ["memory at start", megabytes(result.first)],
    ["at end", megabytes(result.last)],
    ["at most", megabytes(result.most)],
  ] as const;
  const rows = [cells.map(([name]) => name), cells.map(() => "---:"), cells.map(([, value]) => value)];
  return rows.map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_000_000)} MB`;
}
