/** Where a text stops being JSON. The engine's own errors name the place only for some faults. */

/** A place in a text, counted from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

type Expected = "value" | "value or end" | "name" | "name or end" | "colon" | "comma or end" | "nothing";

const SPACE = /[ \t\r\n]*/y;
// deno-lint-ignore no-control-regex
const STRING = /"(?:[^"\\\u0000-\u001f]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const PLAIN = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

/** The place of the first thing that cannot be there in JSON; the text's end when only the rest is missing. */
export function jsonFaultPlace(text: string): TextPlace {
  const open: ("{" | "[")[] = [];
  let expected: Expected = "value";
  let at = 0;
  const taken = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const isThere = pattern.test(text);
    if (isThere) at = pattern.lastIndex;
    return isThere;
  };
  const afterValue = (): Expected => open.length === 0 ? "nothing" : "comma or end";

  while (true) {
    taken(SPACE);
    const next = text[at];
    if (next === undefined || expected === "nothing") return placeAt(text, at);
    if (expected === "value" || expected === "value or end") {
      if (next === "{" || next === "[") {
        open.push(next);
        at++;
        expected = next === "{" ? "name or end" : "value or end";
      } else if (next === "]" && expected === "value or end") {
        open.pop();
        at++;
        expected = afterValue();
      } else if (taken(STRING) || taken(PLAIN)) {
        expected = afterValue();
      } else return placeAt(text, at);
    } else if (expected === "name" || expected === "name or end") {
      if (next === "}" && expected === "name or end") {
        open.pop();
        at++;
        expected = afterValue();
      } else if (taken(STRING)) expected = "colon";
      else return placeAt(text, at);
    } else if (expected === "colon") {
      if (next !== ":") return placeAt(text, at);
      at++;
      expected = "value";
    } else {
      const inside = open.at(-1);
      if (next === ",") expected = inside === "{" ? "name" : "value";
      else if (next === (inside === "{" ? "}" : "]")) {
        open.pop();
        expected = afterValue();
      } else return placeAt(text, at);
      at++;
    }
  }
}

function placeAt(text: string, at: number): TextPlace {
  const lines = text.slice(0, at).split("\n");
  return { line: lines.length, column: lines.at(-1)!.length + 1 };
}
