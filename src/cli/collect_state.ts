/**
 * The state directory of a collector, before it begins: waited for where its disk takes nothing now, and, if that is
 * wanted, where another collector has it.
 */

import type { Clock } from "../base/clock.ts";
import { DiskError, type TransientError, UsageError } from "../base/errors.ts";
import type { Events } from "../base/events.ts";
import type { Random } from "../base/random.ts";
import { BACKOFF, retry } from "../base/retry.ts";
import { holderShown, lockState, type StateLock, tryLockState } from "../journal/state_lock.ts";
import type { Arguments, Flag } from "./arguments.ts";

/** What is done where another collector has the state. */
export type IfHeld = "refuse" | "wait" | "give_up";

export const IF_HELD_FLAGS: readonly Flag[] = [
  { name: "wait", help: "where another traptor collects for this app, wait for its end" },
  { name: "if-not-running", help: "where another traptor collects for this app, end at once with 0; for cron" },
];

/** What is wanted. Throws UsageError for both at once. */
export function ifHeldIn({ switches }: Arguments): IfHeld {
  const [waits, givesUp] = [switches.has("wait"), switches.has("if-not-running")];
  if (waits && givesUp) {
    throw new UsageError("Cannot use --wait with --if-not-running: one waits for the other traptor, one does not", {
      hint: "one of them",
    });
  }
  return waits ? "wait" : givesUp ? "give_up" : "refuse";
}

export interface StateSurroundings {
  readonly directory: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: Events;
  readonly signal: AbortSignal;
}

/** How often a lock that another process has is tried again. */
const LOCK_MS = 1_000;

/**
 * Takes the lock of the state directory; undefined where another process has it and that is to end this one. Throws what
 * `lockState` does, but for a disk, which is waited for, and the signal's reason.
 */
export async function takeState(surroundings: StateSurroundings, ifHeld: IfHeld): Promise<StateLock | undefined> {
  const { clock, directory, events, signal } = surroundings;
  const holder = () => ({ pid: Deno.pid, since: new Date(clock.now()).toISOString() });
  if (ifHeld === "refuse") return await patiently(surroundings, () => lockState(directory, holder()));
  const take = () => patiently(surroundings, () => tryLockState(directory, holder()));
  let lock = await take();
  if (lock || ifHeld === "give_up") return lock;
  events.emit("lock_waiting", { holder: await holderShown(directory) });
  while (!lock) {
    await clock.sleep(LOCK_MS, signal);
    lock = await take();
  }
  return lock;
}

/** Does something that needs the disk, again and again as long as the disk does not allow it. */
export async function patiently<Result>(
  { clock, directory, events, random, signal }: StateSurroundings,
  operation: () => Promise<Result>,
): Promise<Result> {
  return await retry(operation, {
    policy: BACKOFF.disk,
    clock,
    random,
    signal,
    onFailure: (error: TransientError, waitMs) => {
      if (!(error instanceof DiskError)) throw error;
      events.emit("state_unusable", { directory, reason: error.message, waitMs });
    },
  });
}
