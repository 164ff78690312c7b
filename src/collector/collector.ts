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
import { Flag } from "../base/flag.ts";
import type { Random } from "../base/random.ts";
import { Backoff } from "../base/retry.ts";
import type { RateLimit } from "../match/rate_limit.ts";
import type { GapCause } from "../journal/gaps.ts";
import type { Tagger } from "../match/tagger.ts";
import type { Backlog } from "../model/backlog.ts";
import { shown } from "../model/outside_text.ts";
import type { Rule } from "../model/rule.ts";
import { slotName } from "../model/slot.ts";
import type { Translation } from "../model/query.ts";
import { NO_QUERIES, refusedRules, type WantedQueries, wantedQueries, type WireRule } from "../model/wire_rules.ts";
import type { Counters } from "../observe/counters.ts";
import type { SyncResult } from "../stream/rule_sync.ts";
import type { SignsOfLife } from "../stream/filtered_stream.ts";
import type { TweetHandler } from "../stream/reading.ts";
import type { StreamStatus } from "../stream/stream_states.ts";
import { backoffFor, XFailure } from "../stream/x_failure.ts";
import type { Intake } from "./intake.ts";
import { endingOf } from "./x_endings.ts";

/** Complete, changed rule sets, one after the other, until the signal. */
export interface RuleSource {
  readonly name: string;
  run(signal: AbortSignal, onRules: (rules: readonly Rule[]) => void): Promise<void>;
}

/** Whatever makes X hold the wanted rules. */
export interface RuleKeeper {
  synchronise(
    wanted: WantedQueries,
    signal: AbortSignal,
    onPlanned: (rules: readonly WireRule[]) => void,
  ): Promise<SyncResult>;
}

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
    /** These rules are collected from now on. */
    collect(rules: Iterable<Rule>): void;
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

/** Whoever leaves word of what was done at X; never waits, never fails. */
export interface AppliedRulesNote {
  note(applied: {
    readonly wanted: readonly Rule[];
    readonly refused: ReadonlyMap<Rule, string>;
    readonly added: number;
    readonly deleted: number;
  }): void;
}

export interface CollectorParts {
  rules: RuleSource;
  keeper: RuleKeeper;
  stream: TweetSource;
  tagger: Tagger;
  intake: Intake;
  backlog: Backlog;
  /** Absent for `--test`. */
  gaps: GapRegister | undefined;
  rateLimit: RateLimit | undefined;
  outbox: Deliverer;
  companions: readonly Companion[];
  /** Absent where rules come from a file: nobody else looks there. */
  appliedRules?: AppliedRulesNote;
  counters: Counters;
  events: Events;
  clock: Clock;
  random: Random;
  /** Whether a connection of this app has ever stood: then a refusal of X's ends nothing, for it may pass. */
  hasWorked: boolean;
  translation: Translation;
  /** How often what X holds is compared with what is wanted, though nothing has changed here. */
  compareMs: number;
  /** What a person may do when there are no rules. */
  rulesHint: string;
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
  #wanted = NO_QUERIES;
  #held: SyncResult = { held: new Map(), refused: new Map(), unplaced: [], added: 0, deleted: 0 };
  /** Raised when the wanted rules have changed; when X holds other rules than before. */
  readonly #wantedChanged = new Flag();
  readonly #heldChanged = new Flag();
  #end = new AbortController();
  /** The last sign of life of the stream. */
  #aliveAt: number | undefined;

  constructor(parts: CollectorParts) {
    this.#parts = parts;
  }

  /**
   * How many rules people want, how many queries that makes, how many rules X holds for them, how many of people's rules
   * it refuses, and for how many queries it has no room.
   */
  get ruleCounts(): { rules: number; queries: number; held: number; refused: number; unplaced: number } {
    const { held, unplaced } = this.#held;
    const { all, rules } = this.#wanted;
    return { rules, queries: all.length, held: held.size, refused: this.refusedRules.size, unplaced: unplaced.length };
  }

