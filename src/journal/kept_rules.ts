/**
 * The last complete set of rules, kept for a start at which the place where they are does not answer. Whoever collects
 * other slots than before finds none. Where the disk does not allow it now, the set before stays.
 */

import { diskTrouble } from "../base/sqlite.ts";
import { isObject, jsonIn, type JsonObject, type JsonValue } from "../model/json.ts";
import type { Rule } from "../model/rule.ts";
import { ruleTypeOf } from "../model/slot.ts";
import type { Journal } from "./journal.ts";
import { noteOf, setNote } from "./state_values.ts";

const NOTE = "last_rules";

export class KeptRules {
  readonly #journal: Pick<Journal, "use">;
  readonly #slots: string;

  /** `slots`: what this instance is to collect. */
  constructor(journal: Pick<Journal, "use">, slots: readonly string[]) {
    this.#journal = journal;
    this.#slots = slots.join(",");
  }

  /** The rules; undefined where none were kept for these slots, or they cannot be read. */
  read(): readonly Rule[] | undefined {
    const text = this.#tried(() => this.#journal.use((database) => noteOf(database, NOTE)));
    const note = jsonIn(text ?? "");
    if (!isObject(note) || note["slots"] !== this.#slots || !Array.isArray(note["rules"])) return undefined;
    const rules = note["rules"].map(ruleIn);
    return rules.every((rule) => rule !== undefined) ? rules : undefined;
  }

  /** These are the rules now. */
  keep(rules: readonly Rule[]): void {
    const note = JSON.stringify({ slots: this.#slots, rules });
    this.#tried(() => this.#journal.use((database) => setNote(database, NOTE, note)));
  }

  #tried<Result>(work: () => Result): Result | undefined {
    try {
      return work();
    } catch (error) {
      if (diskTrouble(error) === undefined) throw error;
      return undefined;
    }
  }
}

function ruleIn(value: JsonValue): Rule | undefined {
  if (!isObject(value) || !isObject(value["slot"])) return undefined;
  const { extra, ruleId, slot, tag, value: text } = value;
  const { id, type: word } = slot as JsonObject;
  const type = typeof word === "string" ? ruleTypeOf(word) : undefined;
  if (typeof ruleId !== "string" || typeof text !== "string" || typeof id !== "number" || !type) return undefined;
  if (tag !== null && typeof tag !== "string") return undefined;
  return { ruleId, slot: { type, id }, value: text, tag, extra: isObject(extra) ? extra : {} };
}
