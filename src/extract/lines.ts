/** The lines of a text that comes in pieces, and rules in plain text: a value a line. */

import { shown } from "../model/outside_text.ts";
import type { Entry } from "./entry.ts";
import { ExtractError } from "./extract_error.ts";

export interface Line {
  /** Without white space around it. */
  readonly text: string;
  /** From 1. */
  readonly number: number;
}

/** The longest line that is taken for one, in UTF-16 units: what has no line ends is no text. */
const MOST_LINE_LENGTH = 64 * 1024 * 1024;

/** The lines that hold something; `# ` begins a comment, `#deno` does not. Throws ExtractError. */
export async function* linesOf(pieces: AsyncIterable<string>, name: string): AsyncGenerator<Line> {
  let rest = "";
  let number = 0;
  let mayEnd = false;
  for await (const piece of pieces) {
    rest += piece;
    if (rest.length > MOST_LINE_LENGTH) throw tooLong(name, number + 1);
    // To look at a line again with each of its pieces takes time that grows with the square of its length.
    if (!mayEnd && !/[\r\n]/.test(piece)) continue;
    // What a piece ends with may be the first half of a line end.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop()!;
    mayEnd = rest.endsWith("\r");
    for (const line of lines) {
      number += 1;
      const text = line.trim();
      if (isContent(text)) yield { text, number };
    }
  }
  const last = rest.trim();
  if (isContent(last)) yield { text: last, number: number + 1 };
}

/** A rule a line. */
export async function* textEntries(pieces: AsyncIterable<string>, name: string): AsyncGenerator<Entry> {
  let isFirst = true;
  for await (const { text, number } of linesOf(pieces, name)) {
    if (isFirst) refuseWebPage(text, name);
    isFirst = false;
    yield { kind: "rule", where: `${name}, line ${number}`, fields: { value: text } };
  }
}

/** A page that was saved instead of what was behind it, mostly one that asks for a login. Throws ExtractError. */
export function refuseWebPage(text: string, name: string): void {
  if (!/^\s*<(!doctype|html|head|body|\?xml)/i.test(text)) return;
  throw new ExtractError(`Cannot read the rules in ${name}: it is a web page (${shown(text.trim(), 30)})`, {
    hint: "The file itself: what was saved may be the page that asks for a login",
  });
}

function isContent(line: string): boolean {
  return line !== "" && !/^#(\s|$)/.test(line);
}

function tooLong(name: string, line: number): ExtractError {
  return new ExtractError(`Cannot read the rules in ${name}: line ${line} is longer than 64 MB`, {
    hint: "A text with a rule a line, or a JSON list",
  });
}
