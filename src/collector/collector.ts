/**
 * The one loop: rules come in, X is made to hold them, tweets are read, tagged, accepted, delivered. It knows its
 * parts by their interfaces alone; `assemble.ts` brings them.
 *
 * It promises: a tweet that X handed over is accepted or counted as dropped with a reason; at a stop the stream is
 * closed first, then what was accepted is delivered within 10 s, and what could not be is counted and told. Parts that
 * fail for good end the whole; parts that may heal never do.
 */

import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import type { Backlog } from "../model/backlog.ts";
import type { Counters } from "../observe/counters.ts";
import type { SignsOfLife } from "../stream/filtered_stream.ts";
import type { TweetHandler } from "../stream/reading.ts";
import type { StreamStatus } from "../stream/stream_states.ts";
import { XFailure } from "../stream/x_failure.ts";
import { type GapRegister, Hearing } from "./hearing.ts";
import type { Intake } from "./intake.ts";
import type { RuleKeeping } from "./rule_keeping.ts";
import { endingOf } from "./x_endings.ts";

/** Whatever holds the stream open. */
export interface TweetSource {
  readonly status: StreamStatus;
  /** There is nothing to collect, or nothing can be, for that reason. */
  waitForRules(reason?: string): void;
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

export interface CollectorParts {
  rules: RuleKeeping;
  stream: TweetSource;
  intake: Intake;
  backlog: Backlog;
  /** Absent for `--test`. */
  gaps: GapRegister | undefined;
  outbox: Deliverer;
  companions: readonly Companion[];
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

  constructor(parts: CollectorParts) {
    this.#parts = parts;
    const { clock, events, gaps: register, rules } = parts;
    this.#hearing = new Hearing({ register, rules: () => rules.wanted, clock, events });
  }

  /**
   * Collects until the signal, a bound, or the reader of stdout ends it. Throws an EndingError when a part fails for
   * good, after everything has been stopped in order.
   */
  async run(stop: AbortSignal, bounds: CollectorBounds = {}): Promise<CollectorEnd> {
    const { backlog, clock, counters, events, intake, outbox } = this.#parts;
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
      guarded(this.#parts.rules.keep(collecting)),
      guarded(this.#readStream(collecting)),
      ...this.#parts.companions.map((companion) => guarded(companion.run(collecting))),
    ];
    await aborted(collecting);
    events.emit("collector_stopping", { reason: String(collecting.reason) });
    const cancelFlush = clock.after(FLUSH_MS, () => {
      backlog.close();
      delivering.abort("the time for delivering the rest is over");
    });
    await Promise.all(collection);
    this.#noteWanted();
    this.#hearing.stop(String(collecting.reason));
    backlog.close();
    await delivery;
    cancelFlush();
    cancelDuration?.();

    backlog.settle();
    const { undelivered } = backlog;
    const { accepted } = counters;
    const delivered = Math.max(0, before + accepted - undelivered);
    if (undelivered > 0) events.emit("undelivered_at_stop", { records: undelivered, isKept: backlog.isKept });
    events.emit("collector_stopped", { accepted, delivered, waiting: undelivered });
    if (failure !== undefined) throw failure;
    return { reason: String(collecting.reason), accepted, undelivered };
  }

  /** Reads the stream while X holds at least one rule, without which it answers 409, and people want one. */
  async #readStream(signal: AbortSignal): Promise<void> {
    const { intake } = this.#parts;
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
          if (!isPaused) this.#hearing.alive(at);
        },
        lost: (loss) => this.#hearing.lost(loss),
      };
      this.#hearing.open();
      try {
        const either = AbortSignal.any([signal, session.signal]);
        await this.#parts.stream.run(either, (tweets, provenance) => intake.take(tweets, provenance, onFull), signs);
      } catch (error) {
        throw error instanceof XFailure ? endingOf(error) : error;
      } finally {
        session.abort();
        await watching;
      }
    }
  }

  /**
   * Closes the stream; it is opened again when what is at hand has found room. Nothing of what is at hand is on disk, so
   * the gap begins before it.
   */
  #pause(session: AbortController, since: number): void {
    this.#parts.events.emit("reading_paused");
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
