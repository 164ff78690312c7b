/**
 * A tenure while it lasts: renews the lease, tells of the stream, and ends with the reason when Redis does not have this
 * instance as the holder any more, or has not confirmed it in time.
 *
 * Where no other instance was there when this one last looked, it goes on though Redis does not answer: each question
 * without an answer is good for a part of the lease's time, and with the first answer it is a holder like everybody, or
 * none. Why that part is enough is in this room's README.
 */

import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Events } from "../base/events.ts";
import { answeredIn } from "../base/patience.ts";
import { isRedisFailure } from "../base/redis_failure.ts";
import { untilAborted } from "../base/signals.ts";
import type { AliveRecord } from "./alive_record.ts";
import { Deadline, type Moment, momentOf } from "./deadline.ts";
import type { Lease, Waiting } from "./lease.ts";
import type { Predecessor, Tenure } from "./tenure.ts";

/** The first of the app's connections, which the holder of another one asks for. */
export interface FirstLease {
  readonly lease: Lease;
  /** Asks for it; answers what is known of who had it before, once it is there. */
  readonly ask: (signal: AbortSignal) => Promise<{ readonly before: Predecessor | undefined } | undefined>;
}

export interface HoldingOptions {
  readonly lease: Lease;
  /** Absent where it is the lease. */
  readonly first?: FirstLease | undefined;
  readonly predecessor: Predecessor | undefined;
  /** Why it begins without a lease; undefined where Redis has granted one. */
  readonly aloneFor: string | undefined;
  readonly ttlMs: number;
  readonly renewMs: number;
  readonly tellMs: number;
  /** Whether no other instance was there when this one last looked, and that was lately. */
  readonly isAlone: () => boolean;
  /** What is told of the stream. */
  readonly record: (lease: Lease, released: boolean) => AliveRecord;
  readonly waitingFor: (answer: Waiting) => string;
  readonly clock: Clock;
  readonly events: Events;
}

/** How long a question that Redis does not answer is good for, as a part of the lease's time. */
const LONE_PART = 1 / 2;
/** How long Redis may take to hear that a tenure ends. */
const FAREWELL_MS = 3_000;

export class Holding implements Tenure {
  readonly #options: HoldingOptions;
  readonly #over = new AbortController();
  #lease: Lease;
  readonly #becomesFirst = Promise.withResolvers<Predecessor | undefined>();
  /** Until when it goes on without Redis; undefined where it does not. */
  #lone: Deadline | undefined;

