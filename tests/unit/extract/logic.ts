/** Rules as logic: what a rule matches is found without the program's own matcher, by the words that are there. */

import { parseQuery } from "../../../src/model/query_parser.ts";
import type { QueryNode } from "../../../src/model/query_tree.ts";

export const WORDS = ["snow", "rain", "hail", "ice", "sun"] as const;

/** Whether a rule of plain words matches a text that holds just these. */
export function isMatch(value: string, there: ReadonlySet<string>): boolean {
  const { tree } = parseQuery(value);
  if (!tree) throw new Error(`nothing in ${value}`);
  return holds(tree, there);
}

function holds(node: QueryNode, there: ReadonlySet<string>): boolean {
  switch (node.kind) {
    case "term":
      return there.has(node.value);
    case "not":
      return !holds(node.part, there);
    case "and":
      return node.parts.every((part) => holds(part, there));
    case "or":
      return node.parts.some((part) => holds(part, there));
  }
}

/** A rule of these words, with groups and minuses before whatever may have one in PowerTrack. */
export function randomRule(chance: () => number, depth: number): string {
  const word = () => WORDS[Math.floor(chance() * WORDS.length)]!;
  const parts = Array.from({ length: 1 + Math.floor(chance() * 3) }, () => {
    const minus = chance() < 0.3 ? "-" : "";
    return `${minus}${depth > 0 && chance() < 0.5 ? `(${randomRule(chance, depth - 1)})` : word()}`;
  });
  return parts.join(chance() < 0.5 ? " OR " : " ");
}
