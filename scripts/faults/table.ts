/** What became of rounds, as a table for people and for `tests/README.md`. */

/** All rounds of one kind. */
export interface FaultsRow {
  readonly kind: string;
  readonly rounds: number;
  /** Tweets that the simulator sent, that were accepted, copies beyond the first in the topic, and those missing there. */
  readonly sent: number;
  readonly accepted: number;
  readonly repeats: number;
  readonly lost: number;
  /** The arguments that play again what failed. */
  readonly failed: readonly string[];
  readonly seconds: number;
}

const HEAD = ["kind", "rounds", "sent", "accepted", "repeats", "lost", "failures", "seconds"];

/** The table, with all rows in sum and, below it, what is to be played again. */
export function faultsTable(rows: readonly FaultsRow[]): string {
  const numbers = rows.map((row) => [
    ...[row.rounds, row.sent, row.accepted, row.repeats, row.lost],
    ...[row.failed.length, row.seconds],
  ]);
  const sums = HEAD.slice(1).map((_, at) => numbers.reduce((sum, row) => sum + row[at]!, 0));
  const cells = [
    HEAD,
    ["---", ...HEAD.slice(1).map(() => "---:")],
    ...rows.map(({ kind }, at) => [kind, ...numbers[at]!.map(String)]),
    ["in sum", ...sums.map(String)],
  ];
  const failures = rows.flatMap(({ kind, failed }) => failed.map((flags) => `deno task faults ${flags} "${kind}"`));
  return [
    ...cells.map((row) => `| ${row.join(" | ")} |`),
    ...failures.map((command) => `Failed; play it again: ${command}`),
  ].join("\n");
}
