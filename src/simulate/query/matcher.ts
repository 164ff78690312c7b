/**
 * Decides whether a query matches a tweet. A query is compiled once into a function; `keys` are words or entities of
 * which a tweet must have at least one, so that most rules need not be looked at for most tweets.
 * Source: docs.x.com, Filtered stream: Operators.
 */

import { type Content, isUnspaced, type Matcher, wordsOf } from "./content.ts";
import type { Node, Term } from "./syntax.ts";
import { matchTerm } from "./terms.ts";

/** A function that tells whether a tweet's content matches. */
export function compileQuery(node: Node): Matcher {
  if (node.kind === "term") return matchTerm(node);
  if (node.kind === "not") {
    const part = compileQuery(node.part);
    return (content) => !part(content);
  }
  const parts = node.parts.map(compileQuery);
  return node.kind === "and"
    ? (content) => parts.every((part) => part(content))
    : (content) => parts.some((part) => part(content));
}

/** Keys of which a matching tweet has at least one; undefined when a match may have none. */
export function keysOf(node: Node): readonly string[] | undefined {
  if (node.kind === "not") return undefined;
  if (node.kind === "term") return keysOfTerm(node);
  const parts = node.parts.map(keysOf);
  if (node.kind === "or") return parts.includes(undefined) ? undefined : (parts as string[][]).flat();
  return parts.reduce(
    (best, part) => best === undefined || (part && part.length < best.length) ? part : best,
    undefined,
  );
}

/** The keys that a tweet has. */
export function keysIn(content: Content): Iterable<string> {
  const keys = new Set(content.words);
  for (const tag of content.hashtags) keys.add(`#${tag}`);
  keys.add(`from:${content.tweet.author.id}`).add(`from:${content.tweet.author.username.toLowerCase()}`);
  return keys;
}

function keysOfTerm({ operator, value }: Term): readonly string[] | undefined {
  if (operator === "#") return [`#${value.toLowerCase()}`];
  if (operator === "from") return [`from:${value.toLowerCase()}`];
  if (operator !== "keyword" && operator !== "phrase") return undefined;
  const [first] = wordsOf(value);
  return first === undefined || isUnspaced(value) ? undefined : [first];
}
