/**
 * The rules that people want, and what X holds of them: takes them as they change, has X made to hold them, and lets the
 * tagger know of both.
 *
 * It promises that what may heal is tried again until it does; that an interval in which X held nothing that covers a
 * wanted rule is in the gap register, as `missing_queries.ts` says.
 */

import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import { Flag } from "../base/flag.ts";
import type { Random } from "../base/random.ts";
import { untilAborted } from "../base/signals.ts";
import type { RateLimit } from "../match/rate_limit.ts";
import type { Tagger } from "../match/tagger.ts";
import { shown } from "../model/outside_text.ts";
import type { Translation } from "../model/query.ts";
import type { Rule } from "../model/rule.ts";
import { slotName } from "../model/slot.ts";
import { NO_QUERIES, refusedRules, type WantedQueries, wantedQueries, type WantedQuery } from "../model/wire_rules.ts";
import type { SyncResult, SyncWatch } from "../stream/rule_sync.ts";
import { XBackoff } from "../stream/x_backoff.ts";
import { XFailure } from "../stream/x_failure.ts";
import { type LastingInterval, type MissingInterval, MissingQueries } from "./missing_queries.ts";
import { endingOf } from "./x_endings.ts";

/** Complete, changed rule sets, one after the other, until the signal. */
export interface RuleSource {
  readonly name: string;
  run(signal: AbortSignal, onRules: (rules: readonly Rule[]) => void): Promise<void>;
}

/** Whatever makes X hold the wanted rules. */
export interface RuleKeeper {
  synchronise(wanted: WantedQueries, signal: AbortSignal, watch: SyncWatch): Promise<SyncResult>;
}

export interface RuleCounts {
  readonly rules: number;
  readonly queries: number;
  readonly held: number;
  readonly refused: number;
  readonly unplaced: number;
  readonly drifted: number;
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

/** Whoever keeps account of what was collected when. */
export interface RuleRegister {
  /** These rules are collected from now on. */
  collect(rules: Iterable<Rule>): void;
  noteUncovered(interval: MissingInterval): void;
  /** The same for those that last: a process that ends without a word leaves them as gaps. */
  keepUncovered(lasting: readonly LastingInterval[]): void;
}

export interface RuleKeepingOptions {
  source: RuleSource;
  keeper: RuleKeeper;
  tagger: Tagger;
  rateLimit: RateLimit | undefined;
  statistics?: { keepOnly(rules: Iterable<Rule>): void } | undefined;
  /** Absent for `--test`. */
  register: RuleRegister | undefined;
  /** Absent where rules come from a file: nobody else looks there. */
  appliedRules?: AppliedRulesNote;
  events: Events;
  clock: Clock;
  random: Random;
  /** Whether a connection of this app has ever stood: then a refusal of X's ends nothing, for it may pass. */
  hasWorked: () => boolean;
  translation: Translation;
  /** How often what X holds is compared with what is wanted, though nothing has changed here. */
  compareMs: number;
  /** Whether another instance changes X's rules, and this one only has to know them. */
  isSecond?: () => boolean;
  /** What a person may do when there are no rules. */
  rulesHint: string;
}

/** How often what X holds is looked at where another instance changes it: while it differs, and when it does not. */
const LOOK_SOON_MS = 5_000;
const LOOK_AGAIN_MS = 60_000;

/** What X holds before anybody has asked. */
const NOTHING_HELD: SyncResult = { held: new Map(), refused: new Map(), unplaced: [], added: 0, deleted: 0 };

export class RuleKeeping {
  readonly #options: RuleKeepingOptions;
  #wanted = NO_QUERIES;
  #isKnown = false;
  #held = NOTHING_HELD;
  /** The queries that X refuses, or has no room for. */
  #setAside: ReadonlySet<string> = new Set();
  readonly #known = Promise.withResolvers<void>();
  #missing: MissingQueries | undefined;
  /** Raised when the wanted rules have changed. */
  readonly #wantedChanged = new Flag();
  /** Raised when other rules are wanted than before, or X holds others. */
  readonly changed = new Flag();

  constructor(options: RuleKeepingOptions) {
    this.#options = options;
  }

  /** Whether the rules have been loaded: before that nobody knows what is wanted. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** Waits until they have been loaded; rejects with the signal's reason. */
  known(signal: AbortSignal): Promise<void> {
    return untilAborted(this.#known.promise, signal);
  }

  /** This instance sees to X's rules from now on: at once. */
  takeOver(): void {
    this.#wantedChanged.raise();
  }

  get #isSecond(): boolean {
    return this.#options.isSecond?.() ?? false;
  }

