/**
 * The rate limit of a rule value: so many tweets a second, with a burst. A tweet is dropped only if every rule that
 * it matched is over its limit; each rule that it matched pays for it.
 */

import type { Clock } from "../base/clock.ts";
import type { Rule } from "../model/rule.ts";

export interface RateLimitOptions {
  perSecond: number;
  capacity: number;
  clock: Clock;
}

export class RateLimit {
  readonly #options: RateLimitOptions;
  /** Tokens left by rule value, and when they were counted. */
  readonly #buckets = new Map<string, { tokens: number; countedAt: number }>();

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  /** Whether a tweet that matched these rules may pass; takes a token from each that has one. */
  allows(rules: readonly Rule[]): boolean {
    let allowed = false;
    for (const value of new Set(rules.map((rule) => rule.value))) {
      if (this.#take(value)) allowed = true;
    }
    return allowed;
  }

  /** Forgets rules that are gone. */
  keepOnly(values: ReadonlySet<string>): void {
    for (const value of this.#buckets.keys()) {
      if (!values.has(value)) this.#buckets.delete(value);
    }
  }

  #take(value: string): boolean {
    const { perSecond, capacity, clock } = this.#options;
    const now = clock.monotonic();
    let bucket = this.#buckets.get(value);
    if (!bucket) {
      bucket = { tokens: capacity, countedAt: now };
      this.#buckets.set(value, bucket);
    }
    bucket.tokens = Math.min(capacity, bucket.tokens + (now - bucket.countedAt) / 1000 * perSecond);
    bucket.countedAt = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}
