/**
 * What X refuses in a query that reads well: too long, nothing positive in it, only words or operators that cannot
 * stand alone. Source: docs.x.com, Filtered stream: Build a rule; the stop words are PowerTrack's (X publishes none).
 */

import { operatorOf } from "./operators.ts";
import { parseQuery } from "./parser.ts";
import type { Complaint, Node, Term } from "./syntax.ts";

/** A query as X takes it, or X's words about it. */
export type Checked =
  | { readonly node: Node; readonly details: readonly [] }
  | { readonly node?: undefined; readonly details: readonly string[] };

export interface CheckOptions {
  readonly longest: number;
  /** Operators that this product does not have. */
  readonly unavailable?: readonly string[];
}

const STOP_WORDS = new Set(
  ("a an and at but by com from http https if in is it its me my or rt the this to too via we www you").split(" "),
);
const NO_POSITIVE: Complaint = {
  text: "Rules must contain at least one positive, non-stopword clause",
  position: 1,
};
const NOT_NEGATABLE = new Set(["sample"]);

/** Parses a query and checks it as X does. */
export function checkQuery(query: string, options: CheckOptions): Checked {
  if (query.length > options.longest) {
    const text = `Rule '${query.slice(0, 40)}…' is ${query.length} characters long; the maximum is ${options.longest}`;
    return { details: [shown({ text, position: 1 })] };
  }
  const { node, complaints } = parseQuery(query);
  if (!node) return { details: complaints.map(shown) };
  const found = [
    ...termsOf(node).flatMap(({ term, isNegated }) => aboutTerm(term, isNegated, options.unavailable ?? [])),
    ...aboutAlternatives(node),
    ...aboutWhole(node),
  ];
  return found.length > 0 ? { details: found.map(shown) } : { node, details: [] };
}

function shown({ text, position }: Complaint): string {
  return `${text} (at position ${position})`;
}

/** Every term of a tree, with whether it is negated. */
export function termsOf(node: Node, isNegated = false): { term: Term; isNegated: boolean }[] {
  if (node.kind === "term") return [{ term: node, isNegated }];
  if (node.kind === "not") return termsOf(node.part, true); // X knows no double negation
  return node.parts.flatMap((part) => termsOf(part, isNegated));
}

function aboutTerm(term: Term, isNegated: boolean, unavailable: readonly string[]): Complaint[] {
  const { operator, position } = term;
  if (unavailable.includes(operator)) {
    return [{
      text: `Reference to invalid operator '${operator}'. Operator is not available in current product or product ` +
        "packaging. Please refer to complete available operator list at http://t.co/operators.",
      position,
    }];
  }
  if (isNegated && NOT_NEGATABLE.has(operator)) return [{ text: `Operator '${operator}' cannot be negated`, position }];
  if (!isNegated && operator === "is" && term.value === "nullcast") {
    return [{ text: "Operator 'is:nullcast' must be negated", position }];
  }
  return [];
}

/** A negated clause cannot be an alternative: it would match nearly everything. */
function aboutAlternatives(node: Node): Complaint[] {
  if (node.kind === "term") return [];
  if (node.kind === "not") return aboutAlternatives(node.part);
  const own = node.kind === "or" ? node.parts.filter((part) => part.kind === "not") : [];
  return [
    ...own.map((part) => ({ text: "Negated clauses cannot be joined with OR", position: part.position })),
    ...node.parts.flatMap(aboutAlternatives),
  ];
}

function aboutWhole(node: Node): Complaint[] {
  if (canStandAlone(node)) return [];
  const positive = termsOf(node).filter(({ isNegated }) => !isNegated).map(({ term }) => term);
  if (positive.length === 0) {
    return [{ text: "Rules must contain a non-negation term", position: 1 }, NO_POSITIVE];
  }
  const lonely = positive.find((term) => operatorOf(term.operator)?.standalone === false);
  if (!lonely) return [NO_POSITIVE];
  const name = `${lonely.operator}:${lonely.value}`;
  return [{ text: `Operator '${name}' must be used with a standalone operator`, position: lonely.position }];
}

/** Whether a clause could be a rule of its own; of alternatives each must. */
function canStandAlone(node: Node): boolean {
  if (node.kind === "and") return node.parts.some(canStandAlone);
  if (node.kind === "or") return node.parts.every(canStandAlone);
  if (node.kind === "not") return false;
  if (node.operator === "keyword") return !STOP_WORDS.has(node.value.toLowerCase());
  return operatorOf(node.operator)?.standalone ?? true;
}
