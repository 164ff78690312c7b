/** Where a text stops being JSON. The engine's own errors name the place only for some faults. */

/** A place in a text, counted from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** Where JSON is broken. */
export interface JsonFaultPlace extends TextPlace {
  /** Whether nothing is wrong but that the rest is missing. */
  readonly isCutOff: boolean;
}

type Expected = "value" | "value or end" | "name" | "name or end" | "colon" | "comma or end" | "nothing";

const SPACE = /[ \t\r\n]*/y;
// deno-lint-ignore no-control-regex
const STRING_PIECE = /[^"\\\u0000-\u001f]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const PLAIN = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

/** What a number, a word or an escape may be at the end of a text that goes on elsewhere. */
const BEGUN_PLAIN = /^(?:t(?:ru?)?|f(?:a(?:ls?)?)?|n(?:ul?)?|-|-?(?:0|[1-9]\d*)(?:\.|(?:\.\d+)?[eE][+-]?))$/;
const BEGUN_ESCAPE = /^\\(?:u[0-9a-fA-F]{0,3})?$/;

/**
 * The place of the first thing that cannot be there in JSON; the text's end when only the rest is missing, or the
 * beginning of the word that it ends in.
 */
export function jsonFaultPlace(text: string): JsonFaultPlace {
  const open: ("{" | "[")[] = [];
  let expected: Expected = "value";
  let at = 0;
  let isCutOff = false;
  const taken = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const isThere = pattern.test(text);
    if (isThere) at = pattern.lastIndex;
    return isThere;
  };
  // Piece by piece: one pattern for a whole string takes exponential time for a string that never ends.
  const takenString = (): boolean => {
    const start = at;
    if (text[at] !== '"') return false;
    at++;
    while (taken(STRING_PIECE));
    if (text[at] === '"') {
      at++;
      return true;
    }
    isCutOff = at >= text.length || BEGUN_ESCAPE.test(text.slice(at, at + 6));
    at = start;
    return false;
  };
  const afterValue = (): Expected => open.length === 0 ? "nothing" : "comma or end";
  const fault = (): JsonFaultPlace => ({ ...placeAt(text, at), isCutOff });

  while (true) {
    taken(SPACE);
    const next = text[at];
    if (next === undefined) isCutOff = expected !== "nothing";
    if (next === undefined || expected === "nothing") return fault();
    if (expected === "value" || expected === "value or end") {
      if (next === "{" || next === "[") {
        open.push(next);
        at++;
        expected = next === "{" ? "name or end" : "value or end";
      } else if (next === "]" && expected === "value or end") {
        open.pop();
        at++;
        expected = afterValue();
      } else if (takenString() || taken(PLAIN)) {
        expected = afterValue();
      } else {
        isCutOff ||= BEGUN_PLAIN.test(text.slice(at, at + 400));
        return fault();
      }
    } else if (expected === "name" || expected === "name or end") {
      if (next === "}" && expected === "name or end") {
        open.pop();
        at++;
        expected = afterValue();
      } else if (takenString()) expected = "colon";
      else return fault();
    } else if (expected === "colon") {
      if (next !== ":") return fault();
      at++;
      expected = "value";
    } else {
      const inside = open.at(-1);
      if (next === ",") expected = inside === "{" ? "name" : "value";
      else if (next === (inside === "{" ? "}" : "]")) {
        open.pop();
        expected = afterValue();
      } else return fault();
      at++;
    }
  }
}

function placeAt(text: string, at: number): TextPlace {
  let line = 1;
  let lineStart = 0;
  for (let end = text.indexOf("\n"); end >= 0 && end < at; end = text.indexOf("\n", lineStart)) {
    line++;
    lineStart = end + 1;
  }
  return { line, column: at - lineStart + 1 };
}
