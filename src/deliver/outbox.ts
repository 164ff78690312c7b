/**
 * Delivers the backlog: one loop for each sink, in order, in batches by count, bytes and age. A record counts as
 * delivered when its sink has acknowledged it, never before; a batch without a definite answer is sent again, never
 * others in its place. A sink that is away, at the start too, delays nothing but its own delivery.
 */

import type { Clock } from "../base/clock.ts";
import { TransientError } from "../base/errors.ts";
import type { Events } from "../base/events.ts";
import type { Random } from "../base/random.ts";
import { BACKOFF, retry } from "../base/retry.ts";
import type { Backlog } from "../model/backlog.ts";
import { RejectedRecords, type Sink } from "./sink.ts";

export interface OutboxOptions {
  sinks: readonly Sink[];
  backlog: Backlog;
  events: Events;
  clock: Clock;
  random: Random;
  /** How long a batch that is not full may wait for more, in milliseconds. */
  maxAgeMs?: number;
}

/** How one sink does. */
export interface SinkHealth {
  readonly sink: string;
  readonly target: string;
  readonly state: "opening" | "ok" | "failing";
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Why it is failing. */
  readonly reason: string | undefined;
}

const MAX_AGE_MS = 20;

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #health = new Map<string, SinkHealth>();

  constructor(options: OutboxOptions) {
    this.#options = options;
    for (const sink of options.sinks) this.#become(sink, "opening");
  }

  health(): SinkHealth[] {
    return [...this.#health.values()];
  }

  /**
   * Delivers until the backlog is closed and every sink has all of it, or at once until the signal is aborted.
   * Throws what a sink throws that is neither a TransientError nor RejectedRecords; the other sinks then stop as well.
   */
  async run(signal: AbortSignal): Promise<void> {
    const others = new AbortController();
    const either = AbortSignal.any([signal, others.signal]);
    const outcomes = await Promise.allSettled(this.#options.sinks.map(async (sink) => {
      try {
        await this.#deliver(sink, either);
      } catch (error) {
        if (!either.aborted) others.abort(error);
        throw error;
      } finally {
        await sink.close();
      }
    }));
    if (others.signal.aborted) throw others.signal.reason;
    signal.throwIfAborted();
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  }

  async #deliver(sink: Sink, signal: AbortSignal): Promise<void> {
    const { backlog, clock, events, maxAgeMs = MAX_AGE_MS } = this.#options;
    await this.#persist(sink, () => sink.open(signal), signal);
    events.emit("sink_opened", { sink: sink.name, target: sink.target });
    while (true) {
      const after = backlog.positionOf(sink.name);
      await endsWith(backlog.more(after), signal);
      let batch = backlog.read(after, sink.limits);
      if (batch.length === 0) return; // closed, and drained
      if (batch.length < sink.limits.records && !backlog.closed) {
        await clock.sleep(maxAgeMs, signal);
        batch = backlog.read(after, sink.limits);
      }
      const records = batch.map((entry) => entry.record);
      let refused = 0;
      await this.#persist(sink, async () => {
        try {
          await sink.write(records, signal);
        } catch (error) {
          if (!(error instanceof RejectedRecords)) throw error;
          refused = error.rejected.length;
          for (const { id, reason } of error.rejected) {
            events.emit("record_refused", { sink: sink.name, id, reason });
            events.emit("tweet_dropped", { id, reason: "sink_refused" });
          }
        }
      }, signal);
      backlog.acknowledge(sink.name, batch.at(-1)!.position);
      if (records.length > refused) {
        events.emit("batch_delivered", { sink: sink.name, records: records.length - refused });
      }
    }
  }

  /** Runs an operation of a sink until it succeeds, and tells how the sink does. */
  async #persist(sink: Sink, operation: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const { backlog, clock, events, random } = this.#options;
    await retry(operation, {
      policy: BACKOFF.sink,
      clock,
      random,
      signal,
      onFailure: (error: TransientError, waitMs) => {
        this.#become(sink, "failing", error.message);
        const { records } = backlog.waiting;
        events.emit("sink_failed", { sink: sink.target, reason: error.message, waitMs, waiting: records });
      },
    });
    const wasFailing = this.#health.get(sink.name)?.state === "failing";
    this.#become(sink, "ok");
    if (wasFailing) events.emit("sink_recovered", { sink: sink.target, waiting: backlog.waiting.records });
  }

  #become(sink: Sink, state: SinkHealth["state"], reason?: string): void {
    const before = this.#health.get(sink.name);
    const since = before?.state === state ? before.since : this.#options.clock.now();
    this.#health.set(sink.name, { sink: sink.name, target: sink.target, state, since, reason });
  }
}

/** The promise, or the signal's reason as soon as it is aborted. */
function endsWith(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
