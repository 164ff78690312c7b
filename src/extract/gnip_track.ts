/**
 * PowerTrack rules as the values of track rules: words, where a space means AND and a comma OR. Only what consists of
 * plain keywords, phrases, hashtags, mentions and cashtags can be one.
 *
 * It promises that X is asked for the same as the rule said; what a track rule cannot say is named.
 */

import { checkQuery } from "../model/query_check.ts";
import { parseQuery } from "../model/query_parser.ts";
import { alternativesOf, printQuery, type QueryNode, quoted, type Term } from "../model/query_tree.ts";
import { TIERS } from "../model/tier.ts";
import { isMeaningless } from "../model/track_value.ts";
import type { TranslationFault } from "./powertrack.ts";

const WHOLE_RULE = "--as query, which takes the whole rule";

/** The track value that means the same as a rule, or what stands against it, by place. Never throws. */
export function trackValue(value: string): { readonly track: string } | { readonly faults: TranslationFault[] } {
  const { tree, complaints } = parseQuery(value);
  if (!tree) return { faults: faultsAmong(complaints) };
  const alternatives = alternativesOf(tree).map(wordsOf);
  const unsayable = alternatives.flat().filter((word) => typeof word !== "string");
  if (unsayable.length > 0) return { faults: unsayable };
  // A track rule may be cut into several queries, so its length is no fault.
  const refused = faultsAmong(checkQuery(value, { ...TIERS.enterprise, ruleLength: Infinity }).complaints);
  if (refused.length > 0) return { faults: refused };
  return { track: alternatives.map((words) => words.join(" ")).join(", ") };
}

function faultsAmong(complaints: ReturnType<typeof checkQuery>["complaints"]): TranslationFault[] {
  return complaints.filter(({ level }) => level === "fault")
    .map(({ start, end, says, instead }) => ({ start, end, says, instead }));
}

/** The words that must all be there, or why a part of it is none. */
function wordsOf(node: QueryNode): (string | TranslationFault)[] {
  if (node.kind === "and") return node.parts.flatMap(wordsOf);
  const { start, end } = node;
  const fault = (says: string): TranslationFault[] => [{ start, end, says, instead: WHOLE_RULE }];
  if (node.kind === "not") return fault("a track rule cannot say what must not be there");
  if (node.kind !== "term") return fault("a track rule cannot have alternatives beside other words");
  const says = unsayable(node);
  return says === undefined ? [wordOf(node)] : fault(says);
}

/** Why a term cannot be a word of a track rule, or undefined. */
function unsayable({ operator, value, distance }: Term): string | undefined {
  switch (operator) {
    case "keyword":
    case "phrase":
      if (distance !== undefined) return "a track rule cannot say how near words stand";
      return isMeaningless(value) ? "a track rule passes over punctuation alone" : undefined;
    case "#":
      return /[\p{L}\p{M}_]/u.test(value) ? undefined : "a hashtag without a letter is none in a track rule";
    case "@":
    case "$":
      return undefined; // what is a name and what a cashtag, the check of the whole says
    default:
      return `a track rule is made of words, and has no ${operator}:`;
  }
}

function wordOf(term: Term): string {
  return term.operator === "phrase" ? quoted(term.value.replace(/\s+/g, " ")) : printQuery(term);
}
