/**
 * Cuts TypeScript into words, punctuation and strings, without its comments: enough to see what a file imports and
 * which names it uses, and no parser. The code inside a template's `${}` counts as code, its text as a string.
 *
 * @module
 */

/** One piece of source. */
export interface Token {
  readonly kind: "word" | "punctuation" | "string";
  readonly text: string;
  /** The line it begins on, from 1. */
  readonly line: number;
}

/** After these a slash begins a regular expression; after anything else it divides. */
const BEFORE_EXPRESSION = new Set([..."(,=:[!&|?{};+-*%<>~^"]);
const WORDS_BEFORE_EXPRESSION = new Set([
  "return",
  "typeof",
  "case",
  "in",
  "of",
  "delete",
  "void",
  "throw",
  "new",
  "else",
  "do",
  "await",
  "yield",
]);

const WORD = /[\p{ID_Start}\p{Number}_$#@][\p{ID_Continue}$]*/uy;
const SPACE = /\s+/y;
const COMMENT = /\/\/[^\n]*|\/\*[^]*?\*\//y;
const QUOTED = /"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'/y;
const EXPRESSION = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const TEMPLATE_TEXT = /(?:[^`\\$]|\\[^]|\$(?!\{))*/y;

/** The tokens of a file, in order. */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  // For each template that is open, how many braces are open inside its `${}`.
  const templates: number[] = [];
  let at = 0;
  let line = 1;

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text === undefined || text === "") return undefined;
    at += text.length;
    return text;
  };
  const add = (kind: Token["kind"], text: string, raw = text): void => {
    tokens.push({ kind, text, line });
    line += raw.split("\n").length - 1;
  };
  const takeTemplateText = (): void => {
    const text = take(TEMPLATE_TEXT) ?? "";
    add("string", text);
    if (source[at] === "`") templates.pop();
    else templates[templates.length - 1] = 0;
    at += source[at] === "`" ? 1 : 2;
  };

  while (at < source.length) {
    const skipped = take(SPACE) ?? take(COMMENT);
    if (skipped !== undefined) {
      line += skipped.split("\n").length - 1;
      continue;
    }
    const quoted = take(QUOTED);
    if (quoted !== undefined) {
      add("string", quoted.slice(1, -1), quoted);
      continue;
    }
    if (source[at] === "`") {
      at += 1;
      templates.push(0);
      takeTemplateText();
      continue;
    }
    if (source[at] === "/" && startsExpression(tokens.at(-1))) {
      const expression = take(EXPRESSION);
      if (expression !== undefined) {
        add("string", "", expression);
        continue;
      }
    }
    const word = take(WORD);
    if (word !== undefined) {
      add("word", word);
      continue;
    }
    const mark = source[at] ?? "";
    at += 1;
    const open = templates.length - 1;
    if (open >= 0 && mark === "}" && templates[open] === 0) {
      takeTemplateText();
      continue;
    }
    if (open >= 0 && mark === "{") templates[open] = (templates[open] ?? 0) + 1;
    if (open >= 0 && mark === "}") templates[open] = (templates[open] ?? 0) - 1;
    add("punctuation", mark);
  }
  return tokens;
}

function startsExpression(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === "punctuation") return BEFORE_EXPRESSION.has(before.text);
  return before.kind === "word" && WORDS_BEFORE_EXPRESSION.has(before.text);
}

/** One specifier that a file imports or exports from, and where. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
}

/** Everything that a file imports: static, for types only, for effect, dynamic, or exported onwards. */
export function importsOf(tokens: readonly Token[]): Import[] {
  const imports: Import[] = [];
  tokens.forEach((token, index) => {
    if (token.kind !== "string") return;
    const [before, beforeThat, first] = [tokens[index - 1], tokens[index - 2], tokens[index - 3]];
    const isMember = (word: Token | undefined) => word?.text === ".";
    const isFrom = before?.kind === "word" && before.text === "from" && !isMember(beforeThat);
    const isEffect = before?.kind === "word" && before.text === "import" && !isMember(beforeThat);
    const isDynamic = before?.text === "(" && beforeThat?.kind === "word" && beforeThat.text === "import" &&
      !isMember(first);
    if (isFrom || isEffect || isDynamic) imports.push({ specifier: token.text, line: token.line });
  });
  return imports;
}
