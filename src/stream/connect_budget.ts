/**
 * How often we may still connect: X allows an app 50 connects in 15 minutes (docs.x.com, Rate limits), and five of them
 * are left to the operator. Who starts again and again would spend them unnoticed: a log that outlives the process
 * remembers them.
 */

import type { Clock } from "../base/clock.ts";

export const WINDOW_MS = 15 * 60_000;
const MOST_CONNECTS = 45;

/** Remembers connects beyond the process; times in milliseconds since 1970. */
export interface ConnectLog {
  /** Those after a moment. */
  connectsSince(since: number): number[];
  /** Written before the connect begins. Connects before `since` are of no use any more. */
  noteConnect(at: number, since: number): void;
}

export class ConnectBudget {
  readonly #clock: Clock;
  readonly #log: ConnectLog | undefined;
  #connects: number[];

  constructor(clock: Clock, log?: ConnectLog) {
    this.#clock = clock;
    this.#log = log;
    this.#connects = (log?.connectsSince(clock.now() - WINDOW_MS) ?? []).toSorted((one, other) => one - other);
  }

  /** How many connects are left in the current window. */
  get left(): number {
    this.#forgetOld();
    return MOST_CONNECTS - this.#connects.length;
  }

  /** Milliseconds until the next connect is allowed: 0 when it is allowed now. */
  waitMs(): number {
    this.#forgetOld();
    const first = this.#connects[this.#connects.length - MOST_CONNECTS];
    return first === undefined ? 0 : first + WINDOW_MS - this.#clock.now();
  }

  /** Counts a connect that begins now. */
  spend(): void {
    const now = this.#clock.now();
    this.#connects.push(now);
    this.#log?.noteConnect(now, now - WINDOW_MS);
  }

  /** What lies in the future is of a clock that was put back since: nobody can tell when it was. */
  #forgetOld(): void {
    const now = this.#clock.now();
    this.#connects = this.#connects.filter((at) => at > now - WINDOW_MS && at <= now);
  }
}
