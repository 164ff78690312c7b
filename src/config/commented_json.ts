/**
 * JSON with comments: JSON as in RFC 8259, and beside it `//` and `/* *\/` comments and a comma before a closing bracket.
 * Read by hand, because the engine's parser often does not say where a file is broken, and what it says quotes the file,
 * which may hold secrets. Every fault names its line and column; none repeats what stands there.
 */

import type { JsonObject, JsonValue } from "../model/json.ts";

/** Nesting beyond this is refused: settings need two levels, and a file of brackets must not exhaust the stack. */
const MOST_LEVELS = 64;

/** Without control characters: all of Unicode from the space on but the quote and the backslash, and escapes. */
const STRING = /"(?:[ !#-\[\]-\u{10ffff}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y;
const WORD = /(?:true|false|null)(?!\w)/y;
const BLANK = /[ \t\r\n]+|\/\/[^\n]*|\/\*[^]*?\*\//y;

/** The value that the text holds. Throws SyntaxError that says what is wrong and where. */
export function parseCommentedJson(source: string): JsonValue {
  return new Reader(source.replace(/^\ufeff/, "")).whole();
}

class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  whole(): JsonValue {
    const value = this.#value(0);
    if (!this.#isAtEnd()) this.#refuse("something follows the value");
    return value;
  }

  #value(level: number): JsonValue {
    if (this.#isAtEnd()) this.#refuse("a value is missing");
    if (level > MOST_LEVELS) this.#refuse(`it is nested deeper than ${MOST_LEVELS} levels`);
    if (this.#take("{")) return this.#object(level);
    if (this.#take("[")) return this.#array(level);
    // Strings and the rest are whole tokens of JSON, so that the engine's parser may turn them into values.
    const token = this.#token(STRING) ?? this.#token(NUMBER) ?? this.#token(WORD);
    return token === undefined ? this.#refuse("no value begins here, or it is broken") : JSON.parse(token);
  }

  #object(level: number): JsonObject {
    const object: JsonObject = {};
    while (!this.#take("}")) {
      const nameAt = this.#at;
      const token = this.#token(STRING) ?? this.#refuse('a name in "quotes" or a } is missing');
      const name: string = JSON.parse(token);
      if (Object.hasOwn(object, name)) this.#refuse("a name stands here for the second time", nameAt);
      if (!this.#take(":")) this.#refuse("a : is missing");
      const value = this.#value(level + 1);
      // Defined, not assigned: assigning to `__proto__` would set no member.
      Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
      if (!this.#take(",") && !this.#isNext("}")) this.#refuse("a , or a } is missing");
    }
    return object;
  }

  #array(level: number): JsonValue[] {
    const array: JsonValue[] = [];
    while (!this.#take("]")) {
      array.push(this.#value(level + 1));
      if (!this.#take(",") && !this.#isNext("]")) this.#refuse("a , or a ] is missing");
    }
    return array;
  }

  #take(character: string): boolean {
    const isThere = this.#isNext(character);
    if (isThere) this.#at += character.length;
    return isThere;
  }

  #isNext(character: string): boolean {
    this.#skipBlank();
    return this.#source.startsWith(character, this.#at);
  }

  #isAtEnd(): boolean {
    this.#skipBlank();
    return this.#at === this.#source.length;
  }

  #skipBlank(): void {
    while (this.#token(BLANK) !== undefined);
    if (this.#source.startsWith("/*", this.#at)) this.#refuse("a comment that begins here does not end");
  }

  /** Takes what a sticky expression matches here. */
  #token(expression: RegExp): string | undefined {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#source)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #refuse(what: string, at: number = this.#at): never {
    const before = this.#source.slice(0, at).split("\n");
    throw new SyntaxError(`line ${before.length}, column ${before.at(-1)!.length + 1}: ${what}`);
  }
}
