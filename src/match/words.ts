/**
 * The words of a text: what lies between punctuation, symbols and separators, in lower case.
 * Every tweet passes here, so each character is looked up by its code; what it is was asked of the regular expressions
 * once.
 *
 * Source: docs.x.com, Filtered stream: Operators (keyword).
 */

/** No word begins with a mark: emoji end in one, and the word right behind an emoji is a word of its own. */
const BEGINS_WORD = /^[\p{L}\p{N}]$/u;
const CONTINUES_WORD = /^[\p{L}\p{M}\p{N}]$/u;

/** What a character is to a word; 0 is not known yet. */
const BETWEEN = 1;
const BEGINS = 2;
const CONTINUES = 3;

const kinds = new Uint8Array(0x110000);

/** The words of a text, in lower case and in order. */
export function wordsOf(text: string): string[] {
  const lower = text.toLowerCase();
  const words: string[] = [];
  let start = -1;
  for (let at = 0; at < lower.length;) {
    let code = lower.charCodeAt(at);
    if (code >= 0xd800 && code < 0xdc00) code = lower.codePointAt(at)!;
    const kind = kinds[code] || kindOf(code);
    if (start < 0) {
      if (kind === BEGINS) start = at;
    } else if (kind === BETWEEN) {
      words.push(lower.slice(start, at));
      start = -1;
    }
    at += code > 0xffff ? 2 : 1;
  }
  if (start >= 0) words.push(lower.slice(start));
  return words;
}

function kindOf(code: number): number {
  const character = String.fromCodePoint(code);
  return kinds[code] = BEGINS_WORD.test(character) ? BEGINS : CONTINUES_WORD.test(character) ? CONTINUES : BETWEEN;
}
