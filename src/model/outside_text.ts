/**
 * Text from outside (tweets, rules, tags, X's words, bodies) made safe to show: what could move a cursor, break a
 * line or reorder what a person reads is shown as `\u{..}`, and the length is bounded. Not for data: sinks get bytes.
 */

/** C0, DEL, C1, line and paragraph separators, and the bidirectional controls. */
// deno-lint-ignore no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** How much of a text from outside is shown where nothing else is asked for, in UTF-16 units. */
export const MOST_SHOWN = 400;

/** The text, safe to show in a terminal or a text log, cut after `most` UTF-16 units. */
export function shown(text: string, most: number = MOST_SHOWN): string {
  const cut = text.length > most ? `${wholeCharacters(text, most)}…` : text;
  return cut.replace(UNSAFE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** The same for a tweet's text on one line: its line breaks are shown as `⏎`. Not cut: a person asked for the text. */
export function shownOnOneLine(text: string): string {
  return shown(text.replace(/\r\n|[\n\r\u2028\u2029]/g, "⏎"), Infinity);
}

/** Cuts without leaving half a surrogate pair behind. */
function wholeCharacters(text: string, most: number): string {
  const last = text.charCodeAt(most - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? most - 1 : most);
}
