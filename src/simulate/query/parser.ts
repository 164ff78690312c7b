/**
 * Reads a query of X's language by a parser of its own, independent of the collector's. It answers a tree, or the
 * complaints that X would make, with positions from 1; where X has published no text, the words are ours.
 * Source: docs.x.com, Filtered stream: Build a rule; the PowerTrack documentation for "Ambiguous use of".
 */

import { operatorOf } from "./operators.ts";
import type { Complaint, Negation, Node, Term } from "./syntax.ts";

export type Parsed =
  | { readonly node: Node; readonly complaints: readonly [] }
  | { readonly node?: undefined; readonly complaints: readonly Complaint[] };

/** Letters, marks, digits and `_`; inside a word also what people write there. */
const WORD_CHARACTER = /[\p{L}\p{M}\p{N}_]/u;
const INNER_CHARACTER = /[-'’.]/u;
const EMOJI_CHARACTER = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\u200d\ufe0f\u20e3]/u;
const OPERATOR_NAME = /^[A-Za-z_]+:/;

const MOST_WORDS_BETWEEN = 6;

/** Parses one query. */
export function parseQuery(query: string): Parsed {
  try {
    const node = new Parser(query).whole();
    return { node, complaints: [] };
  } catch (error) {
    if (error instanceof SyntaxComplaint) return { complaints: [{ text: error.message, position: error.position }] };
    throw error;
  }
}

class SyntaxComplaint extends Error {
  readonly position: number;

