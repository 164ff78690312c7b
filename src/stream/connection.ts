/** One connection's way to end: by the caller's signal, or by a verdict of ours when something took too long. */

import type { Clock } from "../base/clock.ts";
import { XFailure } from "./x_failure.ts";

export class Connection {
  readonly signal: AbortSignal;
  /** The caller's signal. */
  readonly outer: AbortSignal;
  /** Why it was given up. */
  verdict: XFailure | undefined;
  /** Whether anything at all has come: a tweet, a keep-alive, a notice. */
  broughtSomething = false;
  readonly #abort = new AbortController();
  readonly #clock: Clock;
  #deadline = Infinity;
  /** When the timer ends that looks at the deadline. */
  #looksAt = Infinity;
  #verdictThen: () => XFailure = () => new XFailure("network", "timed out");
  #cancel: (() => void) | undefined;

  constructor(outer: AbortSignal, clock: Clock) {
    this.outer = outer;
    this.signal = AbortSignal.any([outer, this.#abort.signal]);
    this.#clock = clock;
  }

  /** Gives the connection up when this much time passes before the next call of `watch` or `unwatch`. */
  watch(ms: number, verdict: () => XFailure): void {
    this.#deadline = this.#clock.monotonic() + ms;
    this.#verdictThen = verdict;
    // One timer serves many calls: setting one for each chunk would cost more than reading it.
    if (this.#cancel && this.#looksAt <= this.#deadline) return;
    this.#cancel?.();
    this.#lookAfter(ms);
  }

  unwatch(): void {
    this.#deadline = Infinity;
  }

  /** Ends it, for this reason; the first one counts. */
  giveUp(verdict: XFailure): void {
    this.verdict ??= verdict;
    this.#abort.abort(this.verdict);
  }

  end(): void {
    this.#cancel?.();
    this.#abort.abort();
  }

  #look(): void {
    const left = this.#deadline - this.#clock.monotonic();
    this.#cancel = undefined;
    if (left === Infinity) return;
    if (left > 0) this.#lookAfter(left);
    else this.giveUp(this.#verdictThen());
  }

  #lookAfter(ms: number): void {
    this.#looksAt = this.#clock.monotonic() + ms;
    this.#cancel = this.#clock.after(ms, () => this.#look());
  }
}
