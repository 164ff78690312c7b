/**
 * The elements of a long JSON list, one after the other, without the whole of it in memory: those of `[...]`, or of
 * `{"rules": [...]}` when that is what the object begins with.
 *
 * It promises: elements are those that a parser would find, and a text that is no such list is refused with the place
 * where it stops being one, even when that is its last character.
 */

import { isObject, type JsonValue, parseJson } from "../model/json.ts";
import { jsonFaultPlace, type TextPlace } from "../model/json_place.ts";
import { shown } from "../model/outside_text.ts";
import { ExtractError } from "./extract_error.ts";

/** Where a list begins: alone, or as the first member of an object. */
const LIST_BEGIN = /^[ \t\r\n]*(\[|\{[ \t\r\n]*"rules"[ \t\r\n]*:[ \t\r\n]*\[)/;

/** JSON knows less white space than the language has. */
const CONTENT = /[^ \t\r\n]/;

const [QUOTE, BACKSLASH, COMMA, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [...'"\\,{}[]'].map((
  character,
) => character.charCodeAt(0)) as [number, number, number, number, number, number, number];

/** The longest element that is waited for, in UTF-16 units: where a quote is missing, none ends any more. */
const MOST_ELEMENT_LENGTH = 16 * 1024 * 1024;

/** Whether a text begins like a list. */
export function beginsList(beginning: string): boolean {
  return LIST_BEGIN.test(beginning);
}

/** The elements of a list whose beginning is in the first piece. Throws ExtractError. */
export async function* jsonElements(pieces: AsyncIterable<string>, name: string): AsyncGenerator<JsonValue> {
  const list = new JsonList(name);
  for await (const piece of pieces) yield* list.take(piece);
  list.end();
}

class JsonList {
  readonly #name: string;
  #phase: "before" | "inside" | "after" = "before";
  /** What was not handed on yet, and its place. */
  #text = "";
  #place: TextPlace = { line: 1, column: 1 };
  /** Where in it scanning goes on, and what was found there. */
  #at = 0;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #isEmpty = true;
  #isMember = false;

  constructor(name: string) {
    this.#name = name;
  }

  *take(piece: string): Generator<JsonValue> {
    this.#text += piece;
    if (this.#phase === "before") this.#begin();
    while (this.#phase === "inside") {
      const end = this.#elementEnd();
      if (end < 0 && this.#text.length > MOST_ELEMENT_LENGTH) {
        throw this.#fault(this.#text.search(CONTENT), "an element is longer than 16 MB");
      }
      if (end < 0) return;
      const text = this.#text.slice(0, end);
      const isLast = this.#text[end] === "]";
      if (!isLast || !this.#isEmpty || CONTENT.test(text)) yield this.#parsed(text);
      this.#isEmpty = false;
      this.#forget(end + 1);
      if (isLast) this.#phase = "after";
    }
  }

  /** Throws ExtractError when the list has not ended, or something follows that cannot. */
  end(): void {
    if (this.#phase !== "after") throw this.#fault(this.#text.length, "it ends in the middle of a list");
    const rest = this.#text.search(CONTENT);
    if (this.#isMember && rest < 0) throw this.#fault(this.#text.length, "it ends in the middle of an object");
    let whole: JsonValue;
    try {
      whole = parseJson(`${this.#isMember ? '{"rules":[]' : "[]"}${this.#text}`);
    } catch {
      throw this.#fault(rest, "something else follows its list");
    }
    if (isObject(whole) && String(whole["rules"]) !== "") throw this.#fault(rest, "its rules are there twice");
  }

  #begin(): void {
    const begin = LIST_BEGIN.exec(this.#text);
    if (!begin) throw this.#fault(0, "it is no list of rules");
    this.#isMember = begin[1] !== "[";
    this.#forget(begin[0].length);
    this.#phase = "inside";
  }

  /** Where the element under way ends: at a comma or the list's end; -1 when that has not come yet. */
  #elementEnd(): number {
    const text = this.#text;
    for (; this.#at < text.length; this.#at++) {
      const code = text.charCodeAt(this.#at);
      if (this.#isEscaped) this.#isEscaped = false;
      else if (this.#isInString) {
        if (code === BACKSLASH) this.#isEscaped = true;
        else if (code === QUOTE) this.#isInString = false;
      } else if (code === QUOTE) this.#isInString = true;
      else if (code === OPEN_BRACE || code === OPEN_BRACKET) this.#depth += 1;
      else if (this.#depth === 0 && (code === COMMA || code === CLOSE_BRACKET)) return this.#at;
      else if (this.#depth > 0 && (code === CLOSE_BRACE || code === CLOSE_BRACKET)) this.#depth -= 1;
    }
    return -1;
  }

  #parsed(text: string): JsonValue {
    try {
      return parseJson(text);
    } catch {
      const within = jsonFaultPlace(text);
      throw this.#fault(offsetOf(text, within), "it is no JSON");
    }
  }

  /** Goes on behind so many characters. */
  #forget(length: number): void {
    this.#place = placeAfter(this.#place, this.#text.slice(0, length));
    this.#text = this.#text.slice(length);
    this.#at = 0;
  }

  #fault(offset: number, why: string): ExtractError {
    const { line, column } = placeAfter(this.#place, this.#text.slice(0, offset));
    const found = shown(this.#text.slice(offset, offset + 40).split("\n")[0]!.trim(), 20);
    return new ExtractError(
      `Cannot read the rules in ${this.#name}: ${why}, at line ${line}, column ${column}${found && ` (${found})`}`,
      { hint: "Get the file again if it was cut off; or write one JSON object a line: a broken line costs no other" },
    );
  }
}

function placeAfter({ line, column }: TextPlace, text: string): TextPlace {
  const newline = text.lastIndexOf("\n");
  if (newline < 0) return { line, column: column + text.length };
  let lines = 1;
  for (let at = text.indexOf("\n"); at < newline; at = text.indexOf("\n", at + 1)) lines += 1;
  return { line: line + lines, column: text.length - newline };
}

function offsetOf(text: string, { line, column }: TextPlace): number {
  let offset = 0;
  for (let before = 1; before < line; before++) offset = text.indexOf("\n", offset) + 1;
  return offset + column - 1;
}
