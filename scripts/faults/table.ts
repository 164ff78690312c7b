/** What became of rounds, as a table for people and for `tests/README.md`. */

/** All rounds of one kind. */
export interface FaultsRow {
  readonly kind: string;
  /** What was counted, in the order of the table's columns. */
  readonly numbers: readonly number[];
  /** The arguments that play again what failed. */
  readonly failed: readonly string[];
  readonly seconds: number;
}

/** Tweets that the simulator sent, that were accepted, copies beyond the first in the topic, and those missing there. */
export const DELIVERY_COLUMNS = ["rounds", "sent", "accepted", "repeats", "lost"];

/**
 * Tweets that were posted, those that no instance has, for how many seconds nobody listened, leases that were granted,
 * and what was not as it is promised.
 */
export const FLEET_COLUMNS = ["rounds", "posted", "not read", "silent", "leases", "wrong"];

/** The table, with all rows in sum and, below it, what is to be played again. */
export function faultsTable(columns: readonly string[], rows: readonly FaultsRow[]): string {
  const head = ["kind", ...columns, "failures", "seconds"];
  const numbers = rows.map((row) => [...row.numbers, row.failed.length, row.seconds]);
  const sums = head.slice(1).map((_, at) => numbers.reduce((sum, row) => sum + row[at]!, 0));
  const cells = [
    head,
    ["---", ...head.slice(1).map(() => "---:")],
    ...rows.map(({ kind }, at) => [kind, ...numbers[at]!.map(String)]),
    ["in sum", ...sums.map(String)],
  ];
  const failures = rows.flatMap(({ kind, failed }) => failed.map((flags) => `deno task faults ${flags} "${kind}"`));
  return [
    ...cells.map((row) => `| ${row.join(" | ")} |`),
    ...failures.map((command) => `Failed; play it again: ${command}`),
  ].join("\n");
}