  constructor(text: string, index: number) {
    super(text);
    this.position = index + 1;
  }
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Node {
    const node = this.#alternatives();
    if (this.#at < this.#text.length) throw this.#complaint(`missing EOF at '${this.#character()}'`);
    return node;
  }

  #alternatives(): Node {
    const parts = [this.#conjunction()];
    while (this.#takeWord("OR")) parts.push(this.#conjunction());
    return parts.length === 1 ? parts[0]! : { kind: "or", parts };
  }

  #conjunction(): Node {
    const parts: Node[] = [];
    this.#skipSpaces();
    while (this.#at < this.#text.length && this.#character() !== ")" && !this.#isWord("OR")) {
      parts.push(this.#unit());
      this.#skipSpaces();
    }
    if (parts.length === 0) {
      throw this.#complaint(
        this.#at < this.#text.length
          ? `no viable alternative at input '${this.#rest()}'`
          : "Rules must contain at least one positive, non-stopword clause",
      );
    }
    return parts.length === 1 ? parts[0]! : { kind: "and", parts };
  }

  #unit(): Node {
    if (this.#character() !== "-") return this.#operand();
    const position = this.#at + 1;
    this.#at += 1;
    if (this.#character() === "(") throw this.#complaint("Groups cannot be negated; negate each of their clauses");
    const negated: Negation = { kind: "not", part: this.#unit(), position };
    return negated;
  }

  #operand(): Node {
    const character = this.#character();
    if (character === "(") {
      const open = this.#at;
      this.#at += 1;
      const inner = this.#alternatives();
      if (this.#character() !== ")") throw new SyntaxComplaint("missing ')' at '<EOF>'", open);
      this.#at += 1;
      return inner;
    }
    const position = this.#at + 1;
    if (character === '"') return this.#phrase(position);
    if (character === "#" || character === "@" || character === "$") {
      this.#at += 1;
      return term(character, this.#word(), position);
    }
    const operator = OPERATOR_NAME.exec(this.#text.slice(this.#at));
    if (operator) return this.#operator(operator[0].slice(0, -1), position);
    const word = this.#word();
    if (/^(or|and)$/i.test(word)) throw ambiguous(word, position - 1);
    return term(/[-'’.]/.test(word) ? "phrase" : "keyword", word, position);
  }

  #phrase(position: number): Term {
    const value = this.#quoted();
    const distance = /^~(\d+)/.exec(this.#text.slice(this.#at));
    if (!distance) return term("phrase", value, position);
    this.#at += distance[0].length;
    const words = Number(distance[1]);
    if (words > MOST_WORDS_BETWEEN) {
      throw new SyntaxComplaint(`Proximity must not be greater than ${MOST_WORDS_BETWEEN}`, position - 1);
    }
    return { ...term("phrase", value, position), distance: words };
  }

  #operator(name: string, position: number): Term {
    const known = operatorOf(name);
    if (!known) {
      throw new SyntaxComplaint(
        `Reference to invalid operator '${name}'. Operator is not available in current product or product packaging. ` +
          "Please refer to complete available operator list at http://t.co/operators.",
        position - 1,
      );
    }
    this.#at += name.length + 1;
    const value = this.#value();
    const complaint = known.check(value);
    if (complaint) throw new SyntaxComplaint(`${complaint} for operator '${name}'`, position - 1);
    return term(known.name, value, position);
  }

  #value(): string {
    const character = this.#character();
    if (character === '"') return this.#quoted();
    if (character === "[") {
      const end = this.#text.indexOf("]", this.#at);
      if (end < 0) throw this.#complaint("missing ']' at '<EOF>'");
      const value = this.#text.slice(this.#at + 1, end);
      this.#at = end + 1;
      return value;
    }
    const start = this.#at;
    while (this.#at < this.#text.length && /[\p{L}\p{M}\p{N}_.*-]/u.test(this.#character())) {
      this.#at += this.#character().length;
    }
    if (this.#at === start) {
      throw this.#complaint(`no viable alternative at character '${this.#character() || "<EOF>"}'`);
    }
    return this.#text.slice(start, this.#at);
  }

  /** The text between quotes; `\"` is a quote. */
  #quoted(): string {
    const open = this.#at;
    let value = "";
    for (this.#at += 1; this.#character() !== '"'; this.#at += 1) {
      if (this.#at >= this.#text.length) throw new SyntaxComplaint("mismatched character '<EOF>' expecting '\"'", open);
      if (this.#text.startsWith('\\"', this.#at)) this.#at += 1;
      value += this.#text[this.#at];
    }
    this.#at += 1;
    if (value.trim() === "") throw new SyntaxComplaint("Phrases must not be empty", open);
    return value;
  }

  #word(): string {
    const start = this.#at;
    while (this.#at < this.#text.length) {
      const character = this.#character();
      const isInner = this.#at > start && INNER_CHARACTER.test(character) &&
        WORD_CHARACTER.test(this.#text[this.#at + 1] ?? "");
      if (!WORD_CHARACTER.test(character) && !EMOJI_CHARACTER.test(character) && !isInner) break;
      this.#at += character.length;
    }
    if (this.#at === start || (!/[\s()"]/.test(this.#character()) && this.#at < this.#text.length)) {
      throw this.#complaint(`no viable alternative at character '${this.#character() || "<EOF>"}'`);
    }
    return this.#text.slice(start, this.#at);
  }

  /** The character here, both halves of a pair; empty at the end. */
  #character(): string {
    const code = this.#text.codePointAt(this.#at);
    return code === undefined ? "" : String.fromCodePoint(code);
  }

  #rest(): string {
    return /^\S+/.exec(this.#text.slice(this.#at))?.[0] ?? "";
  }

  #skipSpaces(): void {
    while (/\s/.test(this.#character())) this.#at += 1;
  }

  #isWord(word: string): boolean {
    return this.#text.startsWith(word, this.#at) && /^($|[\s(")-])/.test(this.#text.slice(this.#at + word.length));
  }

  #takeWord(word: string): boolean {
    this.#skipSpaces();
    if (!this.#isWord(word)) return false;
    this.#at += word.length;
    return true;
  }

  #complaint(text: string): SyntaxComplaint {
    return new SyntaxComplaint(text, this.#at);
  }
}

function term(operator: string, value: string, position: number): Term {
  return { kind: "term", operator, value, distance: undefined, position };
}

function ambiguous(word: string, index: number): SyntaxComplaint {
  const lower = word.toLowerCase();
  const instead = lower === "and"
    ? "Use a space to logically join two clauses"
    : "Use OR to logically join two clauses";
  return new SyntaxComplaint(
    `Ambiguous use of ${lower} as a keyword. ${instead}, or "${lower}" to find occurrences of ${lower} in text`,
    index,
  );
}
