/** Numbers for people's rules: what rows and counters name them by. A rule keeps its number as long as the journal is there. */

import type { Sqlite } from "../base/sqlite.ts";
import type { Rule } from "../model/rule.ts";
import { slotName } from "../model/slot.ts";

interface NumberedRule {
  readonly tag: string | null;
  readonly number: number;
  readonly slot: string;
  readonly rule_id: string;
  readonly value: string;
}

export class RuleNumbers {
  readonly #numbers = new Map<string, number>();
  readonly #tags = new Map<number, string | null>();
  /** The same by the object, for rules come again and again. */
  readonly #known = new WeakMap<Rule, number>();
  #unwritten: { number: number; rule: Rule }[] = [];
  #last = 0;

  constructor(database: Sqlite) {
    for (const { number, slot, rule_id, value, tag } of database.all<NumberedRule>("SELECT * FROM rules")) {
      this.#numbers.set(keyOf(slot, rule_id, value), number);
      this.#tags.set(number, tag);
      this.#last = Math.max(this.#last, number);
    }
  }

  /** The number of a rule; a new one is written with the next `write`. */
  of(rule: Rule): number {
    const known = this.#known.get(rule);
    if (known !== undefined) return known;
    const key = keyOf(slotName(rule.slot), rule.ruleId, rule.value);
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = ++this.#last;
      this.#numbers.set(key, number);
      this.#tags.set(number, rule.tag);
      this.#unwritten.push({ number, rule });
    }
    this.#known.set(rule, number);
    return number;
  }

  /** Writes the new ones. Part of a transaction: `written` follows when it has ended well. */
  write(database: Sqlite): void {
    for (const { number, rule } of this.#unwritten) {
      const { slot, ruleId, value, tag } = rule;
      database.run("INSERT INTO rules VALUES (?, ?, ?, ?, ?)", number, slotName(slot), ruleId, value, tag);
    }
  }

  written(): void {
    this.#unwritten = [];
  }

  /** Writes all that were ever asked for into another file, which may hold some of them. */
  rewrite(database: Sqlite): void {
    for (const [key, number] of this.#numbers) {
      const [slot = "", ruleId = "", ...value] = key.split("\n");
      const tag = this.#tags.get(number) ?? null;
      database.run("INSERT OR IGNORE INTO rules VALUES (?, ?, ?, ?, ?)", number, slot, ruleId, value.join("\n"), tag);
    }
  }
}

function keyOf(slot: string, ruleId: string, value: string): string {
  return `${slot}\n${ruleId}\n${value}`;
}
