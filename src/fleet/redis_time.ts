/**
 * How far our clock is ahead of Redis's, learnt from its answers: what instances tell each other is on Redis's clock. A
 * scaled clock is shared by those who use it, and tells its own time.
 */

import type { Clock } from "../base/clock.ts";

export class RedisTime {
  readonly #clock: Clock;
  #aheadMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How far it is ahead, in milliseconds, by the last answer; 0 before the first. */
  get aheadMs(): number {
    return this.#aheadMs;
  }

  /** Redis has told its time in answer to what was asked at a moment of the monotonic clock. */
  learn(askedAt: number, redisNow: number): void {
    if (this.#clock.scale !== 1) return;
    // Its answer is about as old as half of what the question took.
    const ageMs = (this.#clock.monotonic() - askedAt) / 2;
    this.#aheadMs = this.#clock.now() - ageMs - redisNow;
  }

  /** Now, on Redis's clock. */
  get now(): number {
    return this.inRedis(this.#clock.now());
  }

  /** A moment of our clock on Redis's, and the reverse. */
  inRedis(at: number): number {
    return Math.round(at - this.aheadMs);
  }

  here(at: number): number {
    return Math.round(at + this.aheadMs);
  }
}
