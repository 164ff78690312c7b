/**
 * Rules that another rule already covers: every tweet that they find is found by the other as well. `deno` covers
 * `deno kafka`, `"deno kafka"` and `deno -java`; `a OR b` covers `a`.
 *
 * What is told is true; not all is told: groups are taken as they are written, and where very many rules share a word,
 * only so many are compared.
 */

import { alternativesOf, printQuery, type QueryNode, termsOf } from "../model/query_tree.ts";

/** How many rules are compared with one for a word that they share, and how many alternatives one may have. */
const MOST_COMPARED = 200;

/** What these ask for is not found whole. */
const PARTIAL = new Set(["sample", "embedding", "embedding_threshold"]);

const WORD = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}]*$/u;
const BETWEEN_WORDS = /[^\p{L}\p{M}\p{N}]+/u;

/** What has to be true of a tweet for one alternative: all of these. */
type Literals = ReadonlySet<string>;

interface Alternative {
  /** The number of its rule. */
  readonly rule: number;
  readonly literals: Literals;
}

/**
 * For each rule that another covers the number of that other, which nothing covers; rules are the trees of their
 * queries, of which a tweet has to match one. Of rules that cover each other the first stays.
 */
export function coveredRules(rules: readonly (readonly QueryNode[])[]): Map<number, number> {
  const alternatives = rules.map((trees, rule) => literalsOf(trees).map((literals) => ({ rule, literals })));
  const index = indexOf(alternatives.flat());
  const covered = new Map<number, number>();
  // Whoever covers may be covered too: the one at the end is named.
  const endOf = (rule: number): number => {
    let end = rule;
    for (let next = covered.get(end); next !== undefined; next = covered.get(end)) end = next;
    return end;
  };
  for (let rule = rules.length - 1; rule >= 0; rule--) {
    const by = coversOf(alternatives[rule]!, index).find((other) => endOf(other) !== rule);
    if (by !== undefined) covered.set(rule, by);
  }
  return new Map([...covered.keys()].sort((a, b) => a - b).map((rule) => [rule, endOf(rule)]));
}

/** The rules that cover all alternatives of one, itself among them, the first of them first. */
function coversOf(
  alternatives: readonly Alternative[],
  index: ReadonlyMap<string, readonly Alternative[]>,
): number[] {
  let common: Set<number> | undefined;
  for (const { literals } of alternatives) {
    const known = withImplied(literals);
    const covering = new Set<number>();
    for (const literal of known) {
      for (const other of (index.get(literal) ?? []).slice(0, MOST_COMPARED)) {
        if (other.literals.isSubsetOf(known)) covering.add(other.rule);
      }
    }
    common = common ? common.intersection(covering) : covering;
  }
  return [...common ?? []].sort((a, b) => a - b);
}

/** Alternatives by the rarest of their literals: whatever they cover has that one too. */
function indexOf(alternatives: readonly Alternative[]): Map<string, Alternative[]> {
  const counts = new Map<string, number>();
  for (const { literals } of alternatives) {
    for (const literal of literals) counts.set(literal, (counts.get(literal) ?? 0) + 1);
  }
  const index = new Map<string, Alternative[]>();
  for (const alternative of alternatives) {
    const rarest = [...alternative.literals].reduce((best, literal) =>
      counts.get(literal)! < counts.get(best)! ? literal : best
    );
    const sharers = index.get(rarest);
    if (sharers) sharers.push(alternative);
    else index.set(rarest, [alternative]);
  }
  return index;
}

/** The alternatives of a rule; none for one that has too many, or of which X takes a part only. */
function literalsOf(trees: readonly QueryNode[]): Literals[] {
  const alternatives = trees.flatMap(alternativesOf);
  const isPartial = trees.some((tree) => termsOf(tree).some(({ term }) => PARTIAL.has(term.operator)));
  if (isPartial || alternatives.length > MOST_COMPARED) return [];
  return alternatives.map((alternative) =>
    new Set((alternative.kind === "and" ? alternative.parts : [alternative]).map(literalOf))
  );
}

function literalOf(node: QueryNode): string {
  if (node.kind === "not" && node.part.kind === "term") return `-${literalOf(node.part)}`;
  if (node.kind !== "term") return `(${printQuery(node)})`;
  const { operator, value, distance } = node;
  const lower = value.toLowerCase();
  if (operator !== "phrase") return `${operator}:${lower}`;
  if (distance !== undefined) return `phrase~${distance}:${lower}`;
  // One word in quotes is that word.
  return WORD.test(lower.trim()) ? `keyword:${lower.trim()}` : `phrase:${lower}`;
}

/** With the words of phrases, which are there when the phrase is. */
function withImplied(literals: Literals): Set<string> {
  const known = new Set(literals);
  for (const literal of literals) {
    const [, phrase = ""] = /^phrase(?:~\d+)?:(.*)$/s.exec(literal) ?? [];
    for (const word of phrase.split(BETWEEN_WORDS)) if (WORD.test(word)) known.add(`keyword:${word}`);
  }
  return known;
}
