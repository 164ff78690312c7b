/**
 * Rules that are gathered before they are stored: each once. Rules of a type whose values mean the same are one rule;
 * their tags are kept. It is made for a million rules, so a rule is held as the text that is stored, no more.
 */

import { type JsonObject, parseJson } from "./json.ts";
import { normalValue } from "./normal_value.ts";
import type { Rule } from "./rule.ts";
import { TextArena } from "./text_arena.ts";
import { RULE_TYPES, type RuleType } from "./slot.ts";

/** What stands between the tags of rules that became one. */
const TAG_JOIN = ",";

/** Fields that say where a rule is stored, or that a record makes of others; they are not stored with it. */
const NOT_STORED = new Set(["type", "id", "rule_tag", "rule_value", "__proto__"]);

/** The rules of one type, in the order in which they came. */
export class TypeTable {
  /** The normal value of each rule, to its place. */
  readonly #places = new Map<string, number>();
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
    const place = this.#places.get(key);
    if (place !== undefined) {
      this.#texts.set(place, JSON.stringify(mergedFields(this.fieldsAt(place), fields)));
      return "merged";
    }
    const added = this.#texts.add(JSON.stringify(fields));
    this.#places.set(key, added);
    if (slotId !== undefined) this.#slotIds.set(added, slotId);
    return "added";
  }

  /** The place of the rule that means the same as a value, or undefined. */
  placeOf(value: string): number | undefined {
    return this.#places.get(normalValue(this.type, value));
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
  const tags = [earlier, later].flatMap(({ tag }) => typeof tag === "string" ? tag.split(TAG_JOIN) : []);
  const tag = tags.length > 0 ? [...new Set(tags)].join(TAG_JOIN) : null;
  const ruleId = earlier["rule_id"] ?? later["rule_id"] ?? null;
  return withoutNulls({ ...earlier, ...later, rule_id: ruleId, value: earlier["value"] ?? null, tag });
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
