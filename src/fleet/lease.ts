/**
 * One lease of an app's connection: whoever has it may begin requests to X, until its own deadline. Redis decides who
 * gets it (`lease_scripts.ts`); the deadline is the holder's, and earlier than Redis's.
 *
 * It promises: `isHeld` is never true after the deadline, which is counted from before Redis was asked, on the wall clock
 * and the monotonic one; nor after a jump of more than a second between these two, for then the machine may have stood
 * still. Whoever asks `isHeld` right before each request begins none too late. It does not promise that a request that has
 * begun ends in time.
 */

import type { Clock } from "../base/clock.ts";
import { answeredIn } from "../base/patience.ts";
import type { RedisConnection } from "../base/redis.ts";
import { WrongKeyTypeError } from "../base/redis_failure.ts";
import { type AliveRecord, aliveText, readAlive } from "./alive_record.ts";
import { Deadline, type Moment, momentOf } from "./deadline.ts";
import { ACQUIRE, RELEASE, RENEW } from "./lease_scripts.ts";
import type { RedisTime } from "./redis_time.ts";

export interface LeaseOptions {
  readonly redis: RedisConnection;
  /** Before each key; a simulation has one of its own. */
  readonly prefix: string;
  readonly app: string;
  /** Which of the app's connections it is for, from 1. */
  readonly number: number;
  readonly instance: string;
  readonly process: string;
  readonly host: string;
  readonly ttlMs: number;
  readonly clock: Clock;
  readonly time: RedisTime;
  /** Called when a lease that was held is lost, with the reason in words. */
  readonly onLost: (reason: string) => void;
}

/** What Redis says to who wants the lease; what the holders of the app told last, by the number of the connection. */
export interface Granted {
  readonly what: "granted";
  readonly last: ReadonlyMap<number, AliveRecord>;
}

export interface Waiting {
  readonly what: "held" | "new" | "newcomer";
  /** Of `held`: by which instance. */
  readonly by: string;
  readonly last: ReadonlyMap<number, AliveRecord>;
}

interface Held {
  readonly generation: number;
  readonly deadline: Deadline;
}

/**
 * How long an answer of Redis is waited for at most, and which part of the lease's time: whoever goes on alone has to wait
 * for two of them in vain within half of it.
 */
const PATIENCE_MS = 3_000;
const PATIENCE_PART = 1 / 6;

/** The channel on which an app's instances hear that a lease was released. */
export function leaseChannel(prefix: string, app: string): string {
  return `${prefix}traptor:leases:${app}`;
}

export class Lease {
  readonly #options: LeaseOptions;
  readonly #key: string;
  readonly #alive: string;
  readonly #owner: string;
  #held: Held | undefined;
  #cancelDeadline: (() => void) | undefined;
  /** The largest generation that was ever seen. */
  #seen = 0;

  constructor(options: LeaseOptions) {
    this.#options = options;
    const { app, instance, number, prefix, process } = options;
    this.#key = `${prefix}traptor:lease:${app}${number === 1 ? "" : `:${number}`}`;
    this.#alive = `${prefix}traptor:alive:${app}`;
    this.#owner = `${instance}:${process}`;
  }

  get number(): number {
    return this.#options.number;
  }

  /** Its generation; 0 where it is not held. */
  get generation(): number {
    return this.#held?.generation ?? 0;
  }

  /** Whether a request may begin now. */
  get isHeld(): boolean {
    const fault = this.#held?.deadline.fault;
    if (fault !== undefined) this.#lose(fault);
    return this.#held !== undefined;
  }

