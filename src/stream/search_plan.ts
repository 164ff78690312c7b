/**
 * Plans how queries of the stream are looked for by X's search: in few searches, each within the length that X takes.
 * Pure; the same queries make the same plan.
 *
 * It promises that what cannot be searched is named, with the reason; of a query with several alternatives only those.
 * Queries that our own matcher decides exactly share a search, for it tells afterwards which of them a tweet matches;
 * each other one has searches of its own. What is looked for by its words, and so without retweets, shares none with what
 * is found with them.
 *
 * Source: docs.x.com, Search: Operators; Filtered stream: Operators (`sample:` and those on biographies are the stream's
 * alone).
 */

import { operatorOf } from "../model/operators.ts";
import { parseQuery } from "../model/query_parser.ts";
import { alternativesOf, type QueryNode, termsOf } from "../model/query_tree.ts";
import { type WantedQuery, WIRE_JOIN } from "../model/wire_rules.ts";

/** One search, and the queries that what it finds was looked for. */
export interface PlannedSearch {
  readonly query: string;
  readonly queries: readonly WantedQuery[];
}

/** A query, or an alternative of one, that search cannot find. */
export interface Unsearchable {
  readonly query: string;
  readonly reason: string;
}

export interface SearchPlan {
  readonly searches: readonly PlannedSearch[];
  readonly unsearchable: readonly Unsearchable[];
}

const STREAM_ONLY: ReadonlySet<string> = new Set(["sample", "bio", "bio_name", "bio_location"]);

/** Plans searches of at most so many characters each. */
export function planSearches(wanted: readonly WantedQuery[], longest: number): SearchPlan {
  const searches: PlannedSearch[] = [];
  const unsearchable: Unsearchable[] = [];
  const shared = new Packing(longest);
  for (const query of wanted) {
    const packing = query.isExact ? shared : new Packing(longest);
    for (const alternative of alternativesIn(query.value)) {
      const reason = whyNot(alternative, longest);
      if (reason === undefined) packing.add(alternative, query);
      else unsearchable.push({ query: alternative.text, reason });
    }
    if (packing !== shared) searches.push(...packing.searches);
  }
  return { searches: merged([...shared.searches, ...searches]), unsearchable };
}

/** What several queries are looked for with is searched once. */
function merged(searches: readonly PlannedSearch[]): PlannedSearch[] {
  const byText = new Map<string, Set<WantedQuery>>();
  for (const { queries, query } of searches) {
    const known = byText.get(query) ?? new Set();
    byText.set(query, known);
    for (const one of queries) known.add(one);
  }
  return [...byText].map(([query, queries]) => ({ query, queries: [...queries] }));
}

/**
 * Whether a search finds less than the stream: what is searched by its words is not found in retweets. Whether X takes
 * words that must not be there for that as well is not known: then rather too little is promised.
 */
export function isByKeyword(query: string): boolean {
  const { tree } = parseQuery(query);
  return tree !== undefined && hasWords(tree);
}

function hasWords(node: QueryNode): boolean {
  return termsOf(node).some(({ term: { operator } }) => operator === "keyword" || operator === "phrase");
}

interface Alternative {
  readonly text: string;
  /** Absent where the query cannot be read: X is asked all the same. */
  readonly node?: QueryNode;
}

function alternativesIn(query: string): Alternative[] {
  const { tree, complaints } = parseQuery(query);
  if (!tree || complaints.some(({ level }) => level === "fault")) return [{ text: query }];
  return alternativesOf(tree).map((node) => ({ text: query.slice(node.start, node.end), node }));
}

function whyNot({ node, text }: Alternative, longest: number): string | undefined {
  const names = node ? termsOf(node).map(({ term }) => operatorOf(term.operator)?.name ?? "") : [];
  const foreign = names.find((name) => STREAM_ONLY.has(name));
  if (foreign !== undefined) return `search has no ${foreign}:`;
  return text.length > longest ? `search takes ${longest} characters, it has ${text.length}` : undefined;
}

interface Bin {
  readonly texts: string[];
  readonly queries: Set<WantedQuery>;
  length: number;
}

/** Puts alternatives together, in their order, as long as they fit into one search. */
class Packing {
  readonly #longest: number;
  readonly #byWords: Bin[] = [];
  readonly #others: Bin[] = [];

  constructor(longest: number) {
    this.#longest = longest;
  }

  get searches(): PlannedSearch[] {
    return [...this.#byWords, ...this.#others].map(({ queries, texts }) => ({
      query: texts.join(WIRE_JOIN),
      queries: [...queries],
    }));
  }

  add({ node, text }: Alternative, query: WantedQuery): void {
    const bins = node && !hasWords(node) ? this.#others : this.#byWords;
    const last = bins.at(-1);
    const length = text.length + (last ? last.length + WIRE_JOIN.length : 0);
    if (last && length <= this.#longest) {
      last.texts.push(text);
      last.queries.add(query);
      last.length = length;
    } else bins.push({ texts: [text], queries: new Set([query]), length: text.length });
  }
}
