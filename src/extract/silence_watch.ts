/**
 * Watches somebody who is to say something again and again. What its listener does in between, however long it takes,
 * is no silence of theirs.
 */

import type { Clock } from "../base/clock.ts";

/** How long a source may think before it says something; up to twice as long may pass until that is seen. */
const SILENCE_MS = 60_000;

/** Nothing was said for too long; the code is the one of a time-out of the network's. */
export class Silence extends Error {
  readonly code = "ETIMEDOUT";
}

export class SilenceWatch {
  readonly #clock: Clock;
  readonly #aborter = new AbortController();
  #isWaiting = true;
  /** How often waiting began or ended. */
  #turns = 0;
  #cancel = () => {};

  /** Begins to wait. */
  constructor(clock: Clock) {
    this.#clock = clock;
    this.#look(-1);
  }

  /** Aborted with a `Silence` once it has lasted too long. */
  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  /** Something was said; nothing more is waited for. */
  interrupt(): void {
    this.#isWaiting = false;
    this.#turns += 1;
  }

  /** Waits for the next thing to be said. */
  wait(): void {
    this.#isWaiting = true;
    this.#turns += 1;
  }

  /** Watches no more. */
  end(): void {
    this.#cancel();
  }

  /** One timer for many turns: what is waited for comes by the hundred thousand. */
  #look(turnsBefore: number): void {
    if (this.#isWaiting && this.#turns === turnsBefore) return this.#aborter.abort(new Silence());
    const turns = this.#turns;
    this.#cancel = this.#clock.after(SILENCE_MS, () => this.#look(turns));
  }
}
