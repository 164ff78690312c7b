/**
 * Marks in Redis what this instance has taken, a few times a second and in batches, once it is on disk: whoever reads the
 * same by another connection leaves it out. What Redis does not take is tried again, as far as memory for it goes.
 */

import type { Clock } from "../base/clock.ts";
import { isRedisFailure } from "../base/redis_failure.ts";

/** Where ids of taken tweets are. */
export interface Marks {
  mark(ids: readonly string[]): Promise<void>;
  marked(ids: readonly string[]): Promise<ReadonlySet<string>>;
}

export interface TakenMarksOptions {
  readonly marks: Marks;
  /** What is at hand is written; answers whether all of it is on disk. */
  readonly settle: () => boolean;
  readonly clock: Clock;
}

const EVERY_MS = 250;
/** How many ids are kept that are not marked yet. */
const MOST_IDS = 100_000;

export class TakenMarks {
  readonly #options: TakenMarksOptions;
  readonly #ids = new Set<string>();

  constructor(options: TakenMarksOptions) {
    this.#options = options;
  }

  note(id: string): void {
    this.#ids.add(id);
    if (this.#ids.size > MOST_IDS) this.#ids.delete(this.#ids.values().next().value!);
  }

  /** Marks until the signal is aborted, and rejects with its reason. */
  async run(signal: AbortSignal): Promise<void> {
    while (true) {
      await this.#options.clock.sleep(EVERY_MS, signal);
      await this.write();
    }
  }

  async write(): Promise<void> {
    const { marks, settle } = this.#options;
    if (this.#ids.size === 0 || !settle()) return;
    const ids = [...this.#ids];
    this.#ids.clear();
    try {
      await marks.mark(ids);
    } catch (error) {
      if (!isRedisFailure(error)) throw error;
      for (const id of ids) this.note(id);
    }
  }
}
