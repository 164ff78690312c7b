/**
 * Keeps account of when the stream was listened to, and with which rules: what begins a gap, what ends it, and now and
 * then a sign of life, from which a process that ends without a word leaves a gap.
 */

import type { Rule } from "../model/rule.ts";
import type { GapCause } from "./gaps.ts";
import type { Group } from "./group.ts";

/** How often a sign of life is written where nothing else is. */
const ALIVE_MS = 10_000;

/** What it needs of the journal. */
export interface ListeningOptions {
  /** The group that is open. */
  readonly group: () => Group;
  readonly numberOf: (rule: Rule) => number;
  /** Writes the group now, where that can be; or soon. */
  readonly commit: () => void;
  readonly schedule: () => void;
}

export class Listening {
  readonly #options: ListeningOptions;
  /** Whether a gap lasts, and when a sign of life was last on its way to the disk. */
  #hasGap: boolean;
  #aliveWrittenAt = -Infinity;

  constructor(options: ListeningOptions, hasGap: boolean) {
    this.#options = options;
    this.#hasGap = hasGap;
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
    if (this.#hasGap) return;
    this.#hasGap = true;
    const { commit, group } = this.#options;
    group().gaps.push({ kind: "began", ...gap, rules: this.#numbersOf(gap.rules) });
    commit();
  }

  /** There was a sign of life of the stream: a gap is over, if one lasted. */
  noteAlive(at: number): void {
    const { group, schedule } = this.#options;
    group().aliveAt = at;
    if (this.#hasGap) group().gaps.push({ kind: "ended", at });
    else if (at - this.#aliveWrittenAt < ALIVE_MS) return;
    this.#hasGap = false;
    this.#aliveWrittenAt = at;
    schedule();
  }

  /** For a while X held nothing that covers these rules, though others were collected. Written soon. */
  noteUncovered({ from, rules, to }: { from: number; to: number; rules: Iterable<Rule> }): void {
    const { group, schedule } = this.#options;
    group().gaps.push({ kind: "uncovered", from, to, rules: this.#numbersOf(rules) });
    schedule();
  }

  /** Another file has taken the place of the one before. What is at hand of gaps is written there as well. */
  goOn(hasGap: boolean): void {
    const latest = this.#options.group().gaps.findLast(({ kind }) => kind === "began" || kind === "ended");
    this.#hasGap = hasGap || latest?.kind === "began";
  }

  #numbersOf(rules: Iterable<Rule>): number[] {
    return [...rules].map((rule) => this.#options.numberOf(rule));
  }
}
