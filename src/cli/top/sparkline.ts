/** A row of numbers as a graph of one line, in the block characters of Unicode. */

const BLOCKS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;

/**
 * The newest samples at the right, exactly `width` columns. The largest one that is shown is a whole block; zero has the
 * lowest block to itself, so that little is never taken for nothing. Where there is no sample yet, it is blank.
 */
export function sparkline(samples: readonly number[], width: number): string {
  const seen = width <= 0 ? [] : samples.slice(-width);
  const most = Math.max(0, ...seen);
  return seen.map((sample) => BLOCKS[levelOf(sample, most)]).join("").padStart(Math.max(0, width));
}

function levelOf(sample: number, most: number): number {
  return sample > 0 ? Math.max(1, Math.round(sample / most * (BLOCKS.length - 1))) : 0;
}
