/**
 * How often we may still connect: X allows an app 50 connects in 15 minutes (docs.x.com, Rate limits), and five of
 * them are left to the operator. Kept in memory: a restarted process begins with an empty count.
 */

import type { Clock } from "../base/clock.ts";

const WINDOW_MS = 15 * 60_000;
const MOST_CONNECTS = 45;

export class ConnectBudget {
  readonly #clock: Clock;
  #connects: number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many connects are left in the current window. */
  get left(): number {
    this.#forgetOld();
    return MOST_CONNECTS - this.#connects.length;
  }

  /** Milliseconds until the next connect is allowed: 0 when it is allowed now. */
  waitMs(): number {
    this.#forgetOld();
    return this.#connects.length < MOST_CONNECTS ? 0 : this.#connects[0]! + WINDOW_MS - this.#clock.monotonic();
  }

  /** Counts a connect that begins now. */
  spend(): void {
    this.#connects.push(this.#clock.monotonic());
  }

  #forgetOld(): void {
    const oldest = this.#clock.monotonic() - WINDOW_MS;
    while (this.#connects.length > 0 && this.#connects[0]! <= oldest) this.#connects.shift();
  }
}
