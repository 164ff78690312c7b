/** Counts requests in X's windows and says so in X's headers. Source: docs.x.com, Rate limits. */

import type { SimulatorClock } from "../clock.ts";

interface Window {
  used: number;
  /** Milliseconds since 1970. */
  resetsAt: number;
}

export interface RateLimit {
  readonly isOver: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

export class RateLimits {
  readonly #clock: SimulatorClock;
  readonly #windowMs: number;
  readonly #windows = new Map<string, Window>();
  #blockedUntil = 0;

  constructor(clock: SimulatorClock, windowMs: number) {
    this.#clock = clock;
    this.#windowMs = windowMs;
  }

  /** Lets every request be one too many for so long. */
  block(ms: number): void {
    this.#blockedUntil = this.#clock.now() + ms;
  }

  /** Counts one request of an endpoint that allows `limit` in a window. */
  spend(endpoint: string, limit: number): RateLimit {
    const now = this.#clock.now();
    if (now < this.#blockedUntil) return { isOver: true, headers: headersOf(limit, 0, this.#blockedUntil) };
    let window = this.#windows.get(endpoint);
    if (!window || window.resetsAt <= now) {
      window = { used: 0, resetsAt: now + this.#windowMs };
      this.#windows.set(endpoint, window);
    }
    window.used += 1;
    return { isOver: window.used > limit, headers: headersOf(limit, limit - window.used, window.resetsAt) };
  }
}

function headersOf(limit: number, remaining: number, resetsAt: number): Record<string, string> {
  return {
    "x-rate-limit-limit": String(limit),
    "x-rate-limit-remaining": String(Math.max(remaining, 0)),
    "x-rate-limit-reset": String(Math.ceil(resetsAt / 1000)),
  };
}
