/** One connection's way to end: by the caller's signal, or by a verdict of ours when something took too long. */

import type { Clock } from "../base/clock.ts";
import { XFailure } from "./x_failure.ts";

export class Connection {
  readonly signal: AbortSignal;
  verdict: XFailure | undefined;
  /** Whether anything at all has come: a tweet, a keep-alive, a notice. */
  broughtSomething = false;
  readonly #abort = new AbortController();
  readonly #clock: Clock;
  #deadline = Infinity;
  #verdictThen: () => XFailure = () => new XFailure("network", "timed out");
  #cancel: (() => void) | undefined;

  constructor(outer: AbortSignal, clock: Clock) {
    this.signal = AbortSignal.any([outer, this.#abort.signal]);
    this.#clock = clock;
  }

  /** Gives the connection up when this much time passes before the next call of `watch` or `unwatch`. */
  watch(ms: number, verdict: () => XFailure): void {
    this.#deadline = this.#clock.monotonic() + ms;
    this.#verdictThen = verdict;
    // One timer serves many calls: setting one for each chunk would cost more than reading it.
    this.#cancel ??= this.#clock.after(ms, () => this.#look());
  }

  unwatch(): void {
    this.#deadline = Infinity;
  }

  end(): void {
    this.#cancel?.();
    this.#abort.abort();
  }

  #look(): void {
    const left = this.#deadline - this.#clock.monotonic();
    this.#cancel = undefined;
    if (left === Infinity) return;
    if (left > 0) {
      this.#cancel = this.#clock.after(left, () => this.#look());
      return;
    }
    this.verdict = this.#verdictThen();
    this.#abort.abort(this.verdict);
  }
}
