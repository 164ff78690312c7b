/**
 * Rules in JSON: a list, `{"rules": [...]}`, one object, or JSON lines; told apart by how the text begins. A line, or an
 * element of a list, that cannot be used costs no other.
 *
 * An object's `type` and `id` name the rule's slot, as in a file of rules; `rule_id` is its own name.
 */

import { isObject, type JsonObject, type JsonValue, parseJson } from "../model/json.ts";
import { jsonFaultPlace } from "../model/json_place.ts";
import { shown } from "../model/outside_text.ts";
import { MOST_SLOT_ID, ruleTypeOf } from "../model/slot.ts";
import type { Entry, Refusal } from "./entry.ts";
import { ExtractError } from "./extract_error.ts";
import { beginsList, jsonElements } from "./json_elements.ts";
import { linesOf, refuseWebPage } from "./lines.ts";
import { peeked } from "./peeked.ts";

/** The rules in a JSON text. Throws ExtractError when the text as a whole is none. */
export async function* jsonEntries(pieces: AsyncIterable<string>, name: string): AsyncGenerator<Entry> {
  for await (const { where, value } of jsonValues(pieces, name)) {
    yield value instanceof Fault ? refused(where, value.text, "it is no JSON") : entryOf(value, where);
  }
}

/** A line that was to hold JSON. */
export class Fault {
  constructor(readonly text: string) {}
}

/** The values that hold a rule each, or are to. Throws ExtractError. */
export async function* jsonValues(
  pieces: AsyncIterable<string>,
  name: string,
): AsyncGenerator<{ where: string; value: JsonValue | Fault }> {
  const { beginning, all } = await peeked(pieces);
  const first = beginning.trimStart().split("\n")[0]!.trim();
  refuseWebPage(first, name);
  if (beginsList(beginning)) {
    let number = 0;
    for await (const value of jsonElements(all, name)) yield { where: `${name}, rule ${++number}`, value };
  } else if (/^\{(.*[[{,:])?$/.test(first)) {
    yield* listedIn(await wholeObject(all, name), name);
  } else if (first !== "" && !first.startsWith("{")) {
    throw notJson(name, first);
  } else {
    for await (const { text, number } of linesOf(all, name)) {
      const value = parsedLine(text);
      // A file may be one long line that holds everything.
      if (number === 1 && isObject(value) && !("value" in value)) yield* listedIn(value, name);
      else yield { where: `${name}, line ${number}`, value };
    }
  }
}

function* listedIn(whole: JsonValue, name: string): Generator<{ where: string; value: JsonValue }> {
  const list = isObject(whole) ? whole["rules"] ?? whole["detail"] ?? whole : whole;
  if (!Array.isArray(list)) yield { where: name, value: list };
  else for (const [at, value] of list.entries()) yield { where: `${name}, rule ${at + 1}`, value };
}

function parsedLine(text: string): JsonValue | Fault {
  try {
    return parseJson(text);
  } catch {
    return new Fault(text);
  }
}

/** An object that goes over several lines and has other members before its rules. Throws ExtractError. */
async function wholeObject(pieces: AsyncIterable<string>, name: string): Promise<JsonValue> {
  let text = "";
  for await (const piece of pieces) text += piece;
  try {
    return parseJson(text);
  } catch {
    const { line, column } = jsonFaultPlace(text);
    const rest = shown(text.split("\n")[line - 1]!.slice(column - 1).trim(), 20);
    const why = rest === "" ? "it ends in the middle of an object" : "it is no JSON";
    throw new ExtractError(
      `Cannot read the rules in ${name}: ${why}, at line ${line}, column ${column}${rest && ` (${rest})`}`,
      { hint: "Get the file again if it was cut off" },
    );
  }
}

function entryOf(value: JsonValue, where: string): Entry {
  if (typeof value === "string") return { kind: "rule", where, fields: { value } };
  if (!isObject(value)) return refused(where, JSON.stringify(value), "it is neither a value nor a JSON object");
  const type = value["type"] === undefined ? undefined : ruleTypeOf(String(value["type"]));
  if (value["type"] !== undefined && type === undefined) {
    return refused(where, textOf(value), "its type is none of track, follow, geo, query");
  }
  const id = value["id"];
  if (id !== undefined && !(/^\d{1,4}$/.test(String(id)) && Number(id) <= MOST_SLOT_ID)) {
    return refused(where, textOf(value), "its id, the slot's number, is no number from 0 to 9999");
  }
  return {
    kind: "rule",
    where,
    fields: value,
    ...(type ? { type } : {}),
    ...(id === undefined ? {} : { slotId: Number(id) }),
  };
}

function textOf(object: JsonObject): string {
  const value = object["value"];
  return typeof value === "string" ? value : JSON.stringify(object);
}

function refused(where: string, value: string, reason: string): Refusal {
  return { kind: "refused", where, value, reason };
}

function notJson(name: string, first: string): ExtractError {
  return new ExtractError(`Cannot read the rules in ${name}: it is no JSON (${shown(first, 30)})`, {
    hint: "`traptor rules text` for a value a line, `traptor rules csv` for a table",
  });
}
