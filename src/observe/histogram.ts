/** A histogram: how many values are at most each of some bounds, their number and their sum. */

export class Histogram {
  readonly bounds: readonly number[];
  /** For each bound how many values are at most that, and more than the bound before. */
  readonly #counts: number[];
  count = 0;
  sum = 0;

  /** `bounds` in rising order. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  add(values: readonly number[]): void {
    for (const value of values) {
      this.count += 1;
      this.sum += value;
      const at = this.bounds.findIndex((bound) => value <= bound);
      if (at >= 0) this.#counts[at]! += 1;
    }
  }

  /** For each bound how many values are at most that. */
  cumulative(): number[] {
    let sum = 0;
    return this.#counts.map((count) => sum += count);
  }
}
