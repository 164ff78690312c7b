/**
 * Tweets a second in the last ten seconds and in the last hour. In the first ten seconds, or the first hour, the rate is
 * that of the time since counting began, but of a second at least.
 *
 * A clock that is put back is no news: time goes on from where it was, and nothing is counted twice or kept too long.
 */

import { RollingCount } from "./rolling_count.ts";

export const TEN_SECONDS = 10_000;
export const HOUR = 3_600_000;

/** The windows for which there is a rate, in milliseconds. */
export type RateWindow = typeof TEN_SECONDS | typeof HOUR;

const LEAST_MS = 1_000;

export class Rates {
  readonly #beganAt: number;
  readonly #counts: Readonly<Record<RateWindow, RollingCount>> = {
    [TEN_SECONDS]: new RollingCount(TEN_SECONDS, 20),
    [HOUR]: new RollingCount(HOUR, 120),
  };
  /** The last moment that was named, and how much the clock was put back so far. */
  #last: number;
  #putBackBy = 0;

  /** `now` is when counting begins, in milliseconds of whatever clock the other moments are of. */
  constructor(now: number) {
    this.#beganAt = this.#last = now;
  }

  /** Counts a tweet. */
  count(now: number): void {
    const time = this.#timeAt(now);
    this.#counts[TEN_SECONDS].count(time);
    this.#counts[HOUR].count(time);
  }

  perSecond(windowMs: RateWindow, now: number): number {
    const time = this.#timeAt(now);
    const counted = Math.max(LEAST_MS, Math.min(windowMs, time - this.#beganAt));
    return this.#counts[windowMs].within(time) * 1_000 / counted;
  }

  /** The moment on a clock that is never put back. */
  #timeAt(now: number): number {
    if (now < this.#last) this.#putBackBy += this.#last - now;
    this.#last = now;
    return now + this.#putBackBy;
  }
}
