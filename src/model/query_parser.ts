/**
 * Reads X's rule language: from a query's text to its tree, with everything that is wrong in its grammar, each with
 * its place and what to write instead. Nothing in a text makes it throw.
 *
 * It knows the grammar alone: which operators there are and what they may be joined with is in `query_check.ts`.
 * Source: docs.x.com, Filtered stream: Build a rule (boolean syntax, quoting, order of operations).
 */

import { joined, type QueryNode, quoted, type Span, type Term, type ValueForm } from "./query_tree.ts";

/** What is wrong with a query. */
export interface Complaint extends Span {
  /** A fault makes X refuse the query, or would; a caution is worth a look. */
  readonly level: "fault" | "caution";
  /** What is wrong, a short sentence without its full stop. */
  readonly says: string;
  /** What to write instead. */
  readonly instead: string;
}

export interface ParsedQuery {
  /** Undefined only when nothing could be made of the text. */
  readonly tree: QueryNode | undefined;
  readonly complaints: readonly Complaint[];
}

/** How deep groups may be nested: beyond it nobody wrote the query by hand. */
const DEEPEST = 50;

/** Characters of which a bare word may consist: letters, marks, digits, and the parts of emoji. */
const BARE_WORD = /^[\p{L}\p{M}\p{N}\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\u200d]+$/u;
const VARIATION_SELECTOR = /[\ufe0e\ufe0f]/;

/** Parses a query. Never throws. */
export function parseQuery(text: string): ParsedQuery {
  return new Parser(text).parse();
}

