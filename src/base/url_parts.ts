/** Parts of URLs that hold what people chose: users, passwords, names. */

/**
 * A part of a URL without its percent-encoding; undefined for one that is empty. What is no such encoding throws what
 * `unusable` makes of the reason, never the platform's error, whose words would quote a password.
 */
export function decodedPart(text: string, what: string, unusable: (why: string) => Error): string | undefined {
  if (text === "") return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw unusable(`a % in its ${what} begins no percent-encoded character`);
  }
}
