/**
 * The figures of the rules of one slot, and the commands that bring its hash in Redis up to date: the rows that have
 * changed are set, and fields that are no rule any more are taken away.
 *
 * A slot that is left without any rule keeps its fields until the hash expires: the instance that collects it may only be
 * away, and its totals are to go on.
 */

import type { RedisCommand } from "../base/redis.ts";
import type { Rule } from "../model/rule.ts";
import { RuleFigures, type WritingTime } from "./rule_figures.ts";
import { readRuleRow, type RuleRow, writeRuleRow } from "./rule_row.ts";

/** How many fields one command names at most. */
const FIELDS_A_COMMAND = 500;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** How often a hash that is written to is told to live on. */
const RENEW_MS = HOUR_MS;
/** A hash lives so long after the last write, and up to RENEW_MS longer. */
const LIFE_MS = 30 * DAY_MS + RENEW_MS;

/** Commands that are sent together, and whose rows they are. */
export interface SlotChange {
  readonly commands: readonly RedisCommand[];
  /** Redis has done them. */
  readonly arrived: () => void;
}

export class SlotFigures {
  readonly key: string;
  readonly #windowMs: number;
  readonly #scale: number;
  readonly #figures = new Map<string, RuleFigures>();
  /** What the hash held when it was read, and what was written since; undefined until it has been read. */
  #stored: Map<string, RuleRow | undefined> | undefined;
  /** All rules of the slot; empty where there are none, or where they are not known. */
  #rules: ReadonlyMap<string, Rule> = new Map();
  #renewedAt = -Infinity;

  /** `scale` is how many times faster than Redis's our clock runs. */
  constructor(key: string, { scale, windowMs }: { readonly scale: number; readonly windowMs: number }) {
    this.key = key;
    this.#scale = scale;
    this.#windowMs = windowMs;
  }

  get isRead(): boolean {
    return this.#stored !== undefined;
  }

  /** The figures of a rule of the slot. */
  figuresOf(rule: Rule): RuleFigures {
    let figures = this.#figures.get(rule.ruleId);
    if (!figures) {
      figures = new RuleFigures(rule, this.#windowMs);
      if (this.#stored) figures.carryOn(this.#stored.get(rule.ruleId));
      this.#figures.set(rule.ruleId, figures);
    }
    return figures;
  }

  /** Says which rules the slot has, all of them. */
  keepOnly(rules: ReadonlyMap<string, Rule>): void {
    this.#rules = rules;
    for (const [id, figures] of this.#figures) {
      const rule = rules.get(id);
      if (rule) figures.rule = rule;
    }
  }

  beginWindows(): void {
    for (const figures of this.#figures.values()) figures.beginWindow();
  }

  /** What the hash holds is not known any more: once it has been read again, every row is written. */
  forget(): void {
    this.#stored = undefined;
  }

  /** Takes over what the hash holds. */
  read(fields: Readonly<Record<string, string>>): void {
    this.#stored = new Map(Object.entries(fields).map(([id, text]) => [id, readRuleRow(text)]));
    for (const [id, figures] of this.#figures) figures.carryOn(this.#stored.get(id));
    this.#renewedAt = -Infinity;
  }

  /** What is to be done with the hash, which has been read, in parts. Each is made when it is asked for. */
  *changes(time: WritingTime): Generator<SlotChange> {
    const gone = this.#takeGone();
    for (let from = 0; from < gone.length; from += FIELDS_A_COMMAND) {
      yield this.#removal(gone.slice(from, from + FIELDS_A_COMMAND));
    }
    let made: { readonly id: string; readonly figures: RuleFigures; readonly text: string }[] = [];
    for (const [id, figures] of this.#figures) {
      const row = figures.nextRow(time);
      if (!row) continue;
      made.push({ id, figures, text: writeRuleRow(row) });
      if (made.length < FIELDS_A_COMMAND) continue;
      yield this.#writing(made, time);
      made = [];
    }
    if (made.length > 0) yield this.#writing(made, time);
  }

  /** Forgets the figures of rules that are gone; answers with those that have a field. */
  #takeGone(): string[] {
    if (this.#rules.size === 0) return [];
    for (const id of this.#figures.keys()) {
      if (!this.#rules.has(id)) this.#figures.delete(id);
    }
    return [...this.#stored?.keys() ?? []].filter((id) => !this.#rules.has(id));
  }

  #removal(ids: readonly string[]): SlotChange {
    const arrived = () => {
      for (const id of ids) this.#stored?.delete(id);
      // A hash without fields is none; the next row makes another.
      this.#renewedAt = -Infinity;
    };
    return { commands: [["HDEL", this.key, ...ids]], arrived };
  }

  #writing(
    made: readonly { readonly id: string; readonly figures: RuleFigures; readonly text: string }[],
    { monotonic }: WritingTime,
  ): SlotChange {
    const commands: RedisCommand[] = [["HSET", this.key, ...made.flatMap(({ id, text }) => [id, text])]];
    const isRenewed = monotonic - this.#renewedAt >= RENEW_MS;
    if (isRenewed) commands.push(["PEXPIRE", this.key, String(Math.ceil(LIFE_MS / this.#scale))]);
    const arrived = () => {
      if (isRenewed) this.#renewedAt = monotonic;
      for (const { id, figures } of made) {
        figures.arrived();
        if (!this.#stored?.has(id)) this.#stored?.set(id, undefined);
      }
    };
    return { commands, arrived };
  }
}
