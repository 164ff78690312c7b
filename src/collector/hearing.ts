/**
 * Keeps account of when the stream was heard, and tells the gap register of what ends that: a loss, no room, nothing of
 * ours at X, a stop. A gap is over with the next sign of life, or when nothing is wanted any more; with the next rules
 * listening begins anew.
 */

import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import type { GapCause } from "../journal/gaps.ts";
import type { Predecessor } from "../fleet/tenure.ts";
import type { Rule } from "../model/rule.ts";

/** Whoever keeps account of when not everything came in. */
export interface GapRegister {
  readonly memory: {
    /** Whether the stream has ever been heard. */
    readonly hasWorked: boolean;
    beginListening(at: number): void;
  };
  readonly listening: {
    /** Since when nothing came in, where that lasts; in milliseconds since 1970. */
    readonly missingSince: number | undefined;
    /** These rules are collected from now on. */
    collect(rules: Iterable<Rule>): void;
    /** Another instance keeps account of what was missed since this one listened. */
    leaveGap(by: string): void;
    /** From a moment on nothing came in, with the rules that were collected then. One that lasts already goes on. */
    beginGap(gap: { at: number; cause: GapCause; detail: string; rules: Iterable<Rule> }): void;
    /** Somebody stops collecting, after a last sign of life if there was one; a gap that lasts ends. */
    stop(gap: { at: number | undefined; detail: string; rules: Iterable<Rule> }): void;
    /** Nothing is wanted any more: a gap is over, if one lasted. */
    endGap(): void;
    /** There was a sign of life: a gap is over, if one lasted. */
    noteAlive(at: number): void;
  };
  /** Why nothing can be taken now. */
  readonly fault: string | undefined;
}

export interface HearingOptions {
  /** Absent for `--test`. */
  readonly register: GapRegister | undefined;
  /** The rules that are collected. */
  readonly rules: () => Iterable<Rule>;
  readonly clock: Clock;
  readonly events: Events;
}

/** How long X may take to hold the first rules: as long as new ones may take anyway. */
const FIRST_RULES_MS = 30_000;

export class Hearing {
  readonly #options: HearingOptions;
  /** Whether rules are wanted, and since when; undefined before that is known. */
  #isWanted: boolean | undefined;
  #wantedSince = 0;
  /** Since when something may be missed: the last sign of life, or when listening began; undefined where nothing is. */
  #since: number | undefined;
  /** Since when all that is missing is in the register, in this tenure. */
  #accountedFrom: number | undefined;
  /** Whether the stream was opened since rules are wanted. */
  #hasBegun = false;
  #isTold = false;

  constructor(options: HearingOptions) {
    this.#options = options;
  }

  /**
   * The last moment of which nothing is missing that is not in the register: now, where nothing is wanted; undefined where
   * nobody knows yet.
   */
  get accountedUntil(): number | undefined {
    const missingSince = this.#options.register?.listening.missingSince;
    if (missingSince !== undefined) return missingSince;
    return this.#isWanted === false ? this.#options.clock.now() : this.#since;
  }

  /** Since when, in this tenure, what is missing is in the register; undefined before the first sign of life. */
  get accountedFrom(): number | undefined {
    return this.#accountedFrom;
  }

  /**
   * This instance holds the app's connection after another one, which accounts for what was before a moment; what is
   * missing since then is missing here.
   */
  follow({ at, host, instance, isBeside, released }: Predecessor): void {
    const by = `${instance} on ${host}`;
    this.succeeded(by);
    if (isBeside) this.lost({ at, cause: "not_connected", detail: `not yet, beside ${by}` });
    else this.lost({ at, cause: released ? "handed_over" : "holder_lost", detail: by });
  }

  /** Another instance holds the app's connection after this one, and keeps account of what is missing since. */
  succeeded(by: string): void {
    this.#options.register?.listening.leaveGap(by);
  }

  /** This instance does not hold the app's connection any more. */
  letGo(detail: string): void {
    const { register } = this.#options;
    if (this.#since !== undefined) this.lost({ at: this.#since, cause: "let_go", detail });
    // Nothing is collected from now on: a process that ends without a word leaves no gap.
    register?.listening.collect([]);
    this.#since = this.#isWanted = this.#accountedFrom = undefined;
    this.#hasBegun = this.#isTold = false;
  }

  /** Rules are wanted, or none are. */
  want(isAny: boolean): void {
    if (isAny === this.#isWanted) return;
    const { clock, register } = this.#options;
    this.#isWanted = isAny;
    this.#hasBegun = this.#isTold = false;
    this.#since = undefined;
    this.#wantedSince = clock.now();
    if (!isAny) register?.listening.endGap();
    else if (register?.memory.hasWorked) this.#since = this.#begin();
  }

  /** The stream is about to be opened. */
  open(): void {
    this.want(true);
    // Where it had been closed, there was nothing to read for a moment at least.
    if (this.#hasBegun) this.#missRules();
    else if (this.#since === undefined) this.#begin();
    this.#hasBegun = true;
    this.#isTold = false;
  }

  /** There was a sign of life. */
  alive(at: number): void {
    this.#since = at;
    this.#accountedFrom ??= at;
    this.#options.register?.listening.noteAlive(at);
  }

  /** Nothing is read any more; where nothing is wanted either, nothing is missed. */
  lost(loss: { at: number; cause: GapCause; detail: string }): void {
    const rules = [...this.#options.rules()];
    if (rules.length > 0) this.#options.register?.listening.beginGap({ ...loss, rules });
  }

  /** The stream is closed, for there is no room for what came since a moment. */
  pause(since: number): void {
    const detail = this.#options.register?.fault ?? "";
    this.lost({ at: this.#since ?? since, cause: "journal_full", detail });
  }

  /**
   * Where X holds none of the rules that are wanted: in how many milliseconds that is to be told. At once where the
   * stream was open; X may take a while for the first ones.
   */
  get missingInMs(): number {
    if (this.#hasBegun || this.#isTold) return 0;
    return Math.max(0, this.#wantedSince + FIRST_RULES_MS - this.#options.clock.now());
  }

  /** X holds none of the rules that are wanted: a gap, where anything was ever heard. */
  tellMissing(): void {
    if (!this.#isTold) this.#options.events.emit("rules_missing");
    this.#isTold = true;
    this.#missRules();
  }

  /** Collecting is stopped. */
  stop(detail: string): void {
    this.#options.register?.listening.stop({ at: this.#since, detail, rules: this.#options.rules() });
  }

  #begin(): number {
    const at = this.#options.clock.now();
    this.#options.register?.memory.beginListening(at);
    return at;
  }

  #missRules(): void {
    if (this.#since !== undefined) this.lost({ at: this.#since, cause: "rules_missing", detail: "" });
  }
}
