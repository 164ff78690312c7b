/**
 * The heartbeat: a key a slot, `track:0:heartbeat`, that expires when nobody writes it any more. It tells that an
 * instance collects the slot, and promises nothing about tweets. A Redis that is away stops no collecting.
 */

import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import type { RedisConnection } from "../base/redis.ts";
import { isRedisFailure } from "../base/redis_failure.ts";
import { type Slot, slotName } from "../model/slot.ts";

export interface HeartbeatOptions {
  /** Closed when the heartbeat ends. */
  redis: RedisConnection;
  slots: readonly Slot[];
  intervalMs: number;
  /** Before each key; a simulation has one of its own. */
  prefix: string;
  host: string;
  version: string;
  app: string;
  clock: Clock;
  events: Events;
}

/** A heartbeat outlives two that are missed. */
const BEATS_TO_LIVE = 3;

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  /** What the keys were last set to. */
  #beat = "";

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  /** Beats until the signal is aborted, then takes its keys away and rejects with the signal's reason. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, intervalMs, redis } = this.#options;
    try {
      while (true) {
        await this.#tolerating(() => this.#write());
        await clock.sleep(intervalMs, signal);
      }
    } finally {
      await this.#tolerating(() => this.#remove());
      redis.close();
    }
  }

  async #write(): Promise<void> {
    const { app, clock, host, intervalMs, redis, version } = this.#options;
    this.#beat = JSON.stringify({ at: new Date(clock.now()).toISOString(), host, version, app });
    for (const key of this.#keys()) await redis.setExpiring(key, this.#beat, intervalMs * BEATS_TO_LIVE);
  }

  /** Removes the keys that nobody else has written to meanwhile. */
  async #remove(): Promise<void> {
    const { redis } = this.#options;
    for (const key of this.#keys()) {
      if (await redis.get(key) === this.#beat) await redis.delete([key]);
    }
  }

  #keys(): string[] {
    return this.#options.slots.map((slot) => `${this.#options.prefix}${slotName(slot)}:heartbeat`);
  }

  async #tolerating(operation: () => Promise<void>): Promise<void> {
    try {
      await operation();
    } catch (error) {
      if (!isRedisFailure(error)) throw error;
      this.#options.events.emit("heartbeat_failed", { reason: error.message });
    }
  }
}
