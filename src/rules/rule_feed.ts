/**
 * The feed of rule sets: loads at the start, after each notice, and at each poll; hands on only what is complete and
 * changed. A load that fails replaces nothing, and is tried again with growing waits, never longer than a poll's; where
 * it is the first one, the rules of the last process serve meanwhile, if it left any.
 * Loads never overlap; notices that come close together are one.
 */

import type { Clock } from "../base/clock.ts";
import { messageOf, TransientError } from "../base/errors.ts";
import type { Events } from "../base/events.ts";
import type { Random } from "../base/random.ts";
import { BACKOFF, Backoff } from "../base/retry.ts";
import type { Rule } from "../model/rule.ts";
import { areSameRules } from "./same_rules.ts";
import { type LoadedRules, type RuleFaultNote, RulesFileError, type RuleStore } from "./rule_store.ts";

/** Whoever remembers the last complete set of rules beyond the process. */
export interface RuleMemory {
  /** Undefined where there is none. */
  read(): readonly Rule[] | undefined;
  keep(rules: readonly Rule[]): void;
}

export interface RuleFeedOptions {
  store: RuleStore;
  /** Absent where rules come from a file, and for `--test`. */
  kept?: RuleMemory | undefined;
  /** How often the rules are read again without a notice, in milliseconds. */
  pollMs: number;
  clock: Clock;
  random: Random;
  events: Events;
}

/** How long notices are gathered before the rules are read: somebody may be adding one rule after the other. */
const GATHER_MS = 100;

/** How many faults of one load are told one by one. */
const MOST_FAULTS_TOLD = 20;

export class RuleFeed {
  readonly name: string;
  readonly #options: RuleFeedOptions;
  readonly #backoff: Backoff;
  /** The rules handed on last; undefined before the first. */
  #inUse: readonly Rule[] | undefined;
  /** Whether the rules in use are others than those that are remembered, as far as is known. */
  #isUnkept = true;
  #isFailing = false;
  #toldFaults: ReadonlySet<string> = new Set();
  #isNoticed = false;
  #wake: (() => void) | undefined;

  constructor(options: RuleFeedOptions) {
    this.#options = options;
    this.#backoff = new Backoff(BACKOFF.redis, options.random);
    this.name = options.store.name;
  }

  /**
   * Hands on rule sets until the signal is aborted, then rejects with its reason. Throws RulesFileError when the very
   * first load finds a file that cannot be used: a person is there to mend it.
   */
  async run(signal: AbortSignal, onRules: (rules: readonly Rule[]) => void): Promise<void> {
    const { events, pollMs, store } = this.#options;
    const unwatch = store.watch({
      onNotice: (what) => {
        events.emit("rule_notice", { slot: what });
        this.#isNoticed = true;
        this.#wake?.();
      },
      onLost: (reason) => events.emit("rules_unwatched", { source: store.name, reason, pollMs }),
    });
    try {
      while (true) {
        this.#isNoticed = false;
        const waitMs = await this.#load(signal, onRules);
        await this.#pause(waitMs, signal);
      }
    } finally {
      unwatch();
      store.close();
    }
  }

  /** Loads once; answers how long to wait, without a notice, before the next load. */
  async #load(signal: AbortSignal, onRules: (rules: readonly Rule[]) => void): Promise<number> {
    const { events, kept, pollMs, store } = this.#options;
    let loaded: LoadedRules;
    try {
      loaded = await store.load(signal);
    } catch (error) {
      signal.throwIfAborted();
      const mayHeal = error instanceof TransientError || (error instanceof RulesFileError && this.#inUse !== undefined);
      if (!mayHeal) throw error;
      this.#isFailing = true;
      events.emit("rules_load_failed", {
        source: store.name,
        reason: messageOf(error),
        kept: this.#inUse?.length ?? 0,
      });
      if (this.#inUse === undefined) this.#useKept(onRules);
      return Math.min(this.#backoff.next(), pollMs);
    }
    this.#backoff.reset();
    if (this.#isFailing) events.emit("rules_load_recovered", { source: store.name });
    this.#isFailing = false;
    this.#tellFaults(loaded.faults);
    if (this.#inUse === undefined || !areSameRules(this.#inUse, loaded.rules)) {
      this.#isUnkept = true;
      this.#inUse = loaded.rules;
      onRules(loaded.rules);
    }
    if (this.#isUnkept) {
      kept?.keep(loaded.rules);
      this.#isUnkept = false;
    }
    return pollMs;
  }

  /** The place of the rules does not answer, and this is the first time that it is asked: the last ones serve. */
  #useKept(onRules: (rules: readonly Rule[]) => void): void {
    const { events, kept, store } = this.#options;
    const rules = kept?.read();
    if (!rules) return;
    this.#inUse = rules;
    events.emit("rules_kept_used", { source: store.name, rules: rules.length });
    onRules(rules);
  }

  /** Waits so long, or until shortly after a notice. Rejects with the signal's reason when it is aborted. */
  async #pause(waitMs: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    if (!this.#isNoticed) {
      const noticed = new AbortController();
      this.#wake = () => noticed.abort();
      await clock.sleep(waitMs, AbortSignal.any([signal, noticed.signal])).catch((reason) => {
        signal.throwIfAborted();
        if (reason !== noticed.signal.reason) throw reason;
      });
      this.#wake = undefined;
    }
    if (this.#isNoticed) await clock.sleep(GATHER_MS, signal);
  }

  /** Tells each fault once, until it goes and comes again. */
  #tellFaults(faults: readonly RuleFaultNote[]): void {
    const { events, store } = this.#options;
    const standing = new Map(faults.map((fault) => [`${fault.where}\n${fault.reason}`, fault]));
    const fresh = [...standing].filter(([key]) => !this.#toldFaults.has(key)).map(([, fault]) => fault);
    for (const { where, reason } of fresh.slice(0, MOST_FAULTS_TOLD)) events.emit("rule_unusable", { where, reason });
    const more = fresh.length - MOST_FAULTS_TOLD;
    if (more > 0) events.emit("rules_unusable_too", { source: store.name, more });
    this.#toldFaults = new Set(standing.keys());
  }
}
