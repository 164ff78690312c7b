/** A rule as Redis holds it, in either layout, and back. */

import { type JsonObject, type JsonValue, parseJson } from "../model/json.ts";
import { readRule, type Rule, RuleFault, ruleObject } from "../model/rule.ts";
import type { Slot } from "../model/slot.ts";

/** The rule of a set's member: a value, or a JSON object. Throws RuleFault. */
export function memberRule(member: string, slot: Slot): Rule {
  return readRule(memberFields(member), slot);
}

/** What a set's member says of its rule. Throws RuleFault. */
export function memberFields(member: string): JsonObject {
  refuseBrokenText([member]);
  return ruleObject(member, parseMember) ?? { value: member };
}

/** The rule of a hash; without a field `rule_id` the key names it. Throws RuleFault. */
export function hashRule(fields: Readonly<Record<string, string>>, ruleId: string, slot: Slot): Rule {
  return readRule(hashFields(fields, ruleId), slot);
}

/** What a hash says of its rule. Throws RuleFault. */
export function hashFields(fields: Readonly<Record<string, string>>, ruleId: string): JsonObject {
  refuseBrokenText(Object.values(fields));
  return { rule_id: ruleId, ...fields };
}

/** A rule's fields as a hash: every value is text there. */
export function asHash(fields: JsonObject, { ruleId, slot }: Rule): Record<string, string> {
  const texts = Object.entries(fields).map((
    [name, value],
  ) => [name, typeof value === "string" ? value : JSON.stringify(value)]);
  return { orig_type: slot.type, ...Object.fromEntries(texts), rule_id: ruleId };
}

/** Bytes that are no UTF-8 come as U+FFFD; as a rule they would find what nobody asked for. */
function refuseBrokenText(texts: readonly string[]): void {
  if (texts.some((text) => text.includes("\ufffd"))) throw new RuleFault("it is not UTF-8");
}

function parseMember(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch {
    throw new RuleFault("it begins like a JSON object, but is none");
  }
}
