/**
 * The simulator's own time: the only file of this room that knows the system's clock and timers.
 * Every wait, stamp and rate in the room is in this clock's milliseconds. It promises no accuracy beyond the system's
 * timers.
 */

export interface SimulatorClock {
  /** Milliseconds since 1970, whole. */
  now(): number;
  /** Calls back once after so many milliseconds of this clock; the function that is returned cancels it. */
  after(ms: number, callback: () => void): () => void;
}

/** The longest wait that the system's timers take, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The system's clock from now on, run `scale` times faster. */
export function scaledClock(scale: number): SimulatorClock {
  if (!(scale > 0)) throw new RangeError(`Cannot scale time: the scale must be above 0, it is ${scale}`);
  const startedAt = Date.now();
  const start = performance.now();
  return {
    now: () => Math.floor(startedAt + (performance.now() - start) * scale),
    after(ms, callback) {
      const timer = setTimeout(callback, Math.min(ms / scale, LONGEST_TIMER));
      return () => clearTimeout(timer);
    },
  };
}

/** A clock that runs as another does and is so far off it. */
export function skewedClock(clock: SimulatorClock, skewMs: number): SimulatorClock {
  return { now: () => clock.now() + skewMs, after: (ms, callback) => clock.after(ms, callback) };
}

/** Lets others of this process have their turn; no time of any clock has to pass. */
export function othersTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
