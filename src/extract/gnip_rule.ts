/**
 * One rule as GNIP writes it: a value alone, `{"value", "tag", "id"}`, or an entry of an answer's `detail`, which holds
 * a rule and what became of it.
 *
 * It promises that an id is the one that stands there, digit for digit, or is refused. What the value means is
 * `gnip_readings.ts`'s to say.
 *
 * Source: docs.x.com, PowerTrack API: the rules endpoints.
 */

import { isObject, type JsonObject, type JsonValue } from "../model/json.ts";
import { shown } from "../model/outside_text.ts";
import { MOST_VALUE_LENGTH } from "../model/rule.ts";
import type { Refusal } from "./entry.ts";

/** A rule as its file has it. All its texts come from outside. */
export interface GnipRule {
  readonly kind: "gnip";
  /** Where it stands, for people: `rules.json, rule 3`, or `list.txt, line 7`. */
  readonly where: string;
  /** In PowerTrack's language; not empty. */
  readonly value: string;
  readonly tag: string | null;
  /** GNIP's own name for the rule: up to 19 digits. */
  readonly id: string | null;
}

/** The rule in an entry of a list, or why there is none. */
export function gnipRule(entry: JsonValue, where: string): GnipRule | Refusal {
  const refused = (reason: string): Refusal => ({ kind: "refused", where, value: valueOf(entry), reason });
  if (typeof entry === "string") return ruleOf({ value: entry }, where, refused);
  if (!isObject(entry)) return refused("it is neither a value nor a rule");
  if (entry["created"] === false || entry["valid"] === false) return refused(notTaken(entry));
  return ruleOf(isObject(entry["rule"]) ? entry["rule"] : entry, where, refused);
}

function ruleOf(fields: JsonObject, where: string, refused: (reason: string) => Refusal): GnipRule | Refusal {
  const texts: Record<"value" | "tag" | "id", string | null> = { value: null, tag: null, id: null };
  for (const name of ["value", "tag", "id"] as const) {
    const found = fields[name] ?? null;
    if (typeof found === "number" && !Number.isSafeInteger(found)) {
      return refused(`its ${name} is a number that cannot be kept exactly, in quotes it can`);
    }
    if (typeof found === "object" && found !== null || typeof found === "boolean") {
      return refused(`its ${name} is no text`);
    }
    texts[name] = found === null ? null : String(found);
  }
  const { value } = texts;
  if (value === null) return refused("it has no value");
  if (value.trim() === "") return refused("its value is empty");
  if (value.length > MOST_VALUE_LENGTH) {
    return refused(`its value is ${value.length} characters long, at most ${MOST_VALUE_LENGTH} are possible`);
  }
  return { kind: "gnip", where, value, tag: texts.tag || null, id: texts.id || null };
}

/** GNIP's own words for a rule that it did not take. */
function notTaken({ message }: JsonObject): string {
  return typeof message === "string" && message !== ""
    ? `GNIP did not take it: ${shown(message)}`
    : "GNIP did not take it";
}

/** What stands there: a rule's value where it has one, else the JSON text. */
function valueOf(entry: JsonValue): string {
  if (typeof entry === "string") return entry;
  const rule = isObject(entry) && isObject(entry["rule"]) ? entry["rule"] : entry;
  const value = isObject(rule) ? rule["value"] : undefined;
  return typeof value === "string" ? value : JSON.stringify(entry);
}
