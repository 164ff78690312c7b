/**
 * This instance among those that use the same token: who holds the app's connection, and what it tells of itself. Redis
 * decides; what instances may rely on is in this room's README.
 *
 * It promises: at most one process has a tenure at a time, as far as the assumptions there hold; a tenure ends, with its
 * reason, before the next one can begin; an instance without one asks at least every second, so that it follows a
 * holder that is gone as soon as its lease has run out. Redis away ends a tenure when it runs out, unless nobody else was
 * there when this instance last looked.
 */

import type { Clock } from "../base/clock.ts";
import { messageOf, TransientError, TryLaterError } from "../base/errors.ts";
import type { Events } from "../base/events.ts";
import { Flag } from "../base/flag.ts";
import type { Random } from "../base/random.ts";
import type { RedisConnection } from "../base/redis.ts";
import { isRedisFailure } from "../base/redis_failure.ts";
import type { InstanceReport } from "../model/instance.ts";
import { selectionNames, selects, type Slot, type SlotSelection } from "../model/slot.ts";
import { untilAborted } from "../base/signals.ts";
import { aliveNow } from "./alive_now.ts";
import type { AliveRecord } from "./alive_record.ts";
import { AliveRecords } from "./alive_records.ts";
import { Holding } from "./holding.ts";
import { type Granted, Lease, leaseChannel, type Waiting } from "./lease.ts";
import { whyWaiting } from "./waiting_words.ts";
import { RedisTime } from "./redis_time.ts";
import { type InstanceFacts, Roster } from "./roster.ts";
import type { Predecessor, Pulse, Tenure } from "./tenure.ts";

/** Whether nobody else was there when this instance last looked, kept beyond the process. */
export interface FleetMemory {
  wasAlone: boolean;
}

export interface FleetOptions {
  /** One for the lease alone, so that it never waits behind anything else, and one for the rest. Closed by `run`. */
  readonly leaseRedis: RedisConnection;
  readonly redis: RedisConnection;
  readonly prefix: string;
  readonly app: string;
  readonly instance: string;
  readonly host: string;
  readonly slots: readonly string[];
  readonly isSeparate: boolean;
  /** Whether it only wants the connection where nobody has it: for a look, not to collect. */
  readonly isGuest: boolean;
  /** How many connections X allows, and so how many instances hold one at once. */
  readonly connections: number;
  readonly ttlMs: number;
  readonly renewMs: number;
  readonly intervalMs: number;
  readonly memory: FleetMemory;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: Events;
}

/** How often the holder tells of its stream, and an instance without a tenure asks for one. */
const TELL_MS = 1_000;
/** How long after stepping down on request an instance asks for nothing, so that another one may. */
const RESERVE_MS = 10_000;
/** The same, as a part of the lease's time: what is asked must be answered in time. */
const TELL_PART = 1 / 10;
/** How often at least it is looked who is there, as a part of the lease's time: what was seen must still be true. */
const LOOK_PART = 1 / 2;

export class Fleet {
  readonly #options: FleetOptions;
  readonly #process: string;
  readonly #tellMs: number;
  readonly #time: RedisTime;
  readonly #roster: Roster;
  /** One for each connection, the first one first. */
  readonly #leases: readonly Lease[];
  /** Raised when a lease may be had, or it is known who is there. */
  readonly #news = new Flag();
  /** Raised when there is something to tell. */
  readonly #changed = new Flag();
  readonly #firstLook = Promise.withResolvers<void>();
  readonly #slotsListeners = new Set<() => void>();
  /** The tenure that goes on, or was the last. */
  #holding: Holding | undefined;
  #unseen: string | undefined;
  readonly #holders = new AliveRecords();
  #stepsDownUntil = -Infinity;
  /** Since when Redis has not answered who wants the connection, on the monotonic clock. */
  #unansweredSince: number | undefined;
  /** What is told of this instance and of its stream; set before anything runs. */
  facts: () => InstanceFacts = () => {
    throw new Error("nobody tells of this instance");
  };
  pulse: () => Pulse = () => ({ at: undefined, up: false, tweetId: "", connection: "", grantedAt: 0 });
  /** Called, maybe again and again, when another instance held the connection last. */
  onSucceeded: (by: string) => void = () => {};

