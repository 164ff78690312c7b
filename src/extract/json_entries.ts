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
  const { beginning, all, close } = await peeked(pieces);
  try {
    for await (const { where, value } of valuesIn(beginning, all, name)) {
      yield value instanceof Fault ? refused(where, value.text, reasonOf(value)) : entryOf(value, where);
    }
  } finally {
    await close();
  }
}

/** A line that was to hold JSON. */
class Fault {
  constructor(readonly text: string) {}
}

/** A value that holds a rule, or is to, and its place. */
interface Found {
  readonly where: string;
  readonly value: JsonValue | Fault;
}

/** The values in a text that begins so. Throws ExtractError. */
function valuesIn(beginning: string, all: AsyncIterable<string>, name: string): AsyncIterable<Found> {
  const [first, second] = firstLines(beginning);
  refuseWebPage(first, name);
  if (beginsList(beginning)) return elementsOf(all, name);
  if (first !== "" && !first.startsWith("{")) throw notJson(name, first);
  return goesOn(first, second) ? wholeValues(all, name) : lineValues(all, name);
}

async function* elementsOf(pieces: AsyncIterable<string>, name: string): AsyncGenerator<Found> {
  let number = 0;
  for await (const value of jsonElements(pieces, name)) yield { where: `${name}, rule ${++number}`, value };
}

async function* lineValues(pieces: AsyncIterable<string>, name: string): AsyncGenerator<Found> {
  for await (const { text, number } of linesOf(pieces, name)) {
    const value = parsedLine(text);
    // A file may be one long line that holds everything.
    const isWhole = number === 1 && !(value instanceof Fault) && isObject(value) && !("value" in value);
    if (isWhole) yield* listedIn(value, name);
    else yield { where: `${name}, line ${number}`, value };
  }
}

async function* wholeValues(pieces: AsyncIterable<string>, name: string): AsyncGenerator<Found> {
  yield* listedIn(await wholeObject(pieces, name), name);
}

/** The first two lines that hold something; a line that goes on beyond the beginning is none. */
function firstLines(beginning: string): [string, string | undefined] {
  const [first = "", second] = beginning.split(/\r\n|\n|\r/).map((line) => line.trim()).filter((line) => line !== "");
  return [first, second];
}

/** Whether a first line is the beginning of an object that the next lines go on with. */
function goesOn(first: string, second: string | undefined): boolean {
  if (!first.startsWith("{") || second === undefined || !(parsedLine(first) instanceof Fault)) return false;
  return /^\{$|[[{,:]$/.test(first) || !second.startsWith("{");
}

function* listedIn(whole: JsonValue, name: string): Generator<Found> {
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

function reasonOf({ text }: Fault): string {
  const { column, isCutOff } = jsonFaultPlace(text);
  return isCutOff ? "it ends in the middle" : `it is no JSON at column ${column}`;
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
  const inexact = inexactNumber(value);
  if (inexact !== undefined) {
    const reason = `its ${shown(inexact, 40)} is a number that cannot be kept exactly, in quotes it can`;
    return refused(where, textOf(value), reason);
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

/** The name of a member, or of one within it, whose number is not the one that stood there. */
function inexactNumber(object: JsonObject): string | undefined {
  for (const [name, member] of Object.entries(object)) {
    if (isInexact(member)) return name;
    // Nested deeper than the stack is, JSON is JSON.
    const within = typeof member === "object" && member !== null ? [member] : [];
    for (let next = within.pop(); next !== undefined; next = within.pop()) {
      for (const value of Object.values(next) as JsonValue[]) {
        if (isInexact(value)) return name;
        if (typeof value === "object" && value !== null) within.push(value);
      }
    }
  }
  return undefined;
}

/** Integers that are too long were kept as text. Fractions are what a double makes of them. */
function isInexact(value: JsonValue): boolean {
  return typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER;
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
