/**
 * Retrying is data plus one loop: a policy says how long to wait before which try, `Backoff` keeps count,
 * `retry` runs an operation until it succeeds. Only a `TransientError` is tried again; anything else surfaces.
 * Every wait ends at once when the signal is aborted.
 */

import type { Clock } from "./clock.ts";
import { TransientError } from "./errors.ts";
import type { Random } from "./random.ts";

/** How waits grow: by adding `stepMs` or by doubling, from `firstMs` up to `mostMs`. */
export interface BackoffPolicy {
  readonly firstMs: number;
  readonly mostMs: number;
  readonly growth: "double" | { readonly stepMs: number };
  /** The part of each wait that chance may add, 0 to 1. */
  readonly jitter: number;
}

/**
 * Named policies. X's first three are its published schedule (docs.x.com, Filtered stream: Handling disconnections);
 * the jitter is ours and only ever lengthens a wait.
 */
export const BACKOFF = {
  xNetwork: { firstMs: 250, mostMs: 16_000, growth: { stepMs: 250 }, jitter: 0.1 },
  xHttp: { firstMs: 5_000, mostMs: 320_000, growth: "double", jitter: 0.1 },
  xRateLimit: { firstMs: 60_000, mostMs: 900_000, growth: "double", jitter: 0.1 },
  xSlot: { firstMs: 60_000, mostMs: 60_000, growth: "double", jitter: 0.1 },
  xDepleted: { firstMs: 900_000, mostMs: 3_600_000, growth: "double", jitter: 0.1 },
  xRefused: { firstMs: 900_000, mostMs: 900_000, growth: "double", jitter: 0.1 },
  redis: { firstMs: 250, mostMs: 15_000, growth: "double", jitter: 0.2 },
  disk: { firstMs: 1_000, mostMs: 30_000, growth: "double", jitter: 0.2 },
  sink: { firstMs: 250, mostMs: 30_000, growth: "double", jitter: 0.2 },
} as const satisfies Record<string, BackoffPolicy>;

/** The waits of one policy, one after the other. */
export class Backoff {
  readonly #policy: BackoffPolicy;
  readonly #random: Random;
  #tries = 0;

  constructor(policy: BackoffPolicy, random: Random) {
    this.#policy = policy;
    this.#random = random;
  }

  /** How many waits were handed out since the last reset. */
  get tries(): number {
    return this.#tries;
  }

  /** The next wait in milliseconds, never less than what the other side asked for. */
  next(atLeastMs = 0): number {
    const { firstMs, mostMs, growth, jitter } = this.#policy;
    // Beyond 30 doublings every policy has long reached its cap; the bound keeps the power finite.
    const grown = growth === "double"
      ? firstMs * 2 ** Math.min(this.#tries, 30)
      : firstMs + growth.stepMs * this.#tries;
    this.#tries += 1;
    return Math.round(Math.max(Math.min(grown, mostMs), atLeastMs) * (1 + jitter * this.#random.fraction()));
  }

  /** Starts over: the operation succeeded. */
  reset(): void {
    this.#tries = 0;
  }
}

export interface RetryOptions {
  policy: BackoffPolicy;
  clock: Clock;
  random: Random;
  signal: AbortSignal;
  /** Told of every failure before its wait. */
  onFailure?: (error: TransientError, waitMs: number, tries: number) => void;
}

/**
 * Runs the operation until it succeeds. Throws what the operation throws when that is no `TransientError`,
 * and the signal's reason when it is aborted.
 */
export async function retry<T>(operation: () => Promise<T>, options: RetryOptions): Promise<T> {
  const backoff = new Backoff(options.policy, options.random);
  while (true) {
    options.signal.throwIfAborted();
    try {
      return await operation();
    } catch (error) {
      options.signal.throwIfAborted();
      if (!(error instanceof TransientError)) throw error;
      const waitMs = backoff.next(error.retryAfterMs);
      options.onFailure?.(error, waitMs, backoff.tries);
      await options.clock.sleep(waitMs, options.signal);
    }
  }
}
