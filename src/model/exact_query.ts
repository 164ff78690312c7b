/**
 * Which queries our own matcher decides exactly as X does: only those may share a wire rule with others, for there X
 * no longer says which of them matched. Whatever X has not published precisely is left to X.
 *
 * Left out, and why: words of scripts without spaces, and emoji (how X cuts them is not known); phrases with
 * punctuation inside or `~`; `url:` and its kin (links may lead elsewhere than a tweet tells); circles (X compares
 * polygons, a tweet holds boxes); what depends on a user's figures, on samples, or on X's own annotations.
 */

import { operatorOf } from "./operators.ts";
import { parseQuery } from "./query_parser.ts";
import { type QueryNode, type Term, termsOf } from "./query_tree.ts";

const EXACT_OPERATORS = new Set([
  "#",
  "@",
  "$",
  "from",
  "to",
  "retweets_of",
  "lang",
  "conversation_id",
  "in_reply_to_tweet_id",
  "retweets_of_tweet_id",
  "place_country",
  "bounding_box",
]);

const EXACT_VALUES = new Set(["is:retweet", "is:quote", "is:reply", "has:hashtags", "has:cashtags", "has:mentions"]);

/** Letters of scripts with spaces between words, marks and digits, all in Unicode's basic plane. */
const PLAIN_WORD = /^[\p{L}\p{M}\p{N}]+$/u;
const NOT_PLAIN =
  /[\u{10000}-\u{10ffff}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Khmer}\p{Script=Lao}\p{Script=Myanmar}\p{Script=Tibetan}]/u;

/** Whether our matcher decides the query exactly; a query with faults it does not. */
export function isExactQuery(query: string): boolean {
  const { tree, complaints } = parseQuery(query);
  return tree !== undefined && complaints.length === 0 && isExactTree(tree);
}

/** Whether our matcher decides the tree exactly. */
export function isExactTree(tree: QueryNode): boolean {
  return termsOf(tree).every(({ term }) => isExactTerm(term));
}

function isExactTerm({ operator, value, distance }: Term): boolean {
  if (operator === "keyword") return isPlainWord(value);
  if (operator === "phrase") return distance === undefined && value.trim().split(/\s+/).every(isPlainWord);
  const name = operatorOf(operator)?.name ?? operator;
  return EXACT_OPERATORS.has(name) || EXACT_VALUES.has(`${name}:${value.toLowerCase()}`);
}

function isPlainWord(word: string): boolean {
  return PLAIN_WORD.test(word) && !NOT_PLAIN.test(word);
}
