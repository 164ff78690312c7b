/**
 * How often something happened within the time just past, in buckets: counting is a few steps, whatever was counted, and
 * so is asking. What lies in the bucket that is about to leave is taken as evenly spread over it.
 *
 * It wants moments that never go back, such as those of a clock's `monotonic`.
 */

export class RollingCount {
  readonly #bucketMs: number;
  /** One more than fit into the window: the oldest is leaving it while the newest is being filled. */
  readonly #buckets: Uint32Array;
  #newest = 0;
  #sum = 0;

  constructor(windowMs: number, buckets: number) {
    this.#bucketMs = windowMs / buckets;
    this.#buckets = new Uint32Array(buckets + 1);
  }

  count(now: number): void {
    this.#turnTo(now);
    this.#buckets[this.#newest % this.#buckets.length]! += 1;
    this.#sum += 1;
  }

  /** How many there were within the window that ends now; a fraction while some are leaving it. */
  within(now: number): number {
    if (this.#sum === 0) return 0;
    this.#turnTo(now);
    const oldest = this.#buckets[(this.#newest + 1) % this.#buckets.length]!;
    return this.#sum - oldest * (now / this.#bucketMs - this.#newest);
  }

  clear(): void {
    this.#buckets.fill(0);
    this.#sum = 0;
  }

  /** Makes the bucket of a moment the newest, and empties those that have left. */
  #turnTo(now: number): void {
    const bucket = Math.floor(now / this.#bucketMs);
    const passed = Math.min(bucket - this.#newest, this.#buckets.length);
    for (let step = 1; step <= passed; step++) {
      const at = (this.#newest + step) % this.#buckets.length;
      this.#sum -= this.#buckets[at]!;
      this.#buckets[at] = 0;
    }
    this.#newest = bucket;
  }
}
