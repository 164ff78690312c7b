/** Whether this instance is the one that may ask X for anything, for as long as it is: told by the fleet, or always. */

import type { Tenure } from "../fleet/tenure.ts";

export interface Ownership {
  /** Waits until it is; `onWaiting` hears why it is not yet, and whether another instance is. */
  acquire(signal: AbortSignal, onWaiting: (reason: string, isHeld: boolean) => void): Promise<Tenure>;
  /** Called when another instance is, which was this one before. */
  onSucceeded: (by: string) => void;
  /** Goes on beside collecting, until the signal. */
  run(signal: AbortSignal): Promise<void>;
  /** Tells the others that this instance has ended, after everything else. */
  leave(): Promise<void>;
}

/** Where nobody else can be: the lock of the state directory is the lease. */
export class SoleOwnership implements Ownership {
  onSucceeded: (by: string) => void = () => {};

  acquire(): Promise<Tenure> {
    return Promise.resolve({
      signal: new AbortController().signal,
      predecessor: undefined,
      isSafe: true,
      isFirst: true,
      becomeFirst: () => Promise.resolve(undefined),
      keep: () => Promise.resolve(),
      end: () => Promise.resolve(),
    });
  }

  run(): Promise<void> {
    return Promise.resolve();
  }

  leave(): Promise<void> {
    return Promise.resolve();
  }
}
