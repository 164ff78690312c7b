/**
 * The one place where time comes in. Everything that waits or asks for the time does so through a `Clock`,
 * so that tests hold time still and `--time-scale N` makes every wait N times shorter.
 *
 * A scaled clock runs N times faster from the moment it was made, or from one that is named, which processes can share:
 * `now()` moves on N seconds in one.
 * It promises no accuracy beyond that of the system's timers.
 */

export interface Clock {
  /** How many times faster it runs than everybody else's. */
  readonly scale: number;
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds since some fixed moment; never goes back. */
  monotonic(): number;
  /** Resolves after so many milliseconds; rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once after so many milliseconds; the function that is returned cancels it. */
  after(ms: number, callback: () => void): () => void;
}

/** The longest wait that the system's timers take, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * The system's clock, run `scale` times faster since `since`, in milliseconds since 1970; without it, from now on.
 * Throws a RangeError for a scale that is not a positive number.
 */
export function systemClock(scale = 1, since?: number): Clock {
  if (!(scale > 0)) throw new RangeError(`Cannot scale time: the scale must be above 0, it is ${scale}`);
  const monotonicStart = performance.now();
  const madeAt = performance.timeOrigin + monotonicStart;
  const startedAt = since === undefined ? madeAt : since + (madeAt - since) * scale;
  const elapsed = () => (performance.now() - monotonicStart) * scale;

  return {
    scale,
    // Unscaled, the wall clock is asked each time, so that an operator's correction of it is seen.
    now: scale === 1 ? Date.now : () => Math.floor(startedAt + elapsed()),
    monotonic: elapsed,
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const timer = setTimeout(finish, Math.min(ms / scale, LONGEST_TIMER));
        signal?.addEventListener("abort", stop, { once: true });
        function finish() {
          signal?.removeEventListener("abort", stop);
          resolve();
        }
        function stop() {
          clearTimeout(timer);
          reject(signal!.reason);
        }
      });
    },
    after(ms, callback) {
      const timer = setTimeout(callback, Math.min(ms / scale, LONGEST_TIMER));
      return () => clearTimeout(timer);
    },
  };
}
