/** A row of a table as a rule: what CSV files and MySQL have in common. */

import type { JsonObject } from "../model/json.ts";
import { type RuleType, ruleTypeOf } from "../model/slot.ts";
import type { Entry } from "./entry.ts";

/** The words of the Python program's tables for the types of rules. */
const TABLE_TYPES: Readonly<Record<string, RuleType>> = { username: "follow", keyword: "track" };

/** The type that a table's word means, or undefined. */
export function tableTypeOf(word: string): RuleType | undefined {
  const lower = word.trim().toLowerCase();
  return Object.hasOwn(TABLE_TYPES, lower) ? TABLE_TYPES[lower] : ruleTypeOf(lower);
}

/** The entry of a row. Its `id` is the rule's own; `type` says what it is; all other columns travel along. */
export function rowEntry(row: JsonObject, where: string): Entry {
  const { id, type: word, ...fields } = row;
  const value = fields["value"];
  if (value === undefined || value === null || value === "") {
    return { kind: "refused", where, value: "", reason: "it has no value" };
  }
  const type = typeof word === "string" && word !== "" ? tableTypeOf(word) : undefined;
  if (typeof word === "string" && word !== "" && !type) {
    const reason = `its type "${word}" is none of track (keyword), follow (username), geo, query`;
    return { kind: "refused", where, value: String(value), reason };
  }
  const ruleId = fields["rule_id"] ?? id;
  return {
    kind: "rule",
    where,
    fields: { ...(ruleId === undefined || ruleId === null || ruleId === "" ? {} : { rule_id: ruleId }), ...fields },
    ...(type ? { type } : {}),
  };
}