  constructor(options: FleetOptions) {
    this.#options = options;
    const { app, clock, events, instance, intervalMs, isGuest, isSeparate, leaseRedis } = options;
    const { memory: { wasAlone }, prefix, random, redis, slots, ttlMs } = options;
    this.#process = random.hex(4);
    this.#time = new RedisTime(clock);
    this.#tellMs = Math.min(TELL_MS, ttlMs * TELL_PART);
    const who = { prefix, app, instance, process: this.#process, clock, time: this.#time, ttlMs };
    this.#roster = new Roster({ ...who, wasAlone, redis, slots, isGuest, isSeparate, intervalMs, events });
    this.#leases = Array.from({ length: isGuest ? 1 : options.connections }, (_, index): Lease => {
      const lease = new Lease({
        ...who,
        redis: leaseRedis,
        host: this.#options.host,
        number: index + 1,
        onLost: (reason) => this.#holding?.lost(lease, reason),
      });
      return lease;
    });
  }

  /** Whether a request to X may begin now. */
  get mayAct(): boolean {
    return this.#holding?.mayAct ?? false;
  }

  /** Which of the app's connections this instance holds, from 1; 0 where it holds none. */
  get lease(): number {
    return this.#holding === undefined || this.#holding.signal.aborted ? 0 : this.#holding.number;
  }

  /** How far our clock is ahead of Redis's, in milliseconds. */
  get aheadMs(): number {
    return this.#time.aheadMs;
  }

  /** What is told of this instance. */
  report(facts: InstanceFacts): InstanceReport {
    return this.#roster.report(facts);
  }

  /** Whether another instance of the app is there to take over. */
  get hasOthers(): boolean {
    return this.#roster.hasOthers;
  }

  /** Whether some instance of the app has ever read the stream. */
  get hasWorked(): boolean {
    return this.#holders.isAnyGranted;
  }

  /**
   * The slots that whoever holds the connection collects, once the roster was looked at. Throws TransientError where it
   * cannot be, and the signal's reason.
   */
  readonly slots = async (signal: AbortSignal): Promise<readonly SlotSelection[]> => {
    await untilAborted(this.#firstLook.promise, signal);
    if (this.#roster.joinedMs !== undefined) return this.#roster.slots;
    throw new TransientError(this.#unseen ?? "who else collects for this app is not known");
  };

  /** Whether a slot is one of them, as far as is known. */
  readonly mayHold = (slot: Slot): boolean => this.#roster.slots.some((selection) => selects(selection, slot));

  /** Calls back when these slots are others than before; the function that is returned ends it. */
  readonly onSlots = (listener: () => void): () => void => {
    this.#slotsListeners.add(listener);
    return () => void this.#slotsListeners.delete(listener);
  };

  /** Tells of this instance and reads of the others until the signal is aborted; rejects with its reason then. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, intervalMs, redis, ttlMs } = this.#options;
    const beatMs = Math.min(intervalMs, ttlMs * LOOK_PART);
    const unsubscribe = redis.subscribe(leaseChannel(this.#options.prefix, this.#options.app), {
      onMessage: () => this.#news.raise(),
      onListening() {},
      onLost() {},
    });
    try {
      while (true) {
        await this.#look();
        await clock.sleep(this.#tellMs, signal);
        const restMs = this.#roster.joinedMs === undefined ? 0 : beatMs - this.#tellMs;
        const cancel = clock.after(restMs, () => this.#changed.raise());
        await this.#changed.lowered(signal).finally(cancel);
      }
    } finally {
      unsubscribe();
    }
  }

  /** What is told of this instance has changed: it is told soon, not only with the next beat. */
  readonly tell = (): void => this.#changed.raise();

  /** Tells the others that this instance has ended, and lets go of Redis. After everything else. */
  async leave(): Promise<void> {
    const { leaseRedis, redis } = this.#options;
    try {
      await this.#roster.leave(this.facts());
    } catch (error) {
      this.#reasonOf(error);
    } finally {
      leaseRedis.close();
      redis.close();
    }
  }

  /**
   * Waits until this instance holds the app's connection. `onWaiting` hears why it does not yet, and whether somebody
   * else does. Rejects with the signal's reason.
   */
  async acquire(signal: AbortSignal, onWaiting: (reason: string, isHeld: boolean) => void): Promise<Tenure> {
    const { clock } = this.#options;
    while (true) {
      signal.throwIfAborted();
      const waitMs = Math.max(this.#stepsDownUntil - clock.monotonic(), 0);
      if (waitMs > 0) onWaiting("this instance has stepped down", false);
      else {
        const tenure = await this.#try(signal, onWaiting);
        if (tenure) return tenure;
      }
      const cancel = clock.after(Math.min(waitMs || this.#tellMs, this.#tellMs), () => this.#news.raise());
      try {
        await this.#news.lowered(signal);
      } finally {
        cancel();
      }
    }
  }

  /** Steps down, for another instance to take over. Answers why not, where nobody is there. */
  stepDown(): string | undefined {
    if (!this.mayAct) return "this instance does not hold the app's connection";
    if (!this.hasOthers) return "no other instance of this app is there to take over";
    this.#stepsDownUntil = this.#options.clock.monotonic() + RESERVE_MS;
    this.#holding?.finish("a person asked for a handover");
    return undefined;
  }

  async #try(signal: AbortSignal, onWaiting: (reason: string, isHeld: boolean) => void): Promise<Tenure | undefined> {
    const { joinedMs } = this.#roster;
    const askedAt = this.#options.clock.monotonic();
    if (joinedMs === undefined) {
      return this.#unseen === undefined ? undefined : this.#unanswered(this.#unseen, askedAt, onWaiting);
    }
    try {
      const [first, ...others] = this.#leases;
      const answer = await first!.acquire({ isAlone: false, joinedMs }, signal);
      this.#unansweredSince = undefined;
      if (answer.what === "granted") return this.#begin(first!, answer);
      this.#noteLast(answer.last);
      for (const lease of answer.what === "held" ? others : []) {
        const beside = await lease.acquire({ isAlone: false, joinedMs }, signal);
        if (beside.what === "granted") return this.#begin(lease, beside);
      }
      const reason = this.#waitingFor(answer);
      if (answer.what === "held" && this.#options.isGuest) {
        throw new TryLaterError(`Cannot show tweets: ${reason}`, {
          hint: "`traptor status` shows what it does; `traptor --test --simulate` needs no connection to X",
        });
      }
      onWaiting(reason, answer.what === "held");
    } catch (error) {
      return this.#unanswered(this.#reasonOf(error, signal), askedAt, onWaiting);
    }
    return undefined;
  }

  /**
   * Redis does not answer. Who was alone when it last looked begins without, but not before any lease that Redis may have
   * granted since has run out.
   */
  #unanswered(
    reason: string,
    askedAt: number,
    onWaiting: (reason: string, isHeld: boolean) => void,
  ): Tenure | undefined {
    const { clock, memory, ttlMs } = this.#options;
    this.#unansweredSince ??= askedAt;
    const wasAlone = this.#roster.joinedMs === undefined ? memory.wasAlone : this.#roster.isAlone;
    if (wasAlone && clock.monotonic() - this.#unansweredSince >= ttlMs) {
      return this.#begin(this.#leases[0]!, undefined, reason);
    }
    onWaiting(`Redis does not say who holds the app's connection (${reason}), and others may by now`, false);
    return undefined;
  }

  #waitingFor(answer: Waiting): string {
    const holder = this.#roster.instances.find(({ id }) => id === answer.by);
    return whyWaiting(answer, holder?.host, this.#options.ttlMs);
  }

  /** A tenure begins: Redis has granted it, or it goes on without for that reason. */
  #begin(lease: Lease, granted: Granted | undefined, aloneFor?: string): Tenure {
    const { clock, events, renewMs, ttlMs } = this.#options;
    if (granted) this.#holders.note(granted.last);
    // Once it is over Redis may have given the connection to another one: without answers that is waited for again.
    this.#unansweredSince = undefined;
    const [first] = this.#leases;
    this.#holding = new Holding({
      ...{ clock, events, renewMs, ttlMs, aloneFor, lease },
      first: lease === first ? undefined : { lease: first!, ask: (signal) => this.#askForFirst(signal) },
      tellMs: this.#tellMs,
      predecessor: this.#before(lease.number),
      isAlone: () => this.#roster.isAloneNow,
      record: (ofLease, released) => this.#record(ofLease, released),
      waitingFor: (answer) => this.#waitingFor(answer),
    });
    return this.#holding;
  }

  async #askForFirst(signal: AbortSignal) {
    const [first] = this.#leases;
    const { joinedMs } = this.#roster;
    if (joinedMs === undefined) return undefined;
    const answer = await first!.acquire({ isAlone: false, joinedMs }, signal);
    this.#holders.note(answer.last);
    return answer.what === "granted" ? { before: this.#before(first!.number) } : undefined;
  }

  #record({ generation, number }: Lease, released: boolean): AliveRecord {
    const { host, instance } = this.#options;
    const { at, from, ...pulse } = this.pulse();
    const before = this.#holders.before(number);
    const known = before?.at;
    return {
      ...pulse,
      // Until there is a connection of ours, that of the one before may have to be closed by who comes next.
      ...pulse.grantedAt === 0 && before ? { connection: before.connection, grantedAt: before.grantedAt } : {},
      tweetId: pulse.tweetId === "" ? before?.tweetId ?? "" : pulse.tweetId,
      instance,
      process: this.#process,
      host,
      generation,
      at: at === undefined ? known ?? this.#time.now : this.#time.inRedis(at),
      ...from === undefined ? {} : { from: this.#time.inRedis(from) },
      released,
    };
  }

  /** What whoever gets a connection begins with. */
  #before(number: number): Predecessor | undefined {
    const record = this.#holders.before(number);
    if (!record) return undefined;
    const { at, connection, grantedAt, host, instance, released, tweetId } = record;
    const isSelf = instance === this.#options.instance;
    const isBeside = number > 1;
    return { isSelf, isBeside, instance, host, at: this.#time.here(at), tweetId, connection, grantedAt, released };
  }

  /** The holders of the app's other connections, as they told last; undefined where Redis does not answer. */
  readonly besides = async (): Promise<readonly AliveRecord[] | undefined> => {
    const { app, instance, prefix, redis } = this.#options;
    try {
      return (await aliveNow({ redis, prefix, app })).filter((record) => record.instance !== instance);
    } catch (error) {
      this.#reasonOf(error);
      return undefined;
    }
  };

  /** What the holders told last; where that is another one than this instance, what this one missed is its business. */
  #noteLast(last: ReadonlyMap<number, AliveRecord>): void {
    this.#holders.note(last);
    const record = last.get(1);
    if (!record || record.instance === this.#options.instance) return;
    this.onSucceeded(`${record.instance} on ${record.host}`);
  }

  async #look(): Promise<void> {
    const { events, memory } = this.#options;
    const before = this.#shownSlots();
    try {
      await this.#roster.beat(this.facts());
      if (this.#unseen !== undefined) events.emit("fleet_seen");
      this.#unseen = undefined;
      if (memory.wasAlone !== this.#roster.isAlone) memory.wasAlone = this.#roster.isAlone;
    } catch (error) {
      const reason = this.#reasonOf(error);
      if (this.#unseen === undefined) events.emit("fleet_unseen", { reason });
      this.#unseen = reason;
    }
    const slots = this.#shownSlots();
    if (slots !== before) {
      if (before !== "") events.emit("slots_changed", { slots });
      for (const listener of this.#slotsListeners) listener();
    }
    this.#firstLook.resolve();
    this.#news.raise();
  }

  #shownSlots(): string {
    if (this.#roster.joinedMs === undefined) return "";
    return this.#roster.slots.flatMap(selectionNames).join(", ");
  }

  /** Why Redis did not do something; whatever else it is goes on. */
  #reasonOf(error: unknown, signal?: AbortSignal): string {
    signal?.throwIfAborted();
    if (isRedisFailure(error)) return messageOf(error);
    throw error;
  }
}
