/**
 * The one loop: rules come in, X is made to hold them, tweets are read, tagged, accepted, delivered. It knows its
 * parts by their interfaces alone; `assemble.ts` brings them.
 *
 * It promises: a tweet that X handed over is accepted or counted as dropped with a reason; at a stop the stream is
 * closed first, then what was accepted is delivered within 10 s, and what could not be is counted and told. Parts that
 * fail for good end the whole; parts that may heal never do.
 */

import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Events } from "../base/events.ts";
import type { Backlog } from "../model/backlog.ts";
import type { Counters } from "../observe/counters.ts";
import type { Loss, SignsOfLife } from "../stream/filtered_stream.ts";
import type { Predecessor, Tenure } from "../fleet/tenure.ts";
import type { Ownership } from "./ownership.ts";
import type { TweetHandler } from "../stream/reading.ts";
import type { StreamStatus } from "../stream/stream_states.ts";
import { XFailure } from "../stream/x_failure.ts";
import { type GapRegister, Hearing } from "./hearing.ts";
import type { HeldTweets } from "./held_tweets.ts";
import type { Intake } from "./intake.ts";
import type { RuleKeeping } from "./rule_keeping.ts";
import { endingOf } from "./x_endings.ts";

/** Whatever holds the stream open. */
export interface TweetSource {
  readonly status: StreamStatus;
  /** There is nothing to collect, or nothing can be, for that reason. */
  waitForRules(reason?: string): void;
  /** Another instance holds the app's connection, or it is not known who does. */
  standBy(reason: string): void;
  run(signal: AbortSignal, onTweets: TweetHandler, signs: SignsOfLife): Promise<void>;
}

/**
 * Whatever delivers the backlog: ends when the backlog is closed and drained, or at once at the signal. It tells when
 * the reader of an output has gone.
 */
export interface Deliverer {
  run(signal: AbortSignal, onReaderGone: () => void): Promise<void>;
}

/** Something that goes on beside collecting, until the signal: the heartbeat. */
export interface Companion {
  run(signal: AbortSignal): Promise<void>;
}

/** Whoever writes down how often rules match, for as long as this instance collects. */
export interface Statistics extends Companion {
  begin(): void;
  end(): void;
  /** Writes what is not written yet, and ends. */
  finish(): Promise<void>;
}

/** Where two instances read at once: what each tweet passes, and what is done on becoming the first of them. */
export interface Beside {
  readonly held: HeldTweets;
  onFirst(before: Predecessor, signal: AbortSignal): Promise<void>;
  /** Nothing more is taken. */
  end(): Promise<void>;
}

export interface CollectorParts {
  rules: RuleKeeping;
  stream: TweetSource;
  intake: Intake;
  backlog: Backlog;
  /** Absent for `--test`. */
  gaps: GapRegister | undefined;
  outbox: Deliverer;
  companions: readonly Companion[];
  /** Whether this instance may ask X for anything; what else asks X goes on only as long as it may. */
  ownership: Ownership;
  whileOwner: readonly Companion[];
  /** Counts by rule what is collected, where anybody reads it. */
  statistics: Statistics | undefined;
  /** What is known of a connection of the instance that had it before. */
  inherit: (predecessor: Predecessor) => void;
  /** Absent where only one instance reads. */
  beside?: Beside;
  counters: Counters;
  events: Events;
  clock: Clock;
}

/** When to end without being told. */
export interface CollectorBounds {
  /** Deliver exactly so many tweets. */
  limit?: number;
  durationMs?: number;
}

/** How collecting ended. */
export interface CollectorEnd {
  readonly reason: string;
  readonly accepted: number;
  /** Accepted, but not delivered to every sink. */
  readonly undelivered: number;
}

/** How long delivering may go on after the stream was closed. */
const FLUSH_MS = 10_000;

export class Collector {
  readonly #parts: CollectorParts;
  #end = new AbortController();
  readonly #hearing: Hearing;
  /** Since when nobody is known to hold the app's connection, on our clock; undefined where somebody does. */
  #unheldSince: number | undefined;

  constructor(parts: CollectorParts) {
    this.#parts = parts;
    const { clock, events, gaps: register, rules } = parts;
    this.#hearing = new Hearing({ register, rules: () => rules.wanted, clock, events });
    parts.ownership.onSucceeded = (by) => this.#hearing.succeeded(by);
  }

  /** The last moment of which nothing is missing that is not in the register; undefined where nobody knows yet. */
  get accountedUntil(): number | undefined {
    return this.#hearing.accountedUntil;
  }

  /** Since when, in this tenure, what is missing is in the register; undefined where nothing was heard yet. */
  get accountedFrom(): number | undefined {
    return this.#hearing.accountedFrom;
  }

