/**
 * Which queries our own matcher decides exactly as X does: only those may share a wire rule with others, for there X
 * no longer says which of them matched. Whatever X has not published precisely is left to X.
 *
 * Left out, and why: words of scripts without spaces, and emoji (how X cuts them is not known); phrases with
 * punctuation inside or `~`; `url:` and its kin (links may lead elsewhere than a tweet tells); circles (X compares
 * polygons, a tweet holds boxes); what depends on a user's figures, on samples, or on X's own annotations.
 */

import { operatorOf } from "./operators.ts";
import { checkQuery } from "./query_check.ts";
import { type Term, termsOf } from "./query_tree.ts";
import { type Tier, TIERS } from "./tier.ts";
import { isUnspaced } from "./unspaced.ts";

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

/** How long a query may be is no matter of what it means. */
const ANY_TIER: Tier = { ...TIERS.enterprise, ruleLength: Infinity };

/** Whether our matcher decides the query exactly. One that X would refuse it does not: it would spoil the others. */
export function isExactQuery(query: string): boolean {
  const { tree, complaints } = checkQuery(query, ANY_TIER);
  if (!tree || complaints.some(({ level }) => level === "fault")) return false;
  return termsOf(tree).every(({ term }) => isExactTerm(term));
}

function isExactTerm({ operator, value, distance }: Term): boolean {
  if (operator === "keyword") return isPlainWord(value);
  if (operator === "phrase") return distance === undefined && value.trim().split(/\s+/).every(isPlainWord);
  const name = operatorOf(operator)?.name ?? operator;
  return EXACT_OPERATORS.has(name) || EXACT_VALUES.has(`${name}:${value.toLowerCase()}`);
}

/** Letters, marks and digits of Unicode's basic plane, in a script with spaces between words. */
function isPlainWord(word: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{M}\p{N}]*$/u.test(word) && !/[\u{10000}-\u{10ffff}]/u.test(word) && !isUnspaced(word);
}
