/**
 * A tree as X's rule language can write it: PowerTrack negates groups, X does not. A group's minus goes to each of its
 * terms, and where that leaves alternatives that only say what must not be there, the terms beside the group go to each
 * of them: `x -(a b)` becomes `x -a OR x -b`.
 *
 * The tree means the same afterwards, and its terms keep their spans. What cannot be helped so stays as it is.
 */

import { joined, printQuery, type QueryNode } from "../model/query_tree.ts";

/** The most alternatives that an AND may be written out into. */
const MOST_ALTERNATIVES = 32;

/** The tree without negated groups, without the same part twice side by side. */
export function withPositiveCompany(node: QueryNode): QueryNode {
  return writtenOut(pushed(node, false));
}

/** De Morgan: the minuses stand before terms. */
function pushed(node: QueryNode, isNegated: boolean): QueryNode {
  switch (node.kind) {
    case "term":
      return isNegated ? { kind: "not", part: node, start: node.start, end: node.end } : node;
    case "not":
      return !isNegated && node.part.kind === "term" ? node : pushed(node.part, !isNegated);
    case "and":
    case "or":
      return joinedOnce(
        isNegated ? (node.kind === "and" ? "or" : "and") : node.kind,
        node.parts.map((part) => pushed(part, isNegated)),
      );
  }
}

function writtenOut(node: QueryNode): QueryNode {
  if (node.kind !== "and" && node.kind !== "or") return node;
  const whole = joinedOnce(node.kind, node.parts.map(writtenOut));
  if (whole.kind !== "and") return whole;
  // What samples does so for the whole rule: among alternatives X refuses it.
  const samples = whole.parts.filter(isSample);
  const parts = whole.parts.filter((part) => !isSample(part));
  const lonely = parts.filter((part) => part.kind === "or" && part.parts.some(isNegative));
  const company = parts.filter((part) => !lonely.includes(part));
  const count = lonely.reduce((product, part) => product * (part.kind === "or" ? part.parts.length : 1), 1);
  if (lonely.length === 0 || count > MOST_ALTERNATIVES) return whole;
  let alternatives: QueryNode[][] = [company];
  for (const part of lonely) {
    const choices = part.kind === "or" ? part.parts : [part];
    alternatives = alternatives.flatMap((chosen) => choices.map((choice) => [...chosen, choice]));
  }
  return joinedOnce("and", [joinedOnce("or", alternatives.map((chosen) => joinedOnce("and", chosen))), ...samples]);
}

/** Whether a part says only what must not be there. */
function isNegative(node: QueryNode): boolean {
  return node.kind === "not" || node.kind === "and" && node.parts.every(isNegative);
}

function isSample(node: QueryNode): boolean {
  return node.kind === "term" && node.operator === "sample";
}

/** Joins parts, of which each stands once: two of them may have got the same name. */
function joinedOnce(kind: "and" | "or", parts: readonly QueryNode[]): QueryNode {
  const flat = parts.flatMap((part) => part.kind === kind ? part.parts : [part]);
  const seen = new Set<string>();
  return joined(
    kind,
    flat.filter((part) => {
      const text = printQuery(part);
      if (seen.has(text)) return false;
      seen.add(text);
      return true;
    }),
  );
}
