/**
 * The value of a `track` rule: words and phrases that must all be there, and commas between alternatives, as the retired
 * v1.1 statuses/filter had it. Here it is cut into these, and each becomes a part of a query that means the same to X.
 * Nothing in a value makes it throw.
 */

import { quoted, type Span } from "./query_tree.ts";

/** A comma, a word, or a phrase without its quotes and escapes. */
export interface TrackToken extends Span {
  readonly kind: "comma" | "word" | "phrase";
  readonly text: string;
}

const TOKEN = /"((?:[^"\\]|\\[^])*)"|,|[^\s,"]+/g;
/** As far as each quote is closed. */
const CLOSED = /^(?:[^"]+|"(?:[^"\\]|\\[^])*")*/;

/** The value in its parts, in order. A quote that is never closed stands for nothing. */
export function trackTokens(value: string): TrackToken[] {
  const [closed] = CLOSED.exec(value)!;
  const text = closed + value.slice(closed.length).replaceAll('"', " ");
  return [...text.matchAll(TOKEN)].map(({ 0: token, 1: phrase, index: start }): TrackToken => {
    const span = { start, end: start + token.length };
    if (phrase !== undefined) return { kind: "phrase", text: phrase.replace(/\\(["\\])/g, "$1"), ...span };
    return { kind: token === "," ? "comma" : "word", text: token, ...span };
  });
}

/** X's alternatives for a value: words beside each other, operators quoted so that they mean themselves. */
export function trackAlternatives(value: string): string[] {
  const alternatives: string[][] = [[]];
  for (const { kind, text } of trackTokens(value)) {
    if (kind === "comma") alternatives.push([]);
    else if (!isMeaningless(text)) alternatives.at(-1)!.push(kind === "word" ? wordFor(text) : phraseFor(text));
  }
  const found = alternatives.filter((words) => words.length > 0).map((words) => words.join(" "));
  return found.length > 1 ? [...new Set(found)] : found;
}

function phraseFor(phrase: string): string {
  return quoted(phrase.replace(/\s+/g, " ").trim());
}

/** Hashtags, mentions and cashtags keep their meaning; an address is looked for in links; all else means itself. */
function wordFor(word: string): string {
  if (/[\ufe0e\ufe0f]/.test(word)) return quoted(word); // an emoji, which may begin with a digit or end a hashtag
  if (/^#[\p{L}\p{N}\p{M}_]*[\p{L}\p{M}_][\p{L}\p{N}\p{M}_]*$/u.test(word)) return word;
  if (/^@\w{1,15}$/.test(word) || /^\$[A-Za-z]{1,8}$/.test(word)) return word;
  if (/^https?:\/\/./i.test(word)) return `url:${quoted(word)}`;
  if (/^[\p{L}\p{N}\p{M}]+$/u.test(word) && !/^(and|or|not)$/i.test(word)) return word;
  return quoted(word);
}

/**
 * Punctuation, signs such as + and what cannot be seen: v1.1 passed over them, and X would look for nothing. Emoji mean
 * themselves.
 */
export function isMeaningless(text: string): boolean {
  return !/[\p{L}\p{M}\p{N}\p{Co}\p{Cn}\p{Extended_Pictographic}\p{Regional_Indicator}]/u.test(text);
}
