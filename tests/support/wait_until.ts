/**
 * Waiting for something that is to become true, with an end.
 *
 * @module
 */

/** What is waited for, and for how long. */
export interface WaitOptions {
  /** What it is, for the error. */
  readonly what: string;
  /** How long it may take. */
  readonly withinMs?: number;
  /** How long to pause between two looks. */
  readonly everyMs?: number;
}

/** Looks until `look` answers with something truthy, which it returns; an error of `look` counts as "not yet". */
export async function waitUntil<T>(look: () => T | Promise<T>, options: WaitOptions): Promise<NonNullable<T>> {
  const { what, withinMs = 10_000, everyMs = 20 } = options;
  const end = performance.now() + withinMs;
  let lastError: unknown;
  while (true) {
    try {
      const answer = await look();
      if (answer) return answer;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() >= end) throw new Error(`${what}: not within ${withinMs} ms`, { cause: lastError });
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
