/**
 * A tenure while it lasts: renews the lease, tells of the stream, and ends with the reason when Redis does not have this
 * instance as the holder any more, or has not confirmed it in time.
 *
 * Where no other instance was there when this one last looked, it goes on though Redis does not answer: each question
 * without an answer is good for a part of the lease's time, and with the first answer it is a holder like everybody, or
 * none. Why that part is enough is in this room's README.
 */

import type { Clock } from "../base/clock.ts";
import { messageOf, TransientError } from "../base/errors.ts";
import type { Events } from "../base/events.ts";
import { WrongKeyTypeError } from "../base/redis_failure.ts";
import type { AliveRecord } from "./alive_record.ts";
import { Deadline, type Moment, momentOf } from "./deadline.ts";
import type { Lease, Waiting } from "./lease.ts";
import type { Predecessor, Tenure } from "./tenure.ts";

export interface HoldingOptions {
  readonly lease: Lease;
  readonly predecessor: Predecessor | undefined;
  /** Why it begins without a lease; undefined where Redis has granted one. */
  readonly aloneFor: string | undefined;
  readonly ttlMs: number;
  readonly renewMs: number;
  readonly tellMs: number;
  /** Whether no other instance was there when this one last looked, and that was lately. */
  readonly isAlone: () => boolean;
  /** What is told of the stream. */
  readonly record: (released: boolean) => AliveRecord;
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
  /** Until when it goes on without Redis; undefined where it does not. */
  #lone: Deadline | undefined;

  constructor(options: HoldingOptions) {
    this.#options = options;
    if (options.aloneFor !== undefined) this.#goOnAlone(options.aloneFor, momentOf(options.clock));
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  get predecessor(): Predecessor | undefined {
    return this.#options.predecessor;
  }

  get isSafe(): boolean {
    return this.#lone === undefined && this.#options.lease.isHeld;
  }

  /** Whether a request to X may begin now. */
  get mayAct(): boolean {
    if (this.#over.signal.aborted) return false;
    if (!this.#lone) return this.#options.lease.isHeld;
    const { fault } = this.#lone;
    if (fault !== undefined) this.finish(fault);
    return fault === undefined;
  }

  /** The lease is lost. */
  lost(reason: string): void {
    if (!this.#lone) this.finish(reason);
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
      await clock.sleep(tellMs, either).catch((reason) => {
        if (!either.aborted) throw reason;
      });
    }
  }

  async end(): Promise<void> {
    this.finish("it has ended");
    const { clock, lease, record } = this.#options;
    const late = new AbortController();
    const cancel = clock.after(FAREWELL_MS, () => late.abort(new TransientError("Redis does not answer")));
    try {
      await lease.release(record(true), late.signal);
    } catch (error) {
      // It runs out by itself.
      if (!(error instanceof TransientError || error instanceof WrongKeyTypeError)) throw error;
    } finally {
      cancel();
    }
  }

  /** Renews the lease, or asks for it where this instance goes on without Redis; answers whether Redis has answered. */
  async #ask(isDue: boolean, signal: AbortSignal): Promise<boolean> {
    if (!this.mayAct) return false;
    const { clock, isAlone, lease, record } = this.#options;
    const askedAt = momentOf(clock);
    try {
      if (this.#lone) await this.#rejoin(signal);
      else if (!await lease.renew(record(false), isDue, signal)) await this.#forgotten(signal);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      if (!(error instanceof TransientError || error instanceof WrongKeyTypeError)) throw error;
      // Whoever is alone needs no lease, and must not lose the connection for the want of one.
      if (this.#lone ? this.mayAct : isDue && isAlone()) this.#goOnAlone(messageOf(error), askedAt);
      return false;
    }
  }

  /** Redis does not have the lease as ours any more: nothing is asked of X until it says what it has. */
  async #forgotten(signal: AbortSignal): Promise<void> {
    const { isAlone, lease } = this.#options;
    lease.forget();
    if (isAlone()) await this.#rejoin(signal);
    else this.finish("Redis has forgotten that this instance holds the app's connection");
  }

  #goOnAlone(reason: string, from: Moment): void {
    const { clock, events, ttlMs } = this.#options;
    if (!this.#lone) events.emit("fleet_alone", { reason });
    this.#lone = new Deadline(clock, from, ttlMs * LONE_PART);
  }

  /** Redis may answer again: then this instance holds the connection like everybody, or lets it go. */
  async #rejoin(signal: AbortSignal): Promise<void> {
    const { lease, waitingFor } = this.#options;
    const answer = await lease.acquire({ isAlone: true, joinedMs: 0 }, signal);
    if (answer.what === "granted") this.#lone = undefined;
    else this.finish(waitingFor(answer));
  }
}
