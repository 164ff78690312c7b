/** A parsed query of X's language, as data. */

export type Node = Conjunction | Alternatives | Negation | Term;

/** Parts joined by a space. */
export interface Conjunction {
  readonly kind: "and";
  readonly parts: readonly Node[];
}

/** Parts joined by `OR`. */
export interface Alternatives {
  readonly kind: "or";
  readonly parts: readonly Node[];
}

export interface Negation {
  readonly kind: "not";
  readonly part: Node;
  /** Where its `-` is, from 1. */
  readonly position: number;
}

/** What is looked for: a `keyword`, a `phrase`, a `#`, `@` or `$` entity, or the name of an operator. */
export interface Term {
  readonly kind: "term";
  readonly operator: string;
  /** Without quotes, brackets and prefixes. */
  readonly value: string;
  /** For a phrase: how many words may lie between its words. */
  readonly distance: number | undefined;
  /** Where it begins, from 1. */
  readonly position: number;
}

/** A complaint about a query, in X's words. */
export interface Complaint {
  readonly text: string;
  /** From 1. */
  readonly position: number;
}