  /** The rules that are collected: those that are wanted, as far as X takes them. */
  get wanted(): ReadonlySet<Rule> {
    return rulesOf(this.#wanted.all.filter(({ value }) => !this.#setAside.has(value)));
  }

  /** Whether X holds any of them: without it answers 409 to who wants the stream. */
  get isAnyHeld(): boolean {
    return this.#held.held.size > 0;
  }

  /**
   * How many rules people want, how many queries that makes, how many rules X holds for them, how many of people's rules
   * it refuses, for how many queries it has no room, and in how many rules it differs where only a person changes that.
   */
  get counts(): RuleCounts {
    const { held, unplaced } = this.#held;
    const drifted = this.#isSecond ? 0 : this.#held.drifted ?? 0;
    const { all, rules } = this.#wanted;
    const [refused, queries] = [this.refused.size, all.length];
    return { rules, queries, held: held.size, refused, unplaced: unplaced.length, drifted };
  }

  /** The rules that X refuses, with its words. */
  get refused(): ReadonlyMap<Rule, string> {
    return refusedRules(this.#wanted, this.#held.refused);
  }

  /** Takes the rules of people as they change, until the signal. */
  async watch(signal: AbortSignal): Promise<void> {
    await this.#options.source.run(signal, (rules) => this.#want(rules));
  }

  #want(rules: readonly Rule[]): void {
    const { events, rateLimit, register, rulesHint, source, statistics, tagger, translation } = this.#options;
    const before = this.#wanted;
    this.#wanted = wantedQueries(rules, (rule, fault) => {
      const where = `${slotName(rule.slot)}, "${shown(rule.value, 60)}"`;
      events.emit("rule_unusable", { where, reason: fault.message });
    }, translation);
    this.#isKnown = true;
    this.#known.resolve();
    tagger.want(this.#wanted);
    this.#missing?.want(this.#wanted);
    // Nobody collects them as long as nobody keeps them.
    if (this.#missing) register?.collect(this.wanted);
    statistics?.keepOnly(rules);
    rateLimit?.keepOnly(new Set(this.#wanted.all.flatMap((query) => query.rules.map(({ value }) => value))));
    if (this.#wanted.all.length === 0) events.emit("rules_waiting", { source: source.name, hint: rulesHint });
    else events.emit("rules_loaded", { rules: rules.length, source: source.name, queries: this.#wanted.all.length });
    if (this.#wanted.all.length > 0 || before.all.length > 0) this.#wantedChanged.raise();
    this.changed.raise();
  }

  /**
   * Makes X hold the wanted rules after each change, and now and then: people and X itself change them as well. Once at a
   * time; what X holds is found out anew each time.
   */
  async keep(signal: AbortSignal): Promise<void> {
    this.#missing = this.#newMissing();
    this.#missing.want(this.#wanted);
    if (this.#isKnown) {
      this.#options.register?.collect(this.wanted);
      this.#wantedChanged.raise();
    }
    try {
      while (!signal.aborted) {
        const cancel = this.#options.clock.after(this.#compareMs, () => this.#wantedChanged.raise());
        try {
          await this.#wantedChanged.lowered(signal);
        } finally {
          cancel();
        }
        if (this.#wanted.all.length > 0 || this.#held.held.size > 0) await this.#synchronise(signal);
      }
    } finally {
      this.#missing.close();
      this.#missing = undefined;
      this.#held = NOTHING_HELD;
    }
  }

  /** Whoever only looks has to see soon what was done, and now and then what was done without a word. */
  get #compareMs(): number {
    if (!this.#isSecond) return this.#options.compareMs;
    return (this.#held.drifted ?? 1) > 0 ? LOOK_SOON_MS : LOOK_AGAIN_MS;
  }

  #newMissing(): MissingQueries {
    const { clock, hasWorked, register } = this.#options;
    return new MissingQueries({
      clock,
      note: (interval) => void (this.#isSecond || register?.noteUncovered(interval)),
      keep: (lasting) => void (this.#isSecond || register?.keepUncovered(lasting)),
      hasHeard: hasWorked(),
    });
  }

  /** Synchronises the rules, trying again on what may heal. */
  async #synchronise(signal: AbortSignal): Promise<void> {
    const { clock, events, keeper, random, tagger } = this.#options;
    const backoff = new XBackoff(random);
    while (!signal.aborted) {
      const wanted = this.#wanted;
      const since = clock.now();
      try {
        this.#held = await keeper.synchronise(wanted, signal, {
          found: (queries) => this.#missing?.found(queries, wanted),
          planned: (rules) => tagger.expect(rules),
          uncovered: (queries) => this.#missing?.uncovered(queries),
        });
        this.#missing?.settled(this.#held, wanted, since);
        this.#noteSetAside();
        tagger.hold(this.#held.held);
        this.changed.raise();
        this.#noteApplied(wanted);
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof XFailure)) throw error;
        if (this.#isHopeless(error)) throw endingOf(error);
        const waitMs = backoff.next(error);
        events.emit("rule_sync_failed", { reason: error.message, waitMs });
        await clock.sleep(waitMs, signal);
      }
    }
  }

  /** A token that never worked is wrong; one that did may be replaced, and an incident at X may pass. */
  #isHopeless({ kind, mayHeal }: XFailure): boolean {
    if (mayHeal || this.#held.held.size > 0) return false;
    return kind === "invalid" || !this.#options.hasWorked();
  }

  /** What X does not take is not collected. */
  #noteSetAside(): void {
    const { refused, unplaced } = this.#held;
    const setAside = new Set([...refused.keys(), ...unplaced.map(({ value }) => value)]);
    if (setAside.symmetricDifference(this.#setAside).size === 0) return;
    this.#setAside = setAside;
    this.#options.register?.collect(this.wanted);
  }

  #noteApplied(wanted: WantedQueries): void {
    if (this.#isSecond) return;
    const { added, deleted, refused } = this.#held;
    this.#options.appliedRules?.note({
      wanted: [...rulesOf(wanted.all)],
      refused: refusedRules(wanted, refused),
      added,
      deleted,
    });
  }
}

/** The rules that queries stand for. */
function rulesOf(queries: readonly WantedQuery[]): Set<Rule> {
  return new Set(queries.flatMap((query) => query.rules));
}