  /** Since when nobody is known to hold the app's connection, in milliseconds since 1970; undefined where somebody does. */
  get unheldSince(): number | undefined {
    return this.#unheldSince;
  }

  /**
   * Collects until the signal, a bound, or the reader of stdout ends it. Throws an EndingError when a part fails for
   * good, after everything has been stopped in order.
   */
  async run(stop: AbortSignal, bounds: CollectorBounds = {}): Promise<CollectorEnd> {
    const { backlog, clock, counters, events, intake, outbox, statistics } = this.#parts;
    const limit = bounds.limit ?? Infinity;
    const before = backlog.undelivered;
    intake.limit = limit;
    intake.onLimit = () => this.#end.abort(`${limit} tweets, as asked for, are collected`);
    const collecting = AbortSignal.any([stop, this.#end.signal]);
    const delivering = new AbortController();
    const cancelDuration = bounds.durationMs === undefined
      ? undefined
      : clock.after(bounds.durationMs, () => this.#end.abort("the time is up"));

    let failure: unknown;
    const guarded = async (task: Promise<void>) => {
      try {
        await task;
      } catch (error) {
        // What the signals themselves threw is how a part was stopped, not why it failed.
        if (error === collecting.reason || error === delivering.signal.reason) return;
        failure ??= error;
        this.#end.abort("a part failed");
      }
    };
    const delivery = guarded(
      outbox.run(delivering.signal, () => this.#end.abort("the reader of the output has gone")),
    );
    const collection = [
      guarded(this.#parts.rules.watch(collecting)),
      guarded(this.#parts.ownership.run(collecting)),
      guarded(this.#own(collecting)),
      ...[...this.#parts.companions, ...statistics ? [statistics] : []].map((companion) =>
        guarded(companion.run(collecting))
      ),
    ];
    await aborted(collecting);
    events.emit("collector_stopping", { reason: String(collecting.reason) });
    const cancelFlush = clock.after(FLUSH_MS, () => {
      backlog.close();
      delivering.abort("the time for delivering the rest is over");
    });
    await Promise.all(collection);
    await this.#parts.beside?.end();
    backlog.close();
    await delivery;
    cancelFlush();
    cancelDuration?.();

    backlog.settle();
    await this.#parts.ownership.leave();
    const { undelivered } = backlog;
    const { accepted } = counters;
    const delivered = Math.max(0, before + accepted - undelivered);
    if (undelivered > 0) events.emit("undelivered_at_stop", { records: undelivered, isKept: backlog.isKept });
    events.emit("collector_stopped", { accepted, delivered, waiting: undelivered });
    if (failure !== undefined) throw failure;
    return { reason: String(collecting.reason), accepted, undelivered };
  }

  /** Does all that asks X for anything, whenever and for as long as this instance may. */
  async #own(signal: AbortSignal): Promise<void> {
    const { clock, events, ownership, stream } = this.#parts;
    while (true) {
      this.#unheldSince = clock.now();
      let tenure: Tenure;
      let told = "";
      try {
        // What is missing from the first moment on is known only with the rules.
        if (this.#parts.beside) await this.#parts.rules.known(signal);
        tenure = await ownership.acquire(signal, (reason, isHeld) => {
          stream.standBy(reason);
          if (reason !== told) events.emit("fleet_standby", { reason });
          told = reason;
          this.#unheldSince = isHeld ? undefined : this.#unheldSince ?? clock.now();
        });
      } catch (error) {
        // Whoever stands by misses nothing by stopping, but what nobody has taken over yet.
        this.#hearing.stop(signal.aborted ? String(signal.reason) : messageOf(error));
        throw error;
      }
      this.#unheldSince = undefined;
      await this.#collect(tenure, signal);
    }
  }

  /** Collects during a tenure, and lets it go: X is asked for nothing more, and what is missing from then on is noted. */
  async #collect(tenure: Tenure, stop: AbortSignal): Promise<void> {
    const { beside, events, inherit, rules, statistics } = this.#parts;
    const { predecessor } = tenure;
    if (predecessor) {
      if (!predecessor.isSelf) this.#hearing.follow(predecessor);
      inherit(predecessor);
    }
    if (tenure.isFirst) statistics?.begin();
    const ending = new AbortController();
    const signal = AbortSignal.any([stop, tenure.signal, ending.signal]);
    let failure: { readonly error: unknown } | undefined;
    const untilOver = async (task: Promise<void>) => {
      try {
        await task;
      } catch (error) {
        if (signal.aborted && error === signal.reason) return;
        failure ??= { error };
        ending.abort(error);
      }
    };
    await Promise.all([
      untilOver(tenure.keep(signal)),
      untilOver(rules.keep(signal)),
      untilOver(this.#readStream(signal)),
      untilOver(this.#beFirst(tenure, signal)),
      ...beside ? [untilOver(beside.held.run(signal))] : [],
    ]);
    await untilOver(beside?.held.finish() ?? Promise.resolve());
    const detail = String(signal.reason);
    if (stop.aborted || failure) {
      this.#noteWanted();
      this.#hearing.stop(detail);
    } else {
      this.#hearing.letGo(detail);
      events.emit("fleet_let_go", { reason: detail });
    }
    // Whoever follows reads what is written by then.
    if (tenure.isSafe && tenure.isFirst) await statistics?.finish();
    else statistics?.end();
    await tenure.end();
    if (failure) throw failure.error;
    stop.throwIfAborted();
  }

  /** What only one instance does: at once, or when this one has become the first. */
  async #beFirst(tenure: Tenure, signal: AbortSignal): Promise<void> {
    const { beside, rules, statistics, whileOwner } = this.#parts;
    if (!tenure.isFirst) {
      const before = await tenure.becomeFirst(signal);
      statistics?.begin();
      rules.takeOver();
      if (before) await beside?.onFirst(before, signal);
    }
    await Promise.all(whileOwner.map((companion) => companion.run(signal)));
  }

  /** Reads the stream while X holds at least one rule, without which it answers 409, and people want one. */
  async #readStream(signal: AbortSignal): Promise<void> {
    const { beside, intake } = this.#parts;
    const door = beside?.held ?? intake;
    while (!signal.aborted) {
      if (!this.#isThereAnything) {
        await this.#waitForRules(signal);
        continue;
      }
      const session = new AbortController();
      const watching = this.#endWhenThereIsNothing(session, signal);
      let isPaused = false;
      const onFull = (since: number) => {
        isPaused = true;
        this.#pause(session, since);
      };
      const signs: SignsOfLife = {
        alive: (at) => {
          // What is handed on after a pause began had come before it.
          if (isPaused) return;
          if (beside) beside.held.alive(() => this.#hearing.alive(at));
          else this.#hearing.alive(at);
        },
        lost: (loss) => this.#lose(loss),
      };
      this.#hearing.open();
      try {
        const either = AbortSignal.any([signal, session.signal]);
        await this.#parts.stream.run(either, (tweets, provenance) => door.take(tweets, provenance, onFull), signs);
      } catch (error) {
        throw error instanceof XFailure ? endingOf(error) : error;
      } finally {
        session.abort();
        await watching;
        await beside?.held.finish();
      }
    }
  }

  /** What is held back is not taken yet: the gap begins before it. */
  #lose(loss: Loss): void {
    const isHeld = this.#parts.beside?.held.lose() ?? false;
    const at = isHeld ? Math.min(loss.at, this.#hearing.accountedUntil ?? loss.at) : loss.at;
    this.#hearing.lost({ ...loss, at });
  }

  /**
   * Closes the stream; it is opened again when what is at hand has found room. Nothing of what is at hand is on disk, so
   * the gap begins before it.
   */
  #pause(session: AbortController, since: number): void {
    this.#parts.events.emit("reading_paused");
    this.#parts.beside?.held.lose();
    this.#hearing.pause(since);
    session.abort("there is no room");
  }

  get #isThereAnything(): boolean {
    const { rules } = this.#parts;
    return rules.isAnyHeld && rules.wanted.size > 0;
  }

  /** Waits until other rules are wanted, or X holds others. */
  async #waitForRules(signal: AbortSignal): Promise<void> {
    const { clock, rules, stream } = this.#parts;
    this.#noteWanted();
    const waitMs = rules.wanted.size > 0 ? this.#hearing.missingInMs : Infinity;
    const tell = () => {
      this.#hearing.tellMissing();
      stream.waitForRules("X holds none of our rules");
    };
    if (waitMs > 0) stream.waitForRules();
    else tell();
    const cancel = waitMs > 0 && waitMs < Infinity ? clock.after(waitMs, tell) : undefined;
    try {
      await rules.changed.lowered(signal);
    } finally {
      cancel?.();
    }
  }

  /** Before the rules have been loaded nobody knows what is wanted. */
  #noteWanted(): void {
    const { rules } = this.#parts;
    if (rules.isKnown) this.#hearing.want(rules.wanted.size > 0);
  }

  async #endWhenThereIsNothing(session: AbortController, signal: AbortSignal): Promise<void> {
    const { rules } = this.#parts;
    const either = AbortSignal.any([signal, session.signal]);
    while (!either.aborted && this.#isThereAnything) {
      await rules.changed.lowered(either).catch((error) => {
        if (!either.aborted) throw error;
      });
    }
    session.abort();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
