/**
 * Rules that are gathered before they are stored: each once. Rules of a type whose values mean the same are one rule;
 * their tags are kept. It is made for a million rules, so a rule is held as the text that is stored, no more.
 */

import { type JsonObject, type JsonValue, parseJson } from "./json.ts";
import { normalValue } from "./normal_value.ts";
import { PlaceIndex } from "./place_index.ts";
import { type Rule, ruleValue } from "./rule.ts";
import { TextArena } from "./text_arena.ts";
import { RULE_TYPES, type RuleType } from "./slot.ts";

/** What stands between the tags of rules that became one. */
const TAG_JOIN = ",";

/** Fields that say where a rule is stored, or that a record makes of others; they are not stored with it. */
const NOT_STORED = new Set(["type", "id", "rule_tag", "rule_value", "__proto__"]);

/** The rules of one type, in the order in which they came. */
export class TypeTable {
  /** The place of each rule, by its normal value. */
  readonly #places = new PlaceIndex();
  readonly #texts = new TextArena();
  /** The slots that rules are bound to. */
  readonly #slotIds = new Map<number, number>();

  constructor(readonly type: RuleType) {}

  get size(): number {
    return this.#texts.size;
  }

  /** The slots that rules of this table are bound to. */
  get boundSlotIds(): ReadonlySet<number> {
    return new Set(this.#slotIds.values());
  }

  /** Adds a rule's fields; answers whether they became part of a rule that was there. */
  add(fields: JsonObject, value: string, slotId?: number): "added" | "merged" {
    const key = normalValue(this.type, value);
    const found = this.#placeOf(key);
    const place = found ?? this.#texts.add(JSON.stringify(fields));
    if (found === undefined) this.#places.add(key);
    else this.#texts.set(place, JSON.stringify(mergedFields(this.fieldsAt(place), fields)));
    if (slotId !== undefined && !this.#slotIds.has(place)) this.#slotIds.set(place, slotId);
    return found === undefined ? "added" : "merged";
  }

  /** The place of the rule that means the same as a value, or undefined. */
  placeOf(value: string): number | undefined {
    return this.#placeOf(normalValue(this.type, value));
  }

  /** The JSON text of the rule at a place: the member of a set. */
  textAt(place: number): string {
    return this.#texts.at(place);
  }

  fieldsAt(place: number): JsonObject {
    return parseJson(this.textAt(place)) as JsonObject;
  }

  /** The slot that the rule at a place is bound to, or undefined. */
  slotIdAt(place: number): number | undefined {
    return this.#slotIds.get(place);
  }

  #placeOf(key: string): number | undefined {
    return this.#places.find(key, (place) => normalValue(this.type, ruleValue(this.fieldsAt(place))!) === key);
  }
}

/** The rules of all types. */
export class RuleTable {
  readonly #types = new Map<RuleType, TypeTable>();

  get size(): number {
    return this.tables.reduce((sum, { size }) => sum + size, 0);
  }

  /** The tables that hold something, in the order of the types. */
  get tables(): TypeTable[] {
    return RULE_TYPES.flatMap((type) => this.#types.get(type) ?? []);
  }

  /**
   * Adds a rule that `fields` made; `slotId` binds it to a slot. Answers whether it became part of one that was there.
   */
  add(rule: Rule, fields: JsonObject, slotId?: number): "added" | "merged" {
    const { type } = rule.slot;
    const table = this.#types.get(type) ?? new TypeTable(type);
    this.#types.set(type, table);
    return table.add(storedFields(fields, rule), rule.value, slotId);
  }
}

/** The fields of both: the earlier one's id and value, of other fields that both have the later's, and the tags of both. */
export function mergedFields(earlier: JsonObject, later: JsonObject): JsonObject {
  const ruleId = earlier["rule_id"] ?? later["rule_id"] ?? null;
  const tag = mergedTags(earlier["tag"], later["tag"]);
  return withoutNulls({ ...earlier, ...later, rule_id: ruleId, value: earlier["value"] ?? null, tag });
}

function mergedTags(earlier: JsonValue | undefined, later: JsonValue | undefined): string | null {
  if (typeof earlier !== "string") return typeof later === "string" ? later : null;
  if (typeof later !== "string") return earlier;
  // There may be thousands: they are looked for in the text, not taken apart each time.
  let tags = `${TAG_JOIN}${earlier}${TAG_JOIN}`;
  for (const tag of later.split(TAG_JOIN)) {
    if (!tags.includes(`${TAG_JOIN}${tag}${TAG_JOIN}`)) tags += `${tag}${TAG_JOIN}`;
  }
  return tags.slice(TAG_JOIN.length, -TAG_JOIN.length);
}

/** What is stored of a rule: its own members first, then whatever travels with it. */
function storedFields(fields: JsonObject, { value, tag }: Rule): JsonObject {
  const others = Object.entries(fields).filter(([name]) => !NOT_STORED.has(name));
  return withoutNulls({ ...Object.fromEntries(others), value, tag });
}

/** A field that is not there says the same, in both layouts. */
function withoutNulls(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
