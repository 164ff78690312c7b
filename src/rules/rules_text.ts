/**
 * Rules in a text: a JSON array, `{"rules": [...]}`, JSON lines, or plain text with a value a line, where `# ` begins a
 * comment and `#deno` is a rule. The first line that is no comment tells which.
 *
 * It promises that a JSON text which is broken as a whole is refused, and never taken for lines of values; and that a
 * line, or a rule in a list, that cannot be used costs no other.
 */

import { isObject, type JsonValue, parseJson } from "../model/json.ts";
import { jsonFaultPlace } from "../model/json_place.ts";
import { shown } from "../model/outside_text.ts";
import { readRule, type Rule, RuleFault } from "../model/rule.ts";
import type { Slot } from "../model/slot.ts";
import { type LoadedRules, type RuleFaultNote, RulesFileError } from "./rule_store.ts";

interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
}

/**
 * The rules in a text; `name` is what it is called in faults, `slot` the address of rules that name none.
 * Throws RulesFileError when it is JSON, and broken as a whole or no list of rules. An empty text holds no rules.
 */
export function readRulesText(text: string, name: string, slot: Slot): LoadedRules {
  const lines = linesOf(text);
  const first = lines[0]?.text ?? "";
  if (first.startsWith("[") || beginsLongObject(first)) return fromWhole(parseWhole(text, name), name, slot);
  if (!first.startsWith("{")) return fromLines(lines, name, (line) => plainRule(line, slot));
  const only = lines.length === 1 ? parseOrUndefined(first) : undefined;
  if (isObject(only) && "rules" in only) return fromWhole(only, name, slot);
  return fromLines(lines, name, (line) => objectRule(line, slot));
}

/** The lines that hold something. */
function linesOf(text: string): Line[] {
  return text.split(/\r\n|\n|\r/).map((line, at) => ({ text: line.trim(), number: at + 1 }))
    .filter(({ text }) => text !== "" && !/^#(\s|$)/.test(text));
}

/** Whether an object begins here that goes on in the next lines, and is no line of JSON that is broken. */
function beginsLongObject(line: string): boolean {
  return /^\{(.*[[{,:])?$/.test(line);
}

function fromWhole(whole: JsonValue, name: string, slot: Slot): LoadedRules {
  const list = isObject(whole) ? whole["rules"] ?? [whole] : whole;
  if (!Array.isArray(list)) {
    throw new RulesFileError(`Cannot read the rules in ${name}: it holds no list of rules`, {
      hint: '[{"type": "track", "value": "deno", "tag": "runtimes"}]',
    });
  }
  return gather(list.map((entry, at) => ({ where: `${name}, rule ${at + 1}`, read: () => listedRule(entry, slot) })));
}

function fromLines(lines: readonly Line[], name: string, read: (line: string) => Rule): LoadedRules {
  return gather(lines.map(({ text, number }) => ({ where: `${name}, line ${number}`, read: () => read(text) })));
}

function plainRule(line: string, slot: Slot): Rule {
  return line.startsWith("{") ? objectRule(line, slot) : readRule(line, slot);
}

function objectRule(line: string, slot: Slot): Rule {
  const parsed = parseOrUndefined(line);
  if (!isObject(parsed)) throw new RuleFault("it is no JSON object");
  return readRule(parsed, slot, { typeFromRule: true });
}

function listedRule(entry: JsonValue, slot: Slot): Rule {
  if (typeof entry === "string") return readRule(entry, slot);
  if (!isObject(entry)) throw new RuleFault("it is neither a value nor a JSON object");
  return readRule(entry, slot, { typeFromRule: true });
}

function gather(entries: readonly { where: string; read: () => Rule }[]): LoadedRules {
  const rules: Rule[] = [];
  const faults: RuleFaultNote[] = [];
  for (const { where, read } of entries) {
    try {
      rules.push(read());
    } catch (error) {
      if (!(error instanceof RuleFault)) throw error;
      faults.push({ where, reason: error.message });
    }
  }
  return { rules, faults };
}

function parseWhole(text: string, name: string): JsonValue {
  try {
    return parseJson(text);
  } catch (cause) {
    const { line, column } = jsonFaultPlace(text);
    const rest = shown(text.split("\n")[line - 1]!.slice(column - 1).trim(), 20);
    const found = rest === "" ? "" : ` (${rest})`;
    throw new RulesFileError(
      `Cannot read the rules in ${name}: it is no JSON at line ${line}, column ${column}${found}`,
      {
        hint: "Mend the file, or write one JSON object a line: a broken line then costs no other",
        cause,
      },
    );
  }
}

function parseOrUndefined(text: string): JsonValue | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined; // the caller knows what it was to be, and says so
  }
}
