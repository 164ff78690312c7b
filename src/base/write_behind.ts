/** Writing to a server beside the work: what is not written yet is written when there is news, and until it succeeds. */

import type { Clock } from "./clock.ts";
import type { Flag } from "./flag.ts";
import type { Random } from "./random.ts";
import { Backoff, type BackoffPolicy } from "./retry.ts";

export interface WriteBehindOptions {
  /** Raised when there is something to write. */
  readonly noted: Flag;
  /** Writes what waits; answers whether nothing waits any more. */
  readonly write: (signal: AbortSignal) => Promise<boolean>;
  readonly policy: BackoffPolicy;
  readonly clock: Clock;
  readonly random: Random;
}

/** Writes until the signal is aborted, then what is left, once, and rejects with the signal's reason. */
export async function writeBehind(
  { clock, noted, policy, random, write }: WriteBehindOptions,
  signal: AbortSignal,
): Promise<never> {
  const backoff = new Backoff(policy, random);
  try {
    while (true) {
      await noted.lowered(signal);
      while (!await write(signal)) await clock.sleep(backoff.next(), signal);
      backoff.reset();
    }
  } finally {
    await write(new AbortController().signal);
  }
}
