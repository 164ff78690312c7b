/**
 * Until when something that was granted may be relied on, by the wall clock and the monotonic one together: the monotonic
 * clock of a machine that stands still may do so as well, and the wall clock may be set.
 */

import type { Clock } from "../base/clock.ts";

/** By how much the two clocks may come to differ. */
const JUMP_MS = 1_000;

/** What both clocks said at a moment. */
export interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

export function momentOf(clock: Clock): Moment {
  return { monotonic: clock.monotonic(), wall: clock.now() };
}

export class Deadline {
  readonly #clock: Clock;
  readonly #from: Moment;
  readonly #ms: number;

  /** So many milliseconds after a moment. */
  constructor(clock: Clock, from: Moment, ms: number) {
    this.#clock = clock;
    this.#from = from;
    this.#ms = ms;
  }

  /** How long it is until then at most, in milliseconds. */
  get leftMs(): number {
    return Math.max(0, this.#from.monotonic + this.#ms - this.#clock.monotonic());
  }

  /** Why it cannot be relied on any more, in words; undefined where it can. */
  get fault(): string | undefined {
    const { monotonic, wall } = momentOf(this.#clock);
    const passed = monotonic - this.#from.monotonic;
    const passedOnWall = wall - this.#from.wall;
    if (Math.abs(passedOnWall - passed) > JUMP_MS) {
      const seconds = Math.round((passedOnWall - passed) / 100) / 10;
      return `the clock jumped by ${seconds} s, so that this machine may have stood still`;
    }
    if (Math.max(passed, passedOnWall) >= this.#ms) return "Redis has not confirmed it in time";
    return undefined;
  }
}
