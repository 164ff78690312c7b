/** One writer of rules at a time: a key in Redis that a crash lets go of within a minute. */

import { TryLaterError } from "../base/errors.ts";
import type { RedisConnection } from "../base/redis.ts";

const KEY = "traptor:rules:writing";
const TTL_MS = 60_000;

export class WritingLock {
  readonly #redis: RedisConnection;
  readonly #holder: string;

  private constructor(redis: RedisConnection, holder: string) {
    this.#redis = redis;
    this.#holder = holder;
  }

  /** Takes the lock; `holder` is shown to others. Throws TryLaterError when somebody has it. */
  static async take(redis: RedisConnection, holder: string): Promise<WritingLock> {
    const lock = new WritingLock(redis, holder);
    if (!await redis.claim(KEY, holder, TTL_MS)) throw heldBy(await redis.get(KEY));
    return lock;
  }

  /** Keeps it for another minute. Throws TryLaterError when it has passed to somebody else meanwhile. */
  async renew(): Promise<void> {
    const holder = await this.#redis.get(KEY);
    if (holder !== this.#holder && holder !== null) throw heldBy(holder);
    await this.#redis.setExpiring(KEY, this.#holder, TTL_MS);
  }

  async release(): Promise<void> {
    if (await this.#redis.get(KEY) === this.#holder) await this.#redis.delete([KEY]);
  }
}

function heldBy(holder: string | null): TryLaterError {
  return new TryLaterError(`Cannot write rules now: ${holder ?? "somebody"} is writing them`, {
    hint: "again in a minute",
  });
}
