/**
 * A rule: what a person wants. It is read from a plain value or from a JSON object; whatever fields it has beside
 * ours travel with every match. Nothing from outside can set `__proto__` or take the place of our own members.
 */

import { isObject, type JsonObject, type JsonValue } from "./json.ts";
import { type RuleType, ruleTypeOf, type Slot } from "./slot.ts";

export interface Rule {
  readonly ruleId: string;
  readonly slot: Slot;
  readonly value: string;
  readonly tag: string | null;
  /** Every other field of the rule, as it was stored. */
  readonly extra: Readonly<JsonObject>;
}

/** A rule that cannot be used; the message says why, without the rule's value. */
export class RuleFault extends Error {
  override readonly name = "RuleFault";
}

/** The longest value that is taken for a rule, in UTF-16 units; X's own limit is far below. */
export const MOST_VALUE_LENGTH = 100_000;

/** Names in a record's `collection_rules` that are ours to set. */
const OWN_MEMBERS = new Set(["rule_id", "type", "id", "value", "tag", "rule_tag", "rule_value", "sampled"]);

/**
 * Reads one rule: a plain value, the text of a JSON object, or an object already parsed.
 * `slot` is its address; with `typeFromRule` an object's own `type` and `id` choose the slot instead (rules in files).
 * Throws RuleFault when it holds no usable rule.
 */
export function readRule(input: string | JsonObject, slot: Slot, options: { typeFromRule?: boolean } = {}): Rule {
  const fields = typeof input === "string" ? { value: input } : input;
  const value = ruleValue(fields);
  if (value === undefined) throw new RuleFault("it has no value");
  if (value === "") throw new RuleFault("its value is empty");
  if (value.length > MOST_VALUE_LENGTH) {
    throw new RuleFault(`its value is ${value.length} characters long, at most ${MOST_VALUE_LENGTH} are possible`);
  }
  const address = options.typeFromRule ? ownSlot(fields, slot) : slot;
  const tag = textOf(fields["tag"]) ?? null;
  const ruleId = textOf(fields["rule_id"])?.trim() || shortHash(`${address.type}\n${value}`);
  return { ruleId, slot: address, value, tag, extra: otherFields(fields) };
}

/** The value in a rule's fields, without white space around it; undefined when it is no text. */
export function ruleValue(fields: JsonObject): string | undefined {
  return textOf(fields["value"])?.trim();
}

/** The object that a set member or a line holds when it begins like one, else undefined. Throws SyntaxError. */
export function ruleObject(text: string, parse: (text: string) => JsonValue): JsonObject | undefined {
  if (!text.trimStart().startsWith("{")) return undefined;
  const parsed = parse(text);
  return isObject(parsed) ? parsed : undefined;
}

/** The rule as a member of a record's `collection_rules`; ours last, so that no field of the rule can hide them. */
export function collectionRule(rule: Rule): JsonObject {
  return {
    rule_id: rule.ruleId,
    type: rule.slot.type,
    id: rule.slot.id,
    value: rule.value,
    tag: rule.tag,
    rule_tag: rule.tag,
    rule_value: rule.value,
    ...rule.extra,
  };
}

/** A short stable name for a text: 12 hex digits of two 32-bit FNV-1a hashes over its UTF-8 bytes. Not secret-proof. */
export function shortHash(text: string): string {
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  for (const byte of new TextEncoder().encode(text)) {
    low = Math.imul(low ^ byte, 0x01000193) >>> 0;
    high = Math.imul(high ^ byte ^ (low >>> 24), 0x01000193) >>> 0;
  }
  return (high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0")).slice(0, 12);
}

function ownSlot(fields: JsonObject, fallback: Slot): Slot {
  let type: RuleType = fallback.type;
  const named = textOf(fields["type"]);
  if (named !== undefined) {
    const known = ruleTypeOf(named);
    if (!known) throw new RuleFault("its type is none of track, follow, geo, query");
    type = known;
  }
  const id = textOf(fields["id"]);
  if (id === undefined) return { type, id: fallback.id };
  if (!/^\d{1,4}$/.test(id)) throw new RuleFault("its id, the slot's number, is no number from 0 to 9999");
  return { type, id: Number(id) };
}

function otherFields(fields: JsonObject): JsonObject {
  const extra: JsonObject = {};
  for (const [name, value] of Object.entries(fields)) {
    if (!OWN_MEMBERS.has(name) && name !== "__proto__") extra[name] = value;
  }
  return extra;
}

/** The text of a string or a number; undefined for everything else. */
function textOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : undefined;
}