class Parser {
  readonly #text: string;
  readonly #complaints: Complaint[] = [];
  #at = 0;
  #depth = 0;
  #isTooDeep = false;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): ParsedQuery {
    const parts: QueryNode[] = [];
    while (true) {
      const tree = this.#alternatives();
      if (tree) parts.push(tree);
      if (this.#at >= this.#text.length) break;
      // Only a bracket that closes nothing ends the alternatives before the text's end.
      this.#fault(this.#at, this.#at + 1, "this bracket closes nothing", "take it away, or open it before");
      this.#at += 1;
    }
    const isEmpty = parts.length === 0 && this.#complaints.length === 0;
    if (isEmpty) this.#fault(0, this.#text.length, "there is nothing in it", "a word to look for");
    return { tree: parts.length > 0 ? joined("and", parts) : undefined, complaints: this.#complaints };
  }

  /** `a b OR c`, to the end or to a closing bracket. */
  #alternatives(): QueryNode | undefined {
    const alternatives: QueryNode[] = [];
    let words: QueryNode[] = [];
    let openOr: Span | undefined;
    const endOfClause = () => {
      if (words.length > 0) alternatives.push(joined("and", words));
      words = [];
    };
    while (true) {
      this.#skipSpace();
      const start = this.#at;
      if (this.#at >= this.#text.length || this.#text[this.#at] === ")") break;
      const join = this.#word(/(OR|or|Or|AND|and|And)(?=[\s()"]|$)/y);
      if (join === undefined) {
        const part = this.#part();
        if (part) {
          words.push(part);
          openOr = undefined;
        }
        continue;
      }
      const span = { start, end: this.#at };
      if (join === "OR") {
        if (words.length > 0) openOr = span;
        else {
          this.#complain(span, "nothing stands before this OR", "one more alternative, or take the OR away");
        }
        endOfClause();
      } else {
        const isOr = join.toLowerCase() === "or";
        const meant = isOr ? "OR in capital letters" : "a space: words side by side must all be there";
        this.#complain(
          span,
          `X takes ${join} neither for a join nor for a word`,
          `${meant}, or "${join}" for the word`,
        );
        if (isOr) endOfClause();
      }
    }
    if (openOr) {
      this.#fault(openOr.start, openOr.end, "nothing follows this OR", "one more alternative, or take the OR away");
    }
    endOfClause();
    return alternatives.length > 0 ? joined("or", alternatives) : undefined;
  }

  /** One term, group or negation; undefined when there was none, with a complaint. */
  #part(): QueryNode | undefined {
    const start = this.#at;
    if (this.#text[start] === "-" && start + 1 < this.#text.length && !/\s/.test(this.#text[start + 1]!)) {
      return this.#negation();
    }
    if (this.#text[start] === "(") return this.#group();
    return this.#term();
  }

  #negation(): QueryNode | undefined {
    const start = this.#at;
    this.#at += 1;
    if (this.#text[this.#at] === ")") {
      this.#fault(start, start + 1, "nothing follows this minus", "the word that must not be there");
      return undefined;
    }
    if (this.#text[this.#at] === "-") {
      const minuses = this.#word(/-+/y)!;
      this.#fault(start, start + 1 + minuses.length, "a term can be negated once only", "a single minus");
      if (this.#at >= this.#text.length || /[\s)]/.test(this.#text[this.#at]!)) return undefined;
    }
    const isGroup = this.#text[this.#at] === "(";
    const part = isGroup ? this.#group() : this.#term();
    if (!part) return undefined;
    if (isGroup) this.#fault(start, this.#at, "a group cannot be negated", ungrouped(part));
    return part.kind === "not" ? part.part : { kind: "not", part, start, end: this.#at };
  }

  #group(): QueryNode | undefined {
    const start = this.#at;
    if (this.#depth >= DEEPEST) {
      this.#fault(start, this.#text.length, `groups are nested more than ${DEEPEST} deep`, "a flatter query");
      this.#at = this.#text.length;
      this.#isTooDeep = true;
      return undefined;
    }
    this.#at += 1;
    this.#depth += 1;
    const inside = this.#alternatives();
    this.#depth -= 1;
    const isClosed = this.#text[this.#at] === ")";
    if (isClosed) this.#at += 1;
    else if (!this.#isTooDeep) {
      this.#fault(start, start + 1, "this bracket is never closed", "a ) where the group ends");
    }
    if (!inside && isClosed) {
      this.#fault(start, this.#at, "this group is empty", "words between the brackets, or take them away");
    }
    return inside && { ...inside, start, end: this.#at };
  }

  #term(): Term | undefined {
    const start = this.#at;
    if (this.#text[start] === '"') return this.#phrase(start);
    const operator = this.#word(/[A-Za-z_]+:(?=\S)/y);
    if (operator !== undefined) return this.#operator(start, operator.slice(0, -1).toLowerCase());
    const word = this.#word(/[^\s()"]+/y);
    if (word === undefined) {
      this.#at += 1;
      return undefined;
    }
    const end = this.#at;
    const entity = /^([#@$])([\p{L}\p{M}\p{N}_]+)$/u.exec(word);
    if (entity) return { kind: "term", operator: entity[1]!, value: entity[2]!, form: "plain", start, end };
    const term: Term = { kind: "term", operator: "keyword", value: word, form: "plain", start, end };
    if (VARIATION_SELECTOR.test(word)) {
      this.#fault(start, end, "an emoji with a variation selector needs quotes", quoted(word));
    } else if (/^-+$/.test(word)) {
      this.#fault(
        start,
        end,
        "this minus stands by itself",
        'a minus right before the word that must not be there, or "-" for the sign',
      );
    } else if (/^[A-Za-z_]+:$/.test(word)) {
      const instead = `${word} with its value right behind it, without a space, or ${quoted(word)} for the text itself`;
      this.#fault(start, end, `${word} has no value`, instead);
    } else if (word.includes("*")) {
      this.#fault(start, end, "X finds whole words only: a * stands for nothing", "each form of the word, with OR");
    } else if (!BARE_WORD.test(word)) {
      this.#complain(
        term,
        `${word.length > 40 ? "this word" : word} has punctuation in it, which needs quotes`,
        quoted(word),
      );
    }
    return term;
  }

  #phrase(start: number): Term | undefined {
    const value = this.#quotedValue();
    const end = this.#at;
    if (value.trim() === "") {
      this.#fault(start, end, "there is nothing between the quotes", "the words to look for");
      return undefined;
    }
    const near = this.#word(/~\d{1,4}/y);
    const span = { start, end: this.#at };
    if (near === undefined) return { kind: "term", operator: "phrase", value, form: "quoted", ...span };
    return { kind: "term", operator: "phrase", value, form: "quoted", distance: Number(near.slice(1)), ...span };
  }

  #operator(start: number, operator: string): Term | undefined {
    if (this.#text[this.#at] === "(") {
      const instead = `the operator inside the group: (${operator}:a OR ${operator}:b)`;
      this.#fault(start, this.#at, `${operator}: takes one value and no group`, instead);
      return undefined;
    }
    const { value, form } = this.#operatorValue();
    if (value.trim() === "") {
      this.#fault(start, this.#at, `${operator}: has no value`, `${operator}: with its value right behind it`);
    }
    const span = { start, end: this.#at };
    if (operator !== "keyword" && operator !== "phrase") return { kind: "term", operator, value, form, ...span };
    // These are our words for what has no operator.
    const text = `${operator}:${value}`;
    this.#complain(span, `X has no operator ${operator}:`, `${quoted(text)} for the text itself`);
    return { kind: "term", operator: "phrase", value: text, form: "quoted", ...span };
  }

  #operatorValue(): { value: string; form: ValueForm } {
    let value: string;
    let form: ValueForm = "plain";
    if (this.#text[this.#at] === '"') {
      value = this.#quotedValue();
      form = "quoted";
    } else if (this.#text[this.#at] === "[") {
      const inside = this.#word(/\[[^\]]*\]/y);
      form = "bracketed";
      if (inside === undefined) {
        this.#fault(this.#at, this.#at + 1, "this [ is never closed", "a ] after the last number");
        value = this.#text.slice(this.#at + 1).replace(/[[\]]/g, "");
        this.#at = this.#text.length;
      } else value = inside.slice(1, -1).trim();
    } else value = this.#word(/[^\s()"]+/y) ?? "";
    return { value, form };
  }

  /** What stands in double quotes, without escapes; to the end of the text when they are never closed. */
  #quotedValue(): string {
    const start = this.#at;
    const inside = this.#word(/"(?:[^"\\]|\\[^])*"/y);
    if (inside === undefined) {
      this.#fault(
        start,
        start + 1,
        "this quote is never closed",
        'a " where the phrase ends, or \\" for the character',
      );
      this.#at = this.#text.length;
      return this.#text.slice(start + 1).replace(/\\(["\\])/g, "$1");
    }
    return inside.slice(1, -1).replace(/\\(["\\])/g, "$1");
  }

  #skipSpace(): void {
    this.#word(/\s+/y);
  }

  /** What a sticky pattern finds here, which is then behind us. */
  #word(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #fault(start: number, end: number, says: string, instead: string): void {
    this.#complain({ start, end }, says, instead);
  }

  #complain({ start, end }: Span, says: string, instead: string): void {
    this.#complaints.push({ level: "fault", start, end, says, instead });
  }
}

/** What to write for a group with a minus before it. */
function ungrouped(group: QueryNode): string {
  if (group.kind === "or") return "a minus before each word: -a -b for -(a OR b)";
  if (group.kind === "and") return "a minus before each word: (-a OR -b), each beside a positive word, for -(a b)";
  return "what is in it without the brackets";
}
