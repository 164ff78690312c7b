/**
 * Delivers the backlog to one sink: opens it, writes batch after batch, acknowledges what the sink has acknowledged.
 * A batch without a definite answer is written again, never others in its place. It knows how the sink does.
 */

import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import type { Random } from "../base/random.ts";
import { BACKOFF, retry } from "../base/retry.ts";
import type { Backlog, BacklogEntry, Position } from "../model/backlog.ts";
import { Batches } from "./batches.ts";
import type { Sink, Written } from "./sink.ts";
import { untilAborted } from "../base/signals.ts";

export interface DeliveryOptions {
  sink: Sink;
  backlog: Backlog;
  events: Events;
  clock: Clock;
  random: Random;
  /** How long a record may wait for others to be written with, in milliseconds. */
  maxAgeMs: number;
}

/** How one sink does. */
export interface SinkHealth {
  readonly sink: string;
  readonly target: string;
  readonly state: "opening" | "ok" | "failing";
  /** When this state began, in milliseconds since 1970. */
  readonly since: number;
  /** Why it is failing. */
  readonly reason: string | undefined;
  /** Records that it has acknowledged; those that it refused are not among them. */
  readonly delivered: number;
  readonly position: Position;
}

/** A sink that has not answered for so long counts as failing, though its answer is still waited for. */
const ANSWER_WITHIN_MS = 10_000;

/** How long a sink may take to let go after a stop. */
const CLOSE_WITHIN_MS = 500;

export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #batches: Batches;
  #state: Pick<SinkHealth, "state" | "since" | "reason">;
  #delivered = 0;

  constructor(options: DeliveryOptions) {
    const { backlog, clock, maxAgeMs, sink } = options;
    this.#options = options;
    this.#batches = new Batches({ backlog, clock, sink: sink.name, limits: sink.limits, maxAgeMs });
    this.#state = { state: "opening", since: clock.now(), reason: undefined };
  }

  get health(): SinkHealth {
    const { backlog, sink } = this.#options;
    const position = backlog.positionOf(sink.name);
    return { sink: sink.name, target: sink.target, ...this.#state, delivered: this.#delivered, position };
  }

  /**
   * Delivers until the backlog is closed and the sink has all of it, then closes the sink. Throws the signal's reason
   * as soon as it is aborted, and what the sink throws that is no TransientError.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { events, sink } = this.#options;
    try {
      await this.#persist(() => sink.open(signal), signal);
      events.emit("sink_opened", { sink: sink.name, target: sink.target });
      while (true) {
        const batch = await this.#batches.next(signal);
        if (batch.length === 0) return;
        await this.#write(batch, signal);
      }
    } finally {
      await this.#close(signal);
    }
  }

  /** Nobody reads the sink any more: what it did not get is told, and waits no longer. */
  leave(): void {
    const { backlog, events, sink } = this.#options;
    events.emit("reader_gone", { sink: sink.target, records: backlog.leave(sink.name) });
  }

  async #write(batch: readonly BacklogEntry[], signal: AbortSignal): Promise<void> {
    const { backlog, clock, events, sink } = this.#options;
    const records = batch.map((entry) => entry.record);
    let written: Written = {};
    await this.#persist(async () => void (written = await sink.write(records, signal)), signal);
    const { receipt } = written;
    const refused = [...written.refused ?? []];
    const reasons = new Map(refused.map(([at, reason]) => [batch[at]!.position, reason]));
    backlog.acknowledge(sink.name, { entries: batch, refused: reasons, receipt });
    for (const [at, reason] of refused) {
      events.emit("record_refused", { sink: sink.name, id: records[at]!.id, reason });
    }
    const taken = records.length - refused.length;
    this.#delivered += taken;
    const now = clock.now();
    const waitedMs = batch.filter(({ position }) => !reasons.has(position)).map(({ facts }) => now - facts.at);
    if (taken > 0) events.emit("batch_delivered", { sink: sink.name, records: taken, waitedMs });
  }

  /** Runs an operation of the sink until it succeeds, and keeps account of how the sink does. */
  async #persist(operation: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const { backlog, clock, events, random, sink } = this.#options;
    let hasFailed = false;
    await retry(() => this.#watched(operation, signal), {
      policy: BACKOFF.sink,
      clock,
      random,
      signal,
      onFailure: ({ message: reason }, waitMs) => {
        hasFailed = true;
        this.#become("failing", reason);
        events.emit("sink_failed", { sink: sink.target, reason, waitMs, waiting: backlog.undelivered });
      },
    });
    this.#become("ok");
    if (hasFailed) events.emit("sink_recovered", { sink: sink.target, waiting: backlog.undelivered });
  }

  /** The operation, watched for silence and left behind when the signal is aborted. */
  async #watched(operation: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const silence = `no answer for ${ANSWER_WITHIN_MS / 1000} s`;
    const cancel = this.#options.clock.after(ANSWER_WITHIN_MS, () => this.#become("failing", silence));
    try {
      await untilAborted(operation(), signal);
    } finally {
      cancel();
    }
  }

  /** Closes the sink. Once stopped, one that does not let go is left behind. */
  async #close(signal: AbortSignal): Promise<void> {
    const closed = new AbortController();
    const leftBehind = stopped(signal).then(() => this.#options.clock.sleep(CLOSE_WITHIN_MS, closed.signal));
    try {
      await Promise.race([this.#options.sink.close(), leftBehind]);
    } finally {
      closed.abort();
    }
  }

  #become(state: SinkHealth["state"], reason?: string): void {
    const since = this.#state.state === state ? this.#state.since : this.#options.clock.now();
    this.#state = { state, since, reason };
  }
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
