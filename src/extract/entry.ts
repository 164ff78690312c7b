/**
 * What a source of rules yields, one at a time: the fields of a rule, or what is wrong with the place where one was
 * to be. Nothing here decides whether a rule is usable; `extraction.ts` does.
 */

import type { JsonObject } from "../model/json.ts";
import type { RuleType } from "../model/slot.ts";

/** A rule as its source has it. */
export interface FoundRule {
  readonly kind: "rule";
  /** Where it stands, for people: `rules.json, rule 3`. Text from outside. */
  readonly where: string;
  /** At least `value`; `tag` and `rule_id` are the rule's own, all others travel along. */
  readonly fields: JsonObject;
  /** The type that the source gives it; without one the person's choice holds. */
  readonly type?: RuleType;
  /** The slot that the source gives it; without one it is allotted. */
  readonly slotId?: number;
}

/** Something that is no rule here, with the reason. */
export interface Refusal {
  readonly kind: "refused";
  readonly where: string;
  /** As it was found. Text from outside. */
  readonly value: string;
  readonly reason: string;
}

export type Entry = FoundRule | Refusal;
