/** Where to cut bytes so that it hurts. */

const LINE_FEED = 10;
/** Bytes from here on begin a character of several bytes in UTF-8. */
const LEAD = 0xc0;

/** A point within the first line that is long enough; undefined when there is none. */
export function cutWithinLine(bytes: Uint8Array): number | undefined {
  const end = bytes.indexOf(LINE_FEED);
  const length = end < 0 ? bytes.length : end;
  return length < 8 ? undefined : length >> 1;
}

/** A point after the first byte of a character of several; undefined when all are of one. */
export function cutWithinCharacter(bytes: Uint8Array): number | undefined {
  const lead = bytes.findIndex((byte) => byte >= LEAD);
  return lead < 0 ? undefined : lead + 1;
}
