/**
 * One sink's batches: the records that it does not have yet, in order, as many as it takes at a time. A batch is ready
 * when it is full, when its oldest record has waited long enough, or when nothing more can come.
 *
 * It promises that no record waits longer for company than `maxAgeMs`, those that came while the sink was busy
 * included; these are usually ready at once.
 */

import type { Clock } from "../base/clock.ts";
import type { Backlog, BacklogEntry, BatchLimits } from "../model/backlog.ts";
import { untilAborted } from "../base/signals.ts";

export interface BatchesOptions {
  backlog: Backlog;
  clock: Clock;
  /** The name by which the backlog knows the sink. */
  sink: string;
  limits: BatchLimits;
  maxAgeMs: number;
}

export class Batches {
  readonly #options: BatchesOptions;
  /** No record that is still to be batched came before this moment (of the monotonic clock). */
  #oldestAt = -Infinity;

  constructor(options: BatchesOptions) {
    this.#options = options;
  }

  /**
   * The next batch, as soon as it is ready; the same one again until it is acknowledged. Empty when the backlog is
   * closed and the sink has all of it. Throws the signal's reason.
   */
  async next(signal: AbortSignal): Promise<BacklogEntry[]> {
    const { backlog, clock, limits, maxAgeMs, sink } = this.#options;
    const batch: BacklogEntry[] = [];
    let last = backlog.positionOf(sink);
    let bytes = 0;
    let waitedLongEnough: Promise<false> | undefined;
    const timer = new AbortController();
    try {
      while (true) {
        const room = { records: limits.records - batch.length, bytes: limits.bytes - bytes };
        const more = backlog.read(sink, last, room);
        for (const entry of more) {
          const size = entry.record.value.length;
          // The backlog gives one record however large; it may open a batch but not burst one.
          if (batch.length > 0 && bytes + size > limits.bytes) return batch;
          batch.push(entry);
          bytes += size;
          last = entry.position;
        }
        if (batch.length === limits.records) return batch;
        if (more.length === 0 && backlog.closed) return batch;
        if (batch.length === 0) {
          await untilAborted(backlog.more(sink, last), signal);
          // Of a backlog that was damaged meanwhile the sink may be given again what it was given before.
          last = backlog.positionOf(sink);
          this.#oldestAt = clock.monotonic();
          continue;
        }
        const leftMs = this.#oldestAt + maxAgeMs - clock.monotonic();
        if (leftMs <= 0) break;
        waitedLongEnough ??= clock.sleep(leftMs, timer.signal).then(() => false);
        const grew = backlog.more(sink, last).then(() => true);
        if (!await untilAborted(Promise.race([grew, waitedLongEnough]), signal)) break;
      }
    } finally {
      timer.abort();
    }
    // Everything that was there is in this batch: what comes next comes later than now.
    this.#oldestAt = clock.monotonic();
    return batch;
  }
}