  /**
   * Asks for the lease, having been in the roster for so long. `isAlone`: nobody else was there when this instance last
   * looked, and it went on without Redis. Throws TransientError, and the signal's reason.
   */
  async acquire(
    { isAlone, joinedMs }: { readonly isAlone: boolean; readonly joinedMs: number },
    signal: AbortSignal,
  ): Promise<Granted | Waiting> {
    const { app, clock, host, instance, number, prefix, process, time } = this.#options;
    const keys = [this.#key, `${prefix}traptor:generation:${app}`, `${prefix}traptor:epoch`, this.#alive] as const;
    const before = momentOf(clock);
    const answer = await this.#ask(
      ACQUIRE,
      [...keys],
      [
        this.#owner,
        instance,
        this.#inRedis(this.#options.ttlMs),
        String(this.#seen),
        this.#inRedis(joinedMs),
        String(number),
        isAlone ? "1" : "0",
        process,
        host,
      ],
      signal,
    );
    const [now, what, word, ...records] = answer;
    time.learn(before.monotonic, Number(now));
    const last = recordsIn(records);
    for (const { generation } of last.values()) this.#seen = Math.max(this.#seen, generation);
    if (what !== "granted") return { what: what as Waiting["what"], by: String(word).split(":")[0]!, last };
    this.#seen = Number(word);
    this.#confirm(this.#seen, before);
    return { what, last };
  }

  /**
   * Tells of the stream, and renews the lease where that is due. Answers whether Redis has it as ours. Throws
   * TransientError where Redis does not answer, and the signal's reason.
   */
  async renew(record: AliveRecord, isDue: boolean, signal: AbortSignal): Promise<boolean> {
    const { clock, number, time, ttlMs } = this.#options;
    const { generation } = this;
    const before = momentOf(clock);
    const ttl = isDue ? this.#inRedis(ttlMs) : "0";
    const [now, isOurs] = await this.#ask(
      RENEW,
      [this.#key, this.#alive],
      [this.#owner, String(generation), ttl, String(number), aliveText(record)],
      signal,
    );
    time.learn(before.monotonic, Number(now));
    // What has been lost while Redis was asked is not found again by its answer.
    if (isOurs === 1 && isDue && this.isHeld && this.generation === generation) this.#confirm(generation, before);
    return isOurs === 1;
  }

  /** Gives it back, if it is held, and tells the others. Throws TransientError where Redis does not answer. */
  async release(record: AliveRecord, signal: AbortSignal): Promise<void> {
    const { app, number, prefix } = this.#options;
    const { generation } = this;
    if (!this.#held) return;
    this.forget();
    const args = [this.#owner, String(generation), "0", String(number), aliveText(record), leaseChannel(prefix, app)];
    await this.#ask(RELEASE, [this.#key, this.#alive], args, signal);
  }

  /** It is not to be relied on any more, which nobody is told. Answers until when it would have been. */
  forget(): Deadline | undefined {
    const deadline = this.#held?.deadline;
    this.#held = undefined;
    this.#cancelDeadline?.();
    return deadline;
  }

  #lose(reason: string): void {
    if (!this.#held) return;
    this.forget();
    this.#options.onLost(reason);
  }

  /** Redis has confirmed what it was asked at a moment. */
  #confirm(generation: number, before: Moment): void {
    const { clock, ttlMs } = this.#options;
    this.#cancelDeadline?.();
    const deadline = new Deadline(clock, before, ttlMs);
    this.#held = { generation, deadline };
    this.#cancelDeadline = clock.after(deadline.leftMs + 1, () => void this.isHeld);
  }

  /** A time of ours as Redis counts it, whose clock is not scaled. */
  #inRedis(ms: number): string {
    return String(Math.round(ms / this.#options.clock.scale));
  }

  async #ask(
    script: string,
    keys: readonly [string, ...string[]],
    args: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly (string | number)[]> {
    const { clock, redis, ttlMs } = this.#options;
    const ms = Math.min(PATIENCE_MS, ttlMs * PATIENCE_PART);
    const answer = await answeredIn(
      { clock, ms, signal, who: redis.target },
      () =>
        redis.evaluate(script, keys, args).catch(async (error) => {
          throw error instanceof WrongKeyTypeError ? await this.#blamed(error, keys) : error;
        }),
    );
    return answer as readonly (string | number)[];
  }

  /** Which of several keys holds something else than it is to. */
  async #blamed(error: WrongKeyTypeError, keys: readonly string[]): Promise<WrongKeyTypeError> {
    for (const key of keys) {
      const type = await this.#options.redis.keyType(key);
      const wanted = key === this.#key || key === this.#alive ? "hash" : "string";
      if (type !== wanted && type !== "none") return new WrongKeyTypeError(key, type);
    }
    return error;
  }
}

function recordsIn(words: readonly (string | number)[]): Map<number, AliveRecord> {
  const records = new Map<number, AliveRecord>();
  for (let at = 0; at < words.length; at += 2) {
    const record = readAlive(String(words[at + 1]));
    if (record) records.set(Number(words[at]), record);
  }
  return records;
}
