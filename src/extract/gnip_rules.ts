/**
 * The rules in a file of GNIP's, whatever its shape: `{"rules": [...]}`, an array of rules, of values or of such
 * objects, an answer of GNIP's API with `summary` and `detail`, any of these as JSON lines, or plain text with a value a
 * line, where `# ` begins a comment and `#deno` is a rule. What stands in the file tells which.
 *
 * It promises that a JSON text which is broken as a whole is refused, never read in part and never taken for values a
 * line; and that a rule which cannot be read costs no other. Whether a plain list is whole it cannot know.
 */

import { messageOf } from "../base/errors.ts";
import { isObject, type JsonObject, type JsonValue, parseJson } from "../model/json.ts";
import { jsonFaultPlace } from "../model/json_place.ts";
import { shown } from "../model/outside_text.ts";
import type { Refusal } from "./entry.ts";
import { ExtractError } from "./extract_error.ts";
import { type GnipRule, gnipRule } from "./gnip_rule.ts";

interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
}

const EXAMPLE = '{"rules": [{"value": "from:2244994945", "tag": "platform"}]}, JSON lines, or a value a line';

/** How deep lists may lie in lists: an array of files' arrays. */
const DEEPEST_LIST = 3;

/**
 * The rules in a text, in their order, with what is no rule among them; `name` is what the file is called in messages.
 * Throws ExtractError when it is JSON and broken, holds no list of rules, or is a web page. An empty text holds none.
 */
export function gnipRules(text: string, name: string): Iterable<GnipRule | Refusal> {
  const content = text.replace(/^\ufeff/, "");
  const begins = content.trimStart()[0];
  if (begins === "<") {
    throw unreadable(name, "it looks like a web page", {
      hint: "A page to log in or one that tells an error may have been saved in the file's place: fetch it again",
    });
  }
  const isJson = begins === "{" || begins === "[";
  if (isJson) {
    const whole = parsed(content);
    if ("json" in whole) return fromWhole(whole.json, name);
    if (!areJsonLines(linesOf(content))) throw broken(content, name, whole.cause);
  }
  return fromLines(linesOf(content), name, isJson);
}

function fromWhole(json: JsonValue, name: string): Iterable<GnipRule | Refusal> {
  const list = listIn(json);
  if (list) return fromList(list, name);
  const said = isObject(json) ? messageIn(json) : undefined;
  if (said !== undefined) {
    throw unreadable(name, `it is GNIP's answer to a request that failed (${shown(said, 100)})`, {
      hint: "Fetch the rules again",
    });
  }
  throw unreadable(name, "it holds no list of rules", { hint: EXAMPLE });
}

/** One after the other, for there may be millions: what was read of the list is let go. */
function* fromList(list: JsonValue[], name: string): Generator<GnipRule | Refusal> {
  for (let at = 0; at < list.length; at++) {
    const entry = list[at]!;
    list[at] = null;
    yield gnipRule(entry, `${name}, rule ${at + 1}`);
  }
}

function* fromLines(lines: readonly Line[], name: string, isJson: boolean): Generator<GnipRule | Refusal> {
  for (const { text, number } of lines) yield* fromLine(text, `${name}, line ${number}`, isJson);
}

function fromLine(line: string, where: string, isJson: boolean): (GnipRule | Refusal)[] {
  const isObjectOrList = line.startsWith("{") || line.startsWith("[");
  if (!isJson && !isObjectOrList) return [gnipRule(line, where)];
  const found = parsed(line);
  if (!("json" in found)) {
    const { column, isCutOff } = jsonFaultPlace(line);
    const says = isCutOff ? "it ends in the middle" : `it is no JSON at column ${column}`;
    return [{ kind: "refused", where, value: line, reason: says }];
  }
  const { json } = found;
  const isSingle = isObject(json) && !("rules" in json) && !("detail" in json) || !isObjectOrList;
  const list = isSingle ? undefined : listIn(json);
  if (!list) return [gnipRule(json, where)];
  return list.map((entry, at) => gnipRule(entry, `${where}, rule ${at + 1}`));
}

/** The entries of a list of rules, and those of lists in it; undefined when it is none. */
function listIn(json: JsonValue, depth = 0): JsonValue[] | undefined {
  if (isObject(json)) {
    if (depth === 0 && ("value" in json || "rule" in json)) return [json];
    const list = json["rules"] ?? json["detail"];
    return Array.isArray(list) ? listIn(list, depth) : undefined;
  }
  if (!Array.isArray(json) || depth >= DEEPEST_LIST) return undefined;
  return json.flatMap((entry) => {
    const isList = Array.isArray(entry) || isObject(entry) && !("value" in entry) && !("rule" in entry);
    return (isList ? listIn(entry, depth + 1) : undefined) ?? [entry];
  });
}

/** What an answer that holds no rules says. */
function messageIn({ error }: JsonObject): string | undefined {
  const message = isObject(error) ? error["message"] : error;
  return typeof message === "string" ? message : undefined;
}

/** The lines that hold something. */
function linesOf(text: string): Line[] {
  return text.split(/\r\n|\n|\r/).map((line, at) => ({ text: line.trim(), number: at + 1 }))
    .filter(({ text }) => text !== "" && !/^#(\s|$)/.test(text));
}

/**
 * Whether a text that is no JSON is one of JSON lines: the first one is JSON by itself, or is broken and no beginning
 * of an object that goes on, while another one is JSON.
 */
function areJsonLines([first, second, ...others]: readonly Line[]): boolean {
  if (!first || !second) return false;
  if (isLineOfJson(first)) return true;
  const goesOn = /^\[|^\{$|[[{,:]$/.test(first.text) || !second.text.startsWith("{");
  return !goesOn && [second, ...others].some(isLineOfJson);
}

function isLineOfJson({ text }: Line): boolean {
  return "json" in parsed(text);
}

function broken(text: string, name: string, cause: unknown): ExtractError {
  const { line, column, isCutOff } = jsonFaultPlace(text);
  const place = `line ${line}, column ${column}`;
  if (isCutOff) {
    return unreadable(name, `it is no JSON at ${place}: it ends in the middle`, {
      hint: "Fetch or copy the file again: its end is missing",
      cause,
    });
  }
  const start = startOfLine(text, line) + column - 1;
  const rest = /[^\r\n]*/.exec(text.slice(start, start + 100))![0].trim();
  // The engine gives up on JSON that is nested deeper than its stack, which is no fault of the grammar.
  const found = rest === "" ? shown(messageOf(cause), 100) : shown(rest, 20);
  return unreadable(name, `it is no JSON at ${place} (${found})`, {
    hint: "Mend the file, or write one JSON object a line: a broken line then costs no other",
    cause,
  });
}

function startOfLine(text: string, line: number): number {
  let start = 0;
  for (let passed = 1; passed < line; passed++) start = text.indexOf("\n", start) + 1;
  return start;
}

function unreadable(name: string, why: string, details: { hint: string; cause?: unknown }): ExtractError {
  return new ExtractError(`Cannot read the rules in ${name}: ${why}`, details);
}

function parsed(text: string): { json: JsonValue } | { cause: unknown } {
  try {
    return { json: parseJson(text) };
  } catch (cause) {
    return { cause };
  }
}
