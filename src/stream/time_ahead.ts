/**
 * How far X's clock is ahead of ours. X tells its time to the second, and an answer takes its time to come: so each tells
 * it within bounds, and several together closely.
 */

/** An answer of X's; times in milliseconds since 1970. */
export interface TimedAnswer {
  /** When it was asked for, and when it came, by our clock. */
  readonly askedAt: number;
  readonly answeredAt: number;
  /** The whole second of X's clock in which it was given. */
  readonly date: number;
}

const SECOND_MS = 1_000;

export class TimeAhead {
  #least = -Infinity;
  #most = Infinity;

  /** The middle of what can be, in milliseconds; undefined before any answer. */
  get ms(): number | undefined {
    return this.#most === Infinity ? undefined : Math.round((this.#least + this.#most) / 2);
  }

  learn({ answeredAt, askedAt, date }: TimedAnswer): void {
    const [least, most] = [date - answeredAt, date + SECOND_MS - askedAt];
    this.#least = Math.max(this.#least, least);
    this.#most = Math.min(this.#most, most);
    // What was known before does not go with it: one of the clocks was set.
    if (this.#least > this.#most) [this.#least, this.#most] = [least, most];
  }
}
