/**
 * Keeps account of when the stream was listened to, and with which rules: what begins a gap, what ends it, and now and
 * then a sign of life, from which a process that ends without a word leaves a gap.
 */

import type { Clock } from "../base/clock.ts";
import type { Rule } from "../model/rule.ts";
import type { GapCause } from "./gaps.ts";
import type { Group } from "./group.ts";

/** How often a sign of life is written where nothing else is. */
const ALIVE_MS = 10_000;
/** A clock that has gone back by less against the monotonic one was not put back: two clocks never agree. */
const PUT_BACK_MS = 5_000;

/** What it needs of the journal. */
export interface ListeningOptions {
  /** The group that is open. */
  readonly group: () => Group;
  readonly numberOf: (rule: Rule) => number;
  readonly clock: Clock;
  /** Writes the group now, where that can be; or soon. */
  readonly commit: () => void;
  readonly schedule: () => void;
}

export class Listening {
  readonly #options: ListeningOptions;
  /** Since when a gap lasts, and when a sign of life was last on its way to the disk. */
  #missingSince: number | undefined;
  #aliveWrittenAt = -Infinity;
  /** How far the clock was ahead of the monotonic one when the gap began; undefined for one of another process. */
  #aheadAtBegin: number | undefined;

  constructor(options: ListeningOptions, missingSince: number | undefined) {
    this.#options = options;
    this.#missingSince = missingSince;
  }

  /** Since when a gap lasts, in milliseconds since 1970; undefined where none does. */
  get missingSince(): number | undefined {
    return this.#missingSince;
  }

  get #hasGap(): boolean {
    return this.#missingSince !== undefined;
  }

  /** These rules are collected from now on. */
  collect(rules: Iterable<Rule>): void {
    const { group, schedule } = this.#options;
    group().gaps.push({ kind: "collecting", rules: this.#numbersOf(rules) });
    schedule();
  }

  /**
   * From a moment on nothing came in, with the rules that were collected then. Written at once, where that can be; one
   * that lasts already goes on.
   */
  beginGap(gap: { at: number; cause: GapCause; detail: string; rules: Iterable<Rule> }): void {
    if (!this.#hasGap) this.#begin(gap);
  }

  /**
   * Somebody has stopped collecting: a gap begins with the last sign of life, if there was one. One that lasts ends now,
   * for what is missed from now on is missed because of the stop.
   */
  stop({ at, detail, rules }: { at: number | undefined; detail: string; rules: Iterable<Rule> }): void {
    const began = this.#hasGap ? this.#options.clock.now() : at;
    if (began !== undefined) this.#begin({ at: began, cause: "stopped", detail, rules });
  }

  #begin(gap: { at: number; cause: GapCause; detail: string; rules: Iterable<Rule> }): void {
    const { commit, group } = this.#options;
    const putBackMs = this.#putBackMs;
    group().gaps.push({ kind: "began", ...gap, rules: this.#numbersOf(gap.rules), putBackMs });
    this.#missingSince = gap.at;
    this.#aheadAtBegin = this.#ahead;
    commit();
  }

  /** Nothing is wanted any more, so nothing is missed from now on: a gap is over, if one lasted. Written at once. */
  endGap(): void {
    if (!this.#hasGap) return;
    const { clock, commit, group } = this.#options;
    group().gaps.push({ kind: "ended", at: clock.now(), putBackMs: this.#putBackMs });
    this.#missingSince = undefined;
    commit();
  }

  /** Another instance listens, and keeps account of what was missed since this one did. Written at once. */
  leaveGap(by: string): void {
    if (!this.#hasGap) return;
    const { commit, group } = this.#options;
    group().gaps.push({ kind: "taken_over", by });
    this.#missingSince = undefined;
    commit();
  }

  /** There was a sign of life of the stream: a gap is over, if one lasted. */
  noteAlive(at: number): void {
    const { group, schedule } = this.#options;
    group().aliveAt = at;
    if (this.#hasGap) group().gaps.push({ kind: "ended", at, putBackMs: this.#putBackMs });
    // The clock may have been put back: what was written then lies in the future.
    else if (Math.abs(at - this.#aliveWrittenAt) < ALIVE_MS) return;
    this.#missingSince = undefined;
    this.#aliveWrittenAt = at;
    schedule();
  }

  /** How far the clock is ahead of the monotonic one, and by how much it was put back since the gap began. */
  get #ahead(): number {
    return this.#options.clock.now() - this.#options.clock.monotonic();
  }

  get #putBackMs(): number {
    const putBackMs = (this.#aheadAtBegin ?? this.#ahead) - this.#ahead;
    return this.#hasGap && putBackMs > PUT_BACK_MS ? putBackMs : 0;
  }

  /** For a while X held nothing that covers these rules. Written soon. */
  noteUncovered({ rules, ...interval }: { from: number; to: number; detail: string; rules: Iterable<Rule> }): void {
    const { group, schedule } = this.#options;
    group().gaps.push({ kind: "uncovered", ...interval, rules: this.#numbersOf(rules) });
    schedule();
  }

  /** Since a while X holds nothing that covers these rules; all such intervals. Written soon. */
  keepUncovered(
    lasting: readonly { from: number; countsAt: number; detail: string; rules: Iterable<Rule> }[],
  ): void {
    const { group, schedule } = this.#options;
    const intervals = lasting.map(({ from, countsAt, detail, rules }) => ({
      ...{ from, countsAt, detail },
      rules: this.#numbersOf(rules),
    }));
    group().gaps.push({ kind: "uncovering", intervals });
    schedule();
  }

  /** Another file has taken the place of the one before. What is at hand of gaps is written there as well. */
  goOn(missingSince: number | undefined): void {
    const began = this.#options.group().gaps.findLast((change) => change.kind === "began");
    this.#missingSince = missingSince ?? (this.#hasGap ? began?.at : undefined);
  }

  #numbersOf(rules: Iterable<Rule>): number[] {
    return [...rules].map((rule) => this.#options.numberOf(rule));
  }
}
