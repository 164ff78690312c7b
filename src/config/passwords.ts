/** Passwords inside URLs, which are settings like others but for that. */

/** A URL up to the end of its password: alone, after a word and a colon, or in a list. The user may be empty. */
const UP_TO_PASSWORD = /([a-z][a-z0-9+.-]*:[/\\]{2,}[^\s/?#@:]*:)[^\s/?#]+@/gi;

/** Whether there is a URL with a password inside in a text. */
export function passwordIn(text: string): boolean {
  return text.search(UP_TO_PASSWORD) >= 0;
}

/** The text with `***` for each password that is inside a URL in it. */
export function withoutPassword(text: string): string {
  return text.replace(UP_TO_PASSWORD, "$1***@");
}
