/**
 * What X refuses in a query, beyond its grammar: too long, unknown operators and values, nothing in it that may stand
 * alone, negations where none may be. Every complaint has its place and what to write instead.
 *
 * Source: docs.x.com, Filtered stream: Build a rule, and Operators. The stop words are PowerTrack's and what clients
 * reported: X publishes no list, so a word that is missing here is refused by X and told then.
 */

import { nearestOperator, operatorOf } from "./operators.ts";
import { type Complaint, parseQuery } from "./query_parser.ts";
import { type QueryNode, quoted, type Term, termsOf } from "./query_tree.ts";
import type { Tier } from "./tier.ts";
import { isUnspaced } from "./unspaced.ts";

/** Words that make no rule by themselves. */
const STOP_WORDS = new Set(
  ("a about an and are as at be but by com for from how http https i if in is it its me my of on or rt than that the " +
    "this to too via was we what when where who will with www you your").split(" "),
);

const LONGEST_STOP_WORD = Math.max(...[...STOP_WORDS].map(({ length }) => length));

/** The most words that may lie between those of a phrase with `~`. */
const MOST_DISTANCE = 6;

/** Parses a query and says all that is wrong with it; never throws. */
export function checkQuery(
  text: string,
  tier: Tier,
): { tree: QueryNode | undefined; complaints: readonly Complaint[] } {
  const { tree, complaints } = parseQuery(text);
  const length: Complaint[] = [];
  if (text.length > tier.ruleLength) {
    length.push({
      level: "fault",
      start: tier.ruleLength,
      end: text.length,
      says: `it is ${text.length} characters long, ${tier.name} takes ${tier.ruleLength}`,
      instead: "several rules, or shorter ones",
    });
  }
  const terms = tree ? termsOf(tree).flatMap(({ term, isNegated }) => aboutTerm(term, isNegated, tier)) : [];
  const negations = tree ? aboutNegations(tree) : [];
  // What is broken in grammar has been told; that nothing in it stands alone may only follow from that.
  const whole = tree && complaints.length === 0 ? aboutWhole(tree) : [];
  const all = [...complaints, ...length, ...terms, ...negations, ...whole];
  return { tree, complaints: all.sort((a, b) => a.start - b.start) };
}

/** Whether a query has no fault that is known here. */
export function isAcceptable(text: string, tier: Tier): boolean {
  return checkQuery(text, tier).complaints.every(({ level }) => level !== "fault");
}

function aboutTerm(term: Term, isNegated: boolean, tier: Tier): Complaint[] {
  const { operator, value, start, end } = term;
  const fault = (says: string, instead: string): Complaint[] => [{ level: "fault", start, end, says, instead }];
  const caution = (says: string, instead: string): Complaint[] => [{ level: "caution", start, end, says, instead }];
  switch (operator) {
    case "keyword":
    case "phrase":
      if ((term.distance ?? 0) > MOST_DISTANCE) {
        return fault(`~${term.distance} is too far`, `~${MOST_DISTANCE} at most`);
      }
      if (isUnspaced(value)) {
        return caution(
          "in text without spaces between words X may find this only where it stands by itself",
          "words as they stand between spaces, or a hashtag",
        );
      }
      if (operator === "keyword" && value === "NOT") {
        return caution("NOT is a word to look for here", "a minus right before what must not be there");
      }
      return [];
    case "@":
      return /^\w{1,15}$/.test(value)
        ? []
        : fault(`no account can be named @${value}`, "a name of at most 15 letters, digits and _");
    case "$":
      return /^[A-Za-z]{1,8}$/.test(value)
        ? []
        : fault(`$${value} is no cashtag`, `"$${value}" for the text, or a symbol such as $TSLA`);
    case "#":
      return /^\d+$/.test(value) ? caution("a hashtag of digits alone is none at X", `"#${value}"`) : [];
  }
  if (value.trim() === "") return []; // told by the parser
  const known = operatorOf(operator);
  if (!known) {
    if (/^https?$/.test(operator)) {
      return fault("an address needs url: and quotes", `url:${quoted(`${operator}:${value}`)}`);
    }
    const nearest = nearestOperator(operator);
    return fault(
      `X has no operator ${operator}:`,
      nearest ? `${nearest}:` : `${quoted(`${operator}:${value}`)} for the text itself`,
    );
  }
  if (tier.unavailable.includes(known.name)) {
    return fault(`${operator}: is not available on ${tier.name}`, "another tier, or the words themselves");
  }
  const wrong = known.check(value);
  if (wrong) {
    return fault(`${operator}: ${wrong.says}`, "value" in wrong ? `${operator}:${wrong.value}` : wrong.instead);
  }
  if (isNegated && (known.name === "sample" || known.name === "embedding")) {
    return fault(`${operator}: cannot be negated`, `${operator}:${value} without its minus`);
  }
  if (!isNegated && known.name === "is" && value.toLowerCase() === "nullcast") {
    return fault("is:nullcast must be negated", "-is:nullcast");
  }
  return [];
}

