/** Scripts that set no spaces between words: what X takes for a word in them is not known. */

const UNSPACED =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}\p{scx=Tibetan}]/u;

/** Whether a text has letters of such a script. */
export function isUnspaced(text: string): boolean {
  return UNSPACED.test(text);
}
