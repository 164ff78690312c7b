/** What is counted of one rule, and which of it Redis has not been told yet. */

import type { Rule } from "../model/rule.ts";
import { CarriedCount } from "./carried_count.ts";
import { RollingCount } from "./rolling_count.ts";
import { RATE_WINDOW_MS, type RuleRow } from "./rule_row.ts";

const WINDOW_BUCKETS = 60;
const RATE_BUCKETS = 10;

/** When a row is written: by the clock that is never put back, and by that of the wall. */
export interface WritingTime {
  readonly monotonic: number;
  readonly wall: number;
  /** When counting began, on the wall's clock; undefined when that was before the window. */
  readonly since: number | undefined;
}

export class RuleFigures {
  #rule: Rule;
  readonly #windowMs: number;
  readonly #window: RollingCount;
  readonly #lately = new RollingCount(RATE_WINDOW_MS, RATE_BUCKETS);
  readonly #total = new CarriedCount();
  readonly #limited = new CarriedCount();
  #lastAt: number | undefined;
  /** Whether there is something new since the last row was made. */
  #isNew = true;
  #made: RuleRow | undefined;

  constructor(rule: Rule, windowMs: number) {
    this.#rule = rule;
    this.#windowMs = windowMs;
    this.#window = new RollingCount(windowMs, WINDOW_BUCKETS);
  }

  get rule(): Rule {
    return this.#rule;
  }

  /** The rule may have another value or tag than before. */
  set rule(rule: Rule) {
    if (rule.value !== this.#rule.value || rule.tag !== this.#rule.tag) this.#isNew = true;
    this.#rule = rule;
  }

  countAccepted(monotonic: number, wall: number): void {
    this.#window.count(monotonic);
    this.#lately.count(monotonic);
    this.#total.count();
    this.#lastAt = wall;
    this.#isNew = true;
  }

  countLimited(): void {
    this.#limited.count();
    this.#isNew = true;
  }

  /** Begins the window anew: what happened meanwhile is not known here. */
  beginWindow(): void {
    this.#window.clear();
    this.#lately.clear();
    this.#isNew = true;
  }

  /** Takes over what Redis holds of the rule, if anything. */
  carryOn(row: RuleRow | undefined): void {
    this.#total.carryOn(row?.total ?? 0);
    this.#limited.carryOn(row?.limited ?? 0);
    if (row?.lastAt !== undefined) this.#lastAt = Math.max(row.lastAt, this.#lastAt ?? 0);
    this.#isNew = true;
  }

  /** The row to write; undefined when it would be the one that was made last. */
  nextRow(time: WritingTime): RuleRow | undefined {
    const made = this.#made;
    if (made && !this.#isNew && made.matches === 0 && made.rate === 0) return undefined;
    const matches = Math.round(this.#window.within(time.monotonic));
    const perSecond = this.#lately.within(time.monotonic) * 1_000 / RATE_WINDOW_MS;
    const rate = Math.round(perSecond * 100) / 100;
    if (made && !this.#isNew && made.matches === matches && made.rate === rate) return undefined;
    const { tag, value } = this.#rule;
    const counts = { matches, total: this.#total.send(), limited: this.#limited.send(), rate };
    this.#made = {
      value,
      tag,
      windowMs: this.#windowMs,
      since: time.since,
      lastAt: this.#lastAt,
      at: time.wall,
      ...counts,
    };
    this.#isNew = false;
    return this.#made;
  }

  /** The row that was made last is in Redis. */
  arrived(): void {
    this.#total.arrived();
    this.#limited.arrived();
  }
}
