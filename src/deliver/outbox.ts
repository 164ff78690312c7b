/**
 * Delivers the backlog: one loop for each sink, in order, in batches by count, bytes and age. A record counts as
 * delivered when its sink has acknowledged it, never before. A sink that is away, at the start too, delays nothing but
 * its own delivery.
 */

import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import type { Random } from "../base/random.ts";
import type { Backlog } from "../model/backlog.ts";
import { Delivery, type SinkHealth } from "./delivery.ts";
import { ReaderGone, type Sink } from "./sink.ts";

export interface OutboxOptions {
  sinks: readonly Sink[];
  backlog: Backlog;
  events: Events;
  clock: Clock;
  random: Random;
  /** How long a record may wait for others to be written with, in milliseconds. */
  maxAgeMs?: number;
}

const MAX_AGE_MS = 20;

export class Outbox {
  readonly #deliveries: readonly Delivery[];

  constructor({ sinks, maxAgeMs = MAX_AGE_MS, ...rest }: OutboxOptions) {
    this.#deliveries = sinks.map((sink) => new Delivery({ sink, maxAgeMs, ...rest }));
  }

  /** How each sink does, in the order in which they were given. */
  health(): SinkHealth[] {
    return this.#deliveries.map((delivery) => delivery.health);
  }

  /**
   * Delivers until the backlog is closed and every sink has all of it. A sink whose reader has gone is left out from
   * then on, `onReaderGone` is called, and the others go on. Throws the signal's reason as soon as it is aborted, and
   * what a sink throws that is neither TransientError nor ReaderGone (an EndingError, a bug): the other
   * sinks then stop as well. All sinks are closed in any case.
   */
  async run(signal: AbortSignal, onReaderGone: () => void): Promise<void> {
    const failed = new AbortController();
    const either = AbortSignal.any([signal, failed.signal]);
    await Promise.allSettled(this.#deliveries.map(async (delivery) => {
      try {
        await delivery.run(either);
      } catch (error) {
        if (error instanceof ReaderGone) {
          delivery.leave();
          return onReaderGone();
        }
        // The first failure is the one to tell; what the others throw on being stopped is this very error.
        failed.abort(error);
      }
    }));
    failed.signal.throwIfAborted();
  }
}
