/** Trees of X's rule language by chance, as the parser makes them. */

import { printQuery, type QueryNode, type Term } from "../../../src/model/query_tree.ts";

type Chance = () => number;

const SPAN = { start: 0, end: 0 };
const LETTERS = [..."abcxyzABC019éßñйλ地あ한\u0301"];
const WORDS = [
  "deno",
  "Kafka",
  "not",
  "x",
  "ORacle",
  "anderson",
  "🦖",
  "👩‍💻",
  "👍🏽",
  "🇩🇪",
  "2024",
  "地震",
  "keyword",
  "phrase",
];
const PHRASES = [
  "a b",
  " spaced  out ",
  'Toys "R" Us',
  "back\\slash",
  '\\"',
  "-minus",
  "(bracket",
  "a OR b",
  "and",
  "❤️",
  "line\nbreak",
  "from:nasa",
  "~3",
  "*",
];
const OPERATORS = [
  "from",
  "to",
  "is",
  "has",
  "lang",
  "url",
  "context",
  "followers_count",
  "nonsense",
  "a_b",
  "or",
  "and",
];
const PLAIN_VALUES = ["nasa", "11348282", "10.*", "100..500", "a-b", "-x", "x~2", "#x", "*", "a:b", "🦖", "\\", "!"];
const BRACKETED = ["-74.1 40.6 -73.8 40.9", "1 2 10mi", "x", 'with "quotes" (inside)'];

/** One of several. */
export function pick<T>(choices: readonly T[], chance: Chance): T {
  return choices[Math.floor(chance() * choices.length)]!;
}

/** A tree at most so deep, whose spans are all nothing. */
export function randomTree(chance: Chance, depth = 4, without?: "and" | "or"): QueryNode {
  const kinds = (["and", "or"] as const).filter((kind) => kind !== without);
  if (depth === 0 || chance() < 0.3) {
    const term = randomTerm(chance);
    return chance() < 0.2 ? { kind: "not", part: term, ...SPAN } : term;
  }
  const kind = pick(kinds, chance);
  const parts = Array.from({ length: 2 + Math.floor(chance() * 3) }, () => randomTree(chance, depth - 1, kind));
  return { kind, parts, ...SPAN };
}

function randomTerm(chance: Chance): Term {
  const plain = (operator: string, value: string): Term => ({ kind: "term", operator, value, form: "plain", ...SPAN });
  return pick<() => Term>([
    () => plain("keyword", word(chance)),
    () => plain("keyword", word(chance)),
    () => ({ ...plain("phrase", pick(PHRASES, chance)), form: "quoted" }),
    () => ({ ...plain("phrase", pick(PHRASES, chance)), form: "quoted", distance: Math.floor(chance() * 10_000) }),
    () => plain(pick(["#", "@", "$"], chance), `${letters(chance)}_${letters(chance)}`),
    () => plain(pick(OPERATORS, chance), pick(PLAIN_VALUES, chance)),
    () => ({ ...plain(pick(OPERATORS, chance), pick(PHRASES, chance)), form: "quoted" }),
    () => ({ ...plain(pick(OPERATORS, chance), pick(BRACKETED, chance)), form: "bracketed" }),
  ], chance)();
}

function word(chance: Chance): string {
  return chance() < 0.5 ? pick(WORDS, chance) : letters(chance);
}

/** Some letters, which are no join. */
function letters(chance: Chance): string {
  return `x${Array.from({ length: Math.floor(chance() * 8) }, () => pick(LETTERS, chance)).join("")}`;
}

/** The tree's text with more brackets and spaces than it needs. */
export function looseText(node: QueryNode, chance: Chance): string {
  const space = () => pick([" ", "  ", "\n", "\t "], chance);
  const bracketed = (text: string) => chance() < 0.2 ? `(${text})` : text;
  if (node.kind === "term") return bracketed(printQuery(node));
  if (node.kind === "not") return bracketed(printQuery(node));
  const parts = node.parts.map((part) => part.kind === "or" ? `(${looseText(part, chance)})` : looseText(part, chance));
  return bracketed(parts.join(node.kind === "or" ? `${space()}OR${space()}` : space()));
}
