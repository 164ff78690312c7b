/**
 * How late this machine is: how much later than they were set timers of this process fire, at most. What a machine that
 * does other things costs is to be no fault of those who are judged.
 *
 * @module
 */

const EVERY_MS = 50;

export class LateTimers implements Disposable {
  readonly #timer: ReturnType<typeof setInterval>;
  #due = performance.now() + EVERY_MS;
  worstMs = 0;

  constructor() {
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.worstMs = Math.max(this.worstMs, now - this.#due);
      this.#due = now + EVERY_MS;
    }, EVERY_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
