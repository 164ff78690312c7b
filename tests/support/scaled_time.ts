/**
 * Time that runs faster, for several processes in step: the simulator's clock, the collector's flag, and waits of the
 * test's own.
 *
 * @module
 */
import type { SimulatorClock } from "../../src/simulate/simulator.ts";

/** Timers of the system take no more. */
const LONGEST_TIMER = 2 ** 31 - 1;

export class ScaledTime implements SimulatorClock {
  readonly #since = Date.now();
  readonly #start = performance.now();

  /** Runs so many times faster from now on. */
  constructor(readonly scale: number) {}

  /** The arguments that put a collector in step; none where time is as it is. */
  get args(): string[] {
    return this.scale === 1 ? [] : ["--time-scale", `${this.scale}@${this.#since}`];
  }

  now(): number {
    if (this.scale === 1) return Date.now();
    return Math.floor(this.#since + (performance.now() - this.#start) * this.scale);
  }

  after(ms: number, callback: () => void): () => void {
    const timer = setTimeout(callback, Math.min(ms / this.scale, LONGEST_TIMER));
    return () => clearTimeout(timer);
  }

  /** Waits so many milliseconds of this time. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }
}
