/** Waiting for somebody else's answer no longer than a while: a server that is mute must not hold anybody up. */

import type { Clock } from "./clock.ts";
import { TransientError } from "./errors.ts";
import { untilAborted } from "./signals.ts";

export interface Patience {
  readonly clock: Clock;
  /** For how many milliseconds. */
  readonly ms: number;
  /** Who does not answer: `Redis localhost:6379`. */
  readonly who: string;
  /** Ends the waiting at once. */
  readonly signal?: AbortSignal;
}

/**
 * What is answered. Rejects with a TransientError when it takes longer, and with the signal's reason. The work hears of
 * either, by its own signal.
 */
export async function answeredIn<Answer>(
  { clock, ms, signal, who }: Patience,
  work: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const late = new AbortController();
  const cancel = clock.after(ms, () => late.abort(new TransientError(`${who} does not answer in time`)));
  const either = signal ? AbortSignal.any([signal, late.signal]) : late.signal;
  try {
    return await untilAborted(work(either), either);
  } finally {
    cancel();
  }
}
