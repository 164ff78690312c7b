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
import type { GapCause } from "../journal/gaps.ts";
import type { Backlog } from "../model/backlog.ts";
import type { Rule } from "../model/rule.ts";
import type { Counters } from "../observe/counters.ts";
import type { SignsOfLife } from "../stream/filtered_stream.ts";
import type { TweetHandler } from "../stream/reading.ts";
import type { StreamStatus } from "../stream/stream_states.ts";
import { XFailure } from "../stream/x_failure.ts";
import type { Intake } from "./intake.ts";
import type { RuleKeeping } from "./rule_keeping.ts";
import { endingOf } from "./x_endings.ts";

/** Whatever holds the stream open. */
export interface TweetSource {
  readonly status: StreamStatus;
  /** There is nothing to collect. */
  waitForRules(): void;
  run(signal: AbortSignal, onTweets: TweetHandler, signs: SignsOfLife): Promise<void>;
}

/** Whoever keeps account of when not everything came in. */
export interface GapRegister {
  readonly memory: { beginListening(at: number): void };
  readonly listening: {
    /** From a moment on nothing came in, with the rules that were collected then. One that lasts already goes on. */
    beginGap(gap: { at: number; cause: GapCause; detail: string; rules: Iterable<Rule> }): void;
    /** There was a sign of life: a gap is over, if one lasted. */
    noteAlive(at: number): void;
  };
  /** Why nothing can be taken now. */
  readonly fault: string | undefined;
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
  /** The last sign of life of the stream. */
  #aliveAt: number | undefined;

  constructor(parts: CollectorParts) {
    this.#parts = parts;
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
    // Nothing was heard yet where nothing was collected, and nothing is wanted where no rules are: nothing is missed then.
    if (this.#aliveAt !== undefined && this.#parts.rules.wanted.size > 0) {
      this.#beginGap({ at: this.#aliveAt, cause: "stopped", detail: String(collecting.reason) });
    }
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

  /** Reads the stream while X holds at least one rule: without rules it answers 409. */
  async #readStream(signal: AbortSignal): Promise<void> {
    const { intake, rules } = this.#parts;
    while (!signal.aborted) {
      if (!rules.isAnyHeld) {
        this.#parts.stream.waitForRules();
        await rules.heldChanged.lowered(signal);
        continue;
      }
      const session = new AbortController();
      const watching = this.#endWhenNothingIsHeld(session, signal);
      let isPaused = false;
      intake.onFull = (since) => {
        isPaused = true;
        this.#pause(session, since);
      };
      const signs: SignsOfLife = {
        alive: (at) => {
          // What is handed on after a pause began had come before it.
          if (!isPaused) this.#noteAlive(at);
        },
        lost: (loss) => this.#beginGap(loss),
      };
      this.#parts.gaps?.memory.beginListening(this.#parts.clock.now());
      try {
        const either = AbortSignal.any([signal, session.signal]);
        await this.#parts.stream.run(either, (...tweets) => intake.take(...tweets), signs);
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
    this.#beginGap({ at: this.#aliveAt ?? since, cause: "journal_full", detail: this.#parts.gaps?.fault ?? "" });
    session.abort("there is no room");
  }

  #noteAlive(at: number): void {
    this.#aliveAt = at;
    this.#parts.gaps?.listening.noteAlive(at);
  }

  #beginGap(gap: { at: number; cause: GapCause; detail: string }): void {
    this.#parts.gaps?.listening.beginGap({ ...gap, rules: this.#parts.rules.wanted });
  }

  async #endWhenNothingIsHeld(session: AbortController, signal: AbortSignal): Promise<void> {
    const { rules } = this.#parts;
    const either = AbortSignal.any([signal, session.signal]);
    while (!either.aborted && rules.isAnyHeld) {
      await rules.heldChanged.lowered(either).catch((error) => {
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
