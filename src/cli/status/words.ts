/** What came from other machines, in words for people: safe to show, of bounded length. */

import type { InstanceReport } from "../../model/instance.ts";
import { shown } from "../../model/outside_text.ts";
import { inSlotOrder, parseSlotName, RULE_TYPES, type RuleType } from "../../model/slot.ts";
import { lengthShown } from "../gaps/shared.ts";
import { moment } from "../figures.ts";
import { widthOf } from "../terminal.ts";

/** How many names are told. */
const MOST_NAMED = 8;

/** `alpha (3f2a9c10)`. */
export function instanceShown({ host, id }: Pick<InstanceReport, "host" | "id">): string {
  return `${shown(host || "a machine without a name", 40)} (${shown(id, 16)})`;
}

/** `waiting for rules`. */
export function stateShown(state: string): string {
  return shown(state.replaceAll("_", " ") || "unknown", 40);
}

/** `2026-11-24 10:00:00 UTC`; the seconds are whole. */
export function since(at: number): string {
  return `${moment(Math.floor(at / 1_000) * 1_000)} UTC`;
}

/** How long it is since a moment: `12 s`, `3 d 4 h`. */
export function ago(at: number, now: number): string {
  const ms = Math.max(0, now - at);
  const hours = Math.floor(ms / 3_600_000);
  return hours < 48 ? lengthShown(Math.floor(ms / 1_000) * 1_000) : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Some names, and how many more there are. */
export function named(names: readonly string[], most = MOST_NAMED): string {
  const more = names.length > most ? ` and ${names.length - most} more` : "";
  return `${names.slice(0, most).join(", ")}${more}`;
}

/** Names of slots, those in a row as one: `track:0-9, geo:3`. What is no slot stands as it is. */
export function slotsShown(names: readonly string[]): string {
  const slots = names.flatMap((name) => parseSlotName(name) ?? []).sort(inSlotOrder);
  const runs: { type: RuleType; first: number; last: number }[] = [];
  for (const { id, type } of slots) {
    const run = runs.at(-1);
    if (run?.type === type && id - run.last <= 1) run.last = id;
    else runs.push({ type, first: id, last: id });
  }
  const wholes = names.filter((name) => !parseSlotName(name)).map((name) => shown(name, 20));
  const ranges = runs.map(({ first, last, type }) => first === last ? `${type}:${first}` : `${type}:${first}-${last}`);
  return named([...new Set([...wholes.sort(byType), ...ranges])], 12);
}

function byType(one: string, other: string): number {
  const place = (name: string) => RULE_TYPES.indexOf(name.split(":")[0] as RuleType);
  return place(one) - place(other);
}

/** A space that is not inside of backticks: what is between them is to be copied. */
const BREAK = / (?=(?:[^`]*`[^`]*`)*[^`]*$)/;

/** Breaks a text into lines of a width, the first after `begin`, the others after `indent`. What is too long is cut. */
export function wrapped(text: string, width: number, begin: string, indent: string): string[] {
  const lines: string[] = [];
  let line = begin;
  let isEmpty = true;
  for (let word of text.split(BREAK)) {
    if (!isEmpty && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = indent;
      isEmpty = true;
    }
    if (!isEmpty) line += " ";
    while (widthOf(line) + widthOf(word) > width) {
      const [head, rest] = cutAt(word, Math.max(1, width - widthOf(line)));
      lines.push(line + head);
      line = indent;
      word = rest;
    }
    line += word;
    isEmpty = false;
  }
  return [...lines, line];
}

/** A text's beginning that takes at most so many columns, at least one character, and the rest. */
export function cutAt(text: string, width: number): [string, string] {
  let head = "";
  let taken = 0;
  for (const character of text) {
    taken += widthOf(character);
    if (taken > width && head !== "") break;
    head += character;
  }
  return [head, text.slice(head.length)];
}