  /** The rules that X refuses, with its words. */
  get refusedRules(): ReadonlyMap<Rule, string> {
    return refusedRules(this.#wanted, this.#held.refused);
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
      guarded(this.#watchRules(collecting)),
      guarded(this.#keepRules(collecting)),
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
    // Nothing was heard yet where nothing was collected: then nothing is missed either.
    if (this.#aliveAt !== undefined) {
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

  async #watchRules(signal: AbortSignal): Promise<void> {
    await this.#parts.rules.run(signal, (rules) => this.#want(rules));
  }

  #want(rules: readonly Rule[]): void {
    const { events, rateLimit, rules: source, rulesHint, tagger } = this.#parts;
    const before = this.#wanted;
    this.#wanted = wantedQueries(rules, (rule, fault) => {
      const where = `${slotName(rule.slot)}, "${shown(rule.value, 60)}"`;
      events.emit("rule_unusable", { where, reason: fault.message });
    }, this.#parts.translation);
    tagger.want(this.#wanted);
    this.#parts.gaps?.listening.collect(rulesOf(this.#wanted));
    rateLimit?.keepOnly(new Set(this.#wanted.all.flatMap((query) => query.rules.map(({ value }) => value))));
    if (this.#wanted.all.length === 0) events.emit("rules_waiting", { source: source.name, hint: rulesHint });
    else events.emit("rules_loaded", { rules: rules.length, source: source.name, queries: this.#wanted.all.length });
    if (this.#wanted.all.length > 0 || before.all.length > 0) this.#wantedChanged.raise();
  }

  /** Makes X hold the wanted rules after each change, and now and then: people and X itself change them as well. */
  async #keepRules(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const cancel = this.#parts.clock.after(this.#parts.compareMs, () => this.#wantedChanged.raise());
      try {
        await this.#wantedChanged.lowered(signal);
      } finally {
        cancel();
      }
      if (this.#wanted.all.length > 0 || this.#held.held.size > 0) await this.#synchronise(signal);
    }
  }

  /** Synchronises the rules, trying again on what may heal. */
  async #synchronise(signal: AbortSignal): Promise<void> {
    const { clock, events, keeper, random, tagger } = this.#parts;
    let failing: { kind: string; backoff: Backoff } | undefined;
    while (!signal.aborted) {
      const wanted = this.#wanted;
      try {
        this.#held = await keeper.synchronise(wanted, signal, (planned) => tagger.expect(planned));
        tagger.hold(this.#held.held);
        this.#heldChanged.raise();
        this.#noteApplied(wanted);
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof XFailure)) throw error;
        if (this.#isHopeless(error)) throw endingOf(error);
        if (failing?.kind !== error.kind) {
          failing = { kind: error.kind, backoff: new Backoff(backoffFor(error.kind), random) };
        }
        const waitMs = failing.backoff.next(error.retryAfterMs);
        events.emit("rule_sync_failed", { reason: error.message, waitMs });
        await clock.sleep(waitMs, signal);
      }
    }
  }

  /** A token that never worked is wrong; one that did may be replaced, and an incident at X may pass. */
  #isHopeless({ kind, mayHeal }: XFailure): boolean {
    if (mayHeal || this.#held.held.size > 0) return false;
    return kind === "invalid" || !this.#parts.hasWorked;
  }

  #noteApplied(wanted: WantedQueries): void {
    const { added, deleted, refused } = this.#held;
    this.#parts.appliedRules?.note({
      wanted: [...rulesOf(wanted)],
      refused: refusedRules(wanted, refused),
      added,
      deleted,
    });
  }

  /** Reads the stream while X holds at least one rule: without rules it answers 409. */
  async #readStream(signal: AbortSignal): Promise<void> {
    const { intake } = this.#parts;
    while (!signal.aborted) {
      if (this.#held.held.size === 0) {
        this.#parts.stream.waitForRules();
        await this.#heldChanged.lowered(signal);
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
    this.#parts.gaps?.listening.beginGap({ ...gap, rules: rulesOf(this.#wanted) });
  }

  async #endWhenNothingIsHeld(session: AbortController, signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, session.signal]);
    while (!either.aborted && this.#held.held.size > 0) {
      await this.#heldChanged.lowered(either).catch((error) => {
        if (!either.aborted) throw error;
      });
    }
    session.abort();
  }
}

/** The rules that queries stand for. */
function rulesOf({ all }: WantedQueries): Set<Rule> {
  return new Set(all.flatMap((query) => query.rules));
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
