/** Numbers for people's rules: what rows and counters name them by. A rule keeps its number as long as the journal is there. */

import type { Sqlite } from "../base/sqlite.ts";
import type { Rule } from "../model/rule.ts";
import { slotName } from "../model/slot.ts";

/** A row of the table `rules`. */
export interface RuleRow {
  readonly number: number;
  readonly slot: string;
  readonly rule_id: string;
  readonly value: string;
  readonly tag: string | null;
}

export class RuleNumbers {
  readonly #rules = new Map<string, RuleRow>();
  /** The numbers by the object, for rules come again and again. */
  readonly #known = new WeakMap<Rule, number>();
  #unwritten: RuleRow[] = [];
  #last = 0;

  constructor(database: Sqlite) {
    for (const rule of database.all<RuleRow>("SELECT * FROM rules")) {
      this.#rules.set(keyOf(rule.slot, rule.rule_id, rule.value), rule);
      this.#last = Math.max(this.#last, rule.number);
    }
  }

  /** The number of a rule; a new one is written with the next `write`. */
  of(rule: Rule): number {
    const known = this.#known.get(rule);
    if (known !== undefined) return known;
    const { ruleId: rule_id, tag, value } = rule;
    const slot = slotName(rule.slot);
    const key = keyOf(slot, rule_id, value);
    let numbered = this.#rules.get(key);
    if (!numbered) {
      numbered = { number: ++this.#last, slot, rule_id, value, tag };
      this.#rules.set(key, numbered);
      this.#unwritten.push(numbered);
    }
    this.#known.set(rule, numbered.number);
    return numbered.number;
  }

  /** Writes the new ones. Part of a transaction: `written` follows when it has ended well. */
  write(database: Sqlite): void {
    for (const { number, slot, rule_id, value, tag } of this.#unwritten) {
      database.run("INSERT OR IGNORE INTO rules VALUES (?, ?, ?, ?, ?)", number, slot, rule_id, value, tag);
    }
  }

  written(): void {
    this.#unwritten = [];
  }

  /** Another file has taken the place of the one that they were written to: it may lack any of them. */
  writeAgain(): void {
    this.#unwritten = [...this.#rules.values()];
  }
}

function keyOf(slot: string, ruleId: string, value: string): string {
  return `${slot}\n${ruleId}\n${value}`;
}

/** The rules of these numbers, as far as they are known. */
export function rulesNumbered(database: Sqlite, numbers: Iterable<number>): RuleRow[] {
  return [...numbers].flatMap((number) => database.get<RuleRow>("SELECT * FROM rules WHERE number = ?", number) ?? []);
}