/** A negation cannot be an alternative: it would match nearly everything. */
function aboutNegations(node: QueryNode): Complaint[] {
  if (node.kind === "term") return [];
  if (node.kind === "not") return aboutNegations(node.part);
  const alternatives = node.kind === "or" ? node.parts.filter((part) => part.kind === "not") : [];
  return [
    ...alternatives.map(({ start, end }): Complaint => ({
      level: "fault",
      start,
      end,
      says: "what must not be there cannot be an alternative",
      instead: "a word that must be there beside it: (word -other)",
    })),
    ...node.parts.flatMap(aboutNegations),
  ];
}

function aboutWhole(tree: QueryNode): Complaint[] {
  const lonely = lonelyIn(tree);
  if (!lonely) return sampleAmongAlternatives(tree);
  const { start, end } = lonely;
  const fault = (says: string, instead: string): Complaint[] => [{ level: "fault", start, end, says, instead }];
  const positive = termsOf(lonely).filter(({ isNegated }) => !isNegated).map(({ term }) => term);
  if (positive.length === 0) {
    return lonely.kind === "not" && lonely !== tree
      ? [] // told as an alternative
      : fault("nothing in it must be there, so nearly everything would match", "a word that must be there beside it");
  }
  const stopWord = positive.find(({ operator }) => operator === "keyword" || operator === "phrase");
  if (stopWord) {
    // X wants one rarer word in the whole rule; of alternatives that are common words it tells nothing.
    const isSomewhere = termsOf(tree).some(({ term, isNegated }) => !isNegated && canStandAlone(term));
    const says = `"${stopWord.value}" is too common to be a rule by itself`;
    return [{ level: isSomewhere ? "caution" : "fault", start, end, says, instead: "a rarer word beside it" }];
  }
  const names = [...new Set(positive.map((term) => `${term.operator}:${term.value}`))].join(" ");
  return fault(`${names} cannot stand alone`, "a word, an account or an area beside it");
}

/** The first clause that cannot be a rule of its own, or undefined; of alternatives each must. */
function lonelyIn(node: QueryNode): QueryNode | undefined {
  switch (node.kind) {
    case "and": {
      const lonely = node.parts.map(lonelyIn);
      return lonely.every((part) => part !== undefined) ? node : undefined;
    }
    case "or":
      return node.parts.map(lonelyIn).find((part) => part !== undefined);
    case "not":
      return node;
    case "term":
      return canStandAlone(node) ? undefined : node;
  }
}

function canStandAlone({ operator, value }: Term): boolean {
  if (operator === "keyword") return !isStopWord(value);
  if (operator === "phrase") return !value.toLowerCase().split(/[^\p{L}\p{M}\p{N}]+/u).every(isNoWord);
  return operatorOf(operator)?.isStandalone ?? true;
}

/** Words that are longer than all of them are not looked up: a set is slow where each word is a new one. */
function isStopWord(word: string): boolean {
  return word.length <= LONGEST_STOP_WORD && STOP_WORDS.has(word.toLowerCase());
}

/** Emoji and symbols alone make a phrase: they leave no words, and mean themselves. */
function isNoWord(word: string, _at: number, words: readonly string[]): boolean {
  return isStopWord(word) || (word === "" && words.some((other) => other !== ""));
}

/** `sample:` holds for the whole rule, so beside alternatives those need brackets. */
function sampleAmongAlternatives(tree: QueryNode): Complaint[] {
  if (tree.kind !== "or") return [];
  const sample = termsOf(tree).find(({ term }) => term.operator === "sample")?.term;
  if (!sample) return [];
  const { start, end } = sample;
  return [{
    level: "fault",
    start,
    end,
    says: "sample: holds for the whole rule, so alternatives need brackets",
    instead: "(a OR b) sample:10",
  }];
}
