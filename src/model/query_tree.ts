/**
 * A query of X's rule language as a tree, and its text again. `parseQuery` makes trees, `printQuery` writes them so
 * that parsing the text gives the same tree. Whether X accepts a query is `query_check.ts`'s to say.
 *
 * Source: docs.x.com, Filtered stream: Build a rule.
 */

/** Where something stands in a query's text, with the brackets around it: UTF-16 offsets, the end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** How a value is written: bare, in double quotes, in brackets. */
export type ValueForm = "plain" | "quoted" | "bracketed";

/** A word, a phrase, an entity (`#`, `@`, `$`) or an operator with its value. */
export interface Term extends Span {
  readonly kind: "term";
  /** `keyword`, `phrase`, `#`, `@`, `$`, or an operator's name as it was written, in lower case. */
  readonly operator: string;
  /** Without quotes, brackets and escapes. */
  readonly value: string;
  readonly form: ValueForm;
  /** A phrase's `~N`: its words stand at most so far apart. */
  readonly distance?: number;
}

export interface Negation extends Span {
  readonly kind: "not";
  readonly part: QueryNode;
}

/** Parts that all have to match, or of which one has to; at least two, none of the same kind. */
export interface Joined extends Span {
  readonly kind: "and" | "or";
  readonly parts: readonly QueryNode[];
}

export type QueryNode = Term | Negation | Joined;

/** Joins parts; parts of the same kind are taken in, a single one stands for itself. */
export function joined(kind: "and" | "or", parts: readonly QueryNode[]): QueryNode {
  const [first] = parts;
  if (parts.length === 1) return first!;
  const flat = parts.flatMap((part) => part.kind === kind ? part.parts : [part]);
  // The brackets of a group that is taken in belong to the whole.
  return { kind, parts: flat, start: first!.start, end: parts.at(-1)!.end };
}

/** The alternatives of a query: the parts of an OR at its top, or the query itself. */
export function alternativesOf(node: QueryNode): readonly QueryNode[] {
  return node.kind === "or" ? node.parts : [node];
}

/** Every term of a tree, with whether it stands under a negation. */
export function termsOf(node: QueryNode, isNegated = false): { term: Term; isNegated: boolean }[] {
  if (node.kind === "term") return [{ term: node, isNegated }];
  if (node.kind === "not") return termsOf(node.part, !isNegated);
  return node.parts.flatMap((part) => termsOf(part, isNegated));
}

/** The text of a tree: one space between parts, brackets only where the meaning needs them. */
export function printQuery(node: QueryNode): string {
  switch (node.kind) {
    case "term":
      return printTerm(node);
    case "not":
      return `-${node.part.kind === "term" ? printTerm(node.part) : `(${printQuery(node.part)})`}`;
    case "and":
      return node.parts.map((part) => part.kind === "or" ? `(${printQuery(part)})` : printQuery(part)).join(" ");
    case "or":
      return node.parts.map(printQuery).join(" OR ");
  }
}

/** A text in double quotes, as a query holds it. */
export function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function printTerm({ operator, value, form, distance }: Term): string {
  if (operator === "keyword") return value;
  if (operator === "phrase") return quoted(value) + (distance === undefined ? "" : `~${distance}`);
  if (/^[#@$]$/.test(operator)) return operator + value;
  return `${operator}:${form === "quoted" ? quoted(value) : form === "bracketed" ? `[${value}]` : value}`;
}