  constructor(options: HoldingOptions) {
    this.#options = options;
    this.#lease = options.lease;
    if (!options.first) this.#becomesFirst.resolve(options.predecessor);
    if (options.aloneFor !== undefined) this.#goOnAlone(options.aloneFor, momentOf(options.clock));
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  get predecessor(): Predecessor | undefined {
    return this.#options.predecessor;
  }

  /** Which of the app's connections it is for, from 1. */
  get number(): number {
    return this.#lease.number;
  }

  get isFirst(): boolean {
    return this.#options.first === undefined || this.#lease === this.#options.first.lease;
  }

  becomeFirst(signal: AbortSignal): Promise<Predecessor | undefined> {
    return untilAborted(this.#becomesFirst.promise, signal);
  }

  get isSafe(): boolean {
    return this.#lone === undefined && this.#lease.isHeld;
  }

  /** Whether a request to X may begin now. */
  get mayAct(): boolean {
    if (this.#over.signal.aborted) return false;
    if (!this.#lone) return this.#lease.isHeld;
    const { fault } = this.#lone;
    if (fault !== undefined) this.finish(fault);
    return fault === undefined;
  }

  /** A lease is lost. */
  lost(lease: Lease, reason: string): void {
    if (!this.#lone && lease === this.#lease) this.finish(reason);
  }

  /** It is over. */
  finish(reason: string): void {
    this.#over.abort(reason);
  }

  async keep(signal: AbortSignal): Promise<void> {
    const { clock, renewMs, tellMs } = this.#options;
    const either = AbortSignal.any([signal, this.#over.signal]);
    let renewedAt = clock.monotonic();
    while (!either.aborted) {
      const askedAt = clock.monotonic();
      const isDue = askedAt - renewedAt >= renewMs;
      if (await this.#ask(isDue, either) && isDue) renewedAt = askedAt;
      if (!this.isFirst && !this.#lone && await this.#askForFirst(either)) renewedAt = clock.monotonic();
      await clock.sleep(tellMs, either).catch((reason) => {
        if (!either.aborted) throw reason;
      });
    }
  }

  async end(): Promise<void> {
    this.finish("it has ended");
    await this.#release(this.#lease, this.#options.record(this.#lease, true));
  }

  /** What Redis does not hear of runs out by itself. */
  async #release(lease: Lease, record: AliveRecord): Promise<void> {
    const { clock } = this.#options;
    try {
      await answeredIn({ clock, ms: FAREWELL_MS, who: "Redis" }, (signal) => lease.release(record, signal));
    } catch (error) {
      if (!isRedisFailure(error)) throw error;
    }
  }

  /** Becomes the first where it may: answers whether it has. The stream goes on meanwhile. */
  async #askForFirst(signal: AbortSignal): Promise<boolean> {
    const { first, record } = this.#options;
    const second = this.#lease;
    try {
      const granted = this.mayAct && await first?.ask(signal);
      if (!first || !granted || this.#over.signal.aborted) return false;
      this.#lease = first.lease;
      this.#becomesFirst.resolve(granted.before);
      // Whose connection it is has to be known before anybody can take the place beside.
      await first.lease.renew(record(first.lease, false), false, signal);
      await this.#release(second, { ...record(second, true), connection: "", grantedAt: 0 });
      return true;
    } catch (error) {
      if (!signal.aborted && !isRedisFailure(error)) throw error;
      return false;
    }
  }

  /** Renews the lease, or asks for it where this instance goes on without Redis; answers whether Redis has answered. */
  async #ask(isDue: boolean, signal: AbortSignal): Promise<boolean> {
    if (!this.mayAct) return false;
    const { clock, isAlone, record } = this.#options;
    const lease = this.#lease;
    const askedAt = momentOf(clock);
    try {
      if (this.#lone) await this.#rejoin(this.#lone, signal);
      else if (!await lease.renew(record(lease, false), isDue, signal)) await this.#forgotten(signal);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      if (!isRedisFailure(error)) throw error;
      // Whoever is alone needs no lease, and must not lose the connection for the want of one.
      const isForgotten = !this.#lone && lease.generation === 0;
      if (this.#lone ? this.mayAct : (isDue || isForgotten) && isAlone()) this.#goOnAlone(messageOf(error), askedAt);
      else if (isForgotten) this.finish(messageOf(error));
      return false;
    }
  }

  /** Redis does not have the lease as ours any more: nothing is asked of X until it says what it has. */
  async #forgotten(signal: AbortSignal): Promise<void> {
    const { isAlone } = this.#options;
    const deadline = this.#lease.forget();
    if (isAlone()) await this.#rejoin(deadline, signal);
    else this.finish("Redis has forgotten that this instance holds the app's connection");
  }

  #goOnAlone(reason: string, from: Moment): void {
    const { clock, events, ttlMs } = this.#options;
    if (!this.#lone) events.emit("fleet_alone", { reason });
    this.#lone = new Deadline(clock, from, ttlMs * LONE_PART);
  }

  /**
   * Redis may answer again: then this instance holds the connection like everybody, or lets it go. It is asked without
   * the waits for what this instance went by until then: a grant that is heard later does not count.
   */
  async #rejoin(until: Deadline | undefined, signal: AbortSignal): Promise<void> {
    const { waitingFor } = this.#options;
    const answer = await this.#lease.acquire({ isAlone: true, joinedMs: 0 }, signal);
    const fault = until?.fault;
    if (answer.what !== "granted") this.finish(waitingFor(answer));
    else if (fault !== undefined) this.finish(fault);
    else this.#lone = undefined;
  }
}
