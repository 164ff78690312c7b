/** What became of random sequences, as tables for people and for `tests/README.md`. */

import type { PlayedSequence } from "../../tests/faults/stream_sequence.ts";

/** How often each step was taken; then all in sum and, below it, what is to be played again, with further arguments. */
export function sequencesTable(played: readonly PlayedSequence[], again: string): string {
  const steps = Map.groupBy(played.flatMap((sequence) => sequence.steps), (kind) => kind);
  const kinds = [...steps].map(([kind, all]) => [kind, String(all.length)]).sort();
  const sum = (of: (one: PlayedSequence) => number | undefined) =>
    String(played.reduce((all, one) => all + (of(one) ?? 0), 0));
  const failed = played.filter(({ failure }) => failure);
  const sums = [
    ["sequences", String(played.length)],
    ["steps", sum((one) => one.steps.length)],
    ["tweets sent", sum((one) => one.sent)],
    ["found afterwards", sum((one) => one.repaired)],
    ["missing, in a gap that says so", sum((one) => one.covered)],
    ["of these while it was stopped", sum((one) => one.stopped)],
    ["missing without a word", sum((one) => one.uncovered)],
    ["twice, in flight at a kill", sum((one) => one.repeats)],
    ["gaps", sum((one) => one.gaps)],
    ["connects", sum((one) => one.connects)],
    ["most connects in 15 minutes", String(Math.max(...played.map((one) => one.mostConnects ?? 0)))],
    ["failures", String(failed.length)],
  ];
  return [
    ...table(["step", "times"], kinds),
    "",
    ...table(["in sum", ""], sums),
    ...failed.map(({ seed }) =>
      `Failed; play it again: deno task sequences --rounds 1 --seed ${seed} ${again}`.trimEnd()
    ),
  ].join("\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, ["---", "---:"], ...rows].map((row) => `| ${row.join(" | ")} |`);
}
