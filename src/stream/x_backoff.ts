/**
 * How long to wait before X is asked again: its published schedule, by what went wrong. The waits grow as long as that is
 * the same, and begin anew with another failure.
 */

import type { Random } from "../base/random.ts";
import { Backoff } from "../base/retry.ts";
import { backoffFor, type XFailure, type XFailureKind } from "./x_failure.ts";

export class XBackoff {
  readonly #random: Random;
  #failing: { readonly kind: XFailureKind; readonly backoff: Backoff } | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Whether the last failure was of this kind. */
  isFor(kind: XFailureKind): boolean {
    return this.#failing?.kind === kind;
  }

  /** The next wait in milliseconds, never less than what X asked for. */
  next({ kind, retryAfterMs }: Pick<XFailure, "kind" | "retryAfterMs">): number {
    if (this.#failing?.kind !== kind) this.#failing = { kind, backoff: new Backoff(backoffFor(kind), this.#random) };
    return this.#failing.backoff.next(retryAfterMs);
  }

  /** Starts over: it has worked. */
  reset(): void {
    this.#failing = undefined;
  }
}
