/** A lint message as a compiler would show it: the rule, the place, and what to write instead. */

import { shown } from "../../model/outside_text.ts";
import { slotName } from "../../model/slot.ts";
import type { LintMessage } from "../../rules/rule_lint.ts";
import { widthOf } from "../terminal.ts";

/** How much of a text is shown before, in and after the place, in UTF-16 units. */
const BEFORE = 60;
const MOST_MARKED = 60;
const AFTER = 40;

/** The message on several lines. */
export function lintText({ level, rule, text, span, says, instead }: LintMessage): string {
  const column = span ? `, column ${span.start + 1}` : "";
  const head = `${level}: ${slotName(rule.slot)} "${shown(rule.value, 80)}"${column}: ${shown(says)}\n`;
  const isOwn = text === rule.value;
  const lead = isOwn ? "  " : "  for X: ";
  const tail = instead === "" ? "" : `  write: ${shown(instead)}\n`;
  if (!span) return head + tail;
  const from = Math.max(span.start - BEFORE, 0);
  const markedEnd = Math.min(span.end, span.start + MOST_MARKED);
  const to = Math.min(Math.max(markedEnd, span.start + 1) + AFTER, text.length);
  const before = (from > 0 ? "…" : "") + visible(text.slice(from, span.start));
  const marked = visible(text.slice(span.start, markedEnd));
  const after = visible(text.slice(markedEnd, to)) + (to < text.length ? "…" : "");
  const carets = " ".repeat(widthOf(lead + before)) + "^".repeat(Math.max(widthOf(marked), 1));
  return `${head}${lead}${before}${marked}${after}\n${carets}\n${tail}`;
}

/** Safe to show, on one line. */
function visible(text: string): string {
  return shown(text, Infinity);
}
