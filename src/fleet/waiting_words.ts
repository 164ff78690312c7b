/** Why an instance does not hold the app's connection yet, in words. */

import type { Waiting } from "./lease.ts";

/** `host` is the holder's, where it is known; `ttlMs` how long a lease lasts. */
export function whyWaiting({ by, what }: Waiting, host: string | undefined, ttlMs: number): string {
  const seconds = Math.round(ttlMs / 100) / 10;
  switch (what) {
    case "held":
      return `the app's connection is held by the instance ${by}${host === undefined ? "" : ` on ${host}`}`;
    case "new":
      return `Redis is new or was started again, and may have forgotten who holds the app's connection: it is given to ` +
        `nobody for up to ${seconds} s`;
    case "newcomer":
      return `this instance has just come, and the last holder may not know of it yet: it waits up to ${seconds} s`;
  }
}
