/**
 * Cuts a stream of bytes into lines, whatever the chunk boundaries: in the middle of a character, of a line end, or
 * several lines in one chunk. Line ends are `\r\n` or `\n`; a blank line is a keep-alive. Works on bytes alone, so
 * no character can be torn. A line over the limit is skipped, not kept in memory, and told with its length.
 *
 * Source: docs.x.com, Consuming streaming data ("\r\n" ends a message, a blank line is a heartbeat).
 */

/** The longest line that is kept, in bytes. X's largest tweets with all their expansions stay far below. */
export const MOST_LINE_BYTES = 1_000_000;

/** How much of a line that is too long is kept for the person who wants to know what it was. */
const START_BYTES = 200;

export type Frame =
  | { readonly kind: "line"; readonly line: Uint8Array }
  | { readonly kind: "keep_alive" }
  | { readonly kind: "too_long"; readonly bytes: number; readonly start: Uint8Array };

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

export class FrameReader {
  /** The beginning of a line whose end has not come yet. */
  #parts: Uint8Array[] = [];
  #length = 0;
  /** Once a line is too long only its length and its start are kept. */
  #start: Uint8Array | undefined;

  /** The bytes of an unfinished line: above 0 at the end of a stream, the last line was torn. */
  get unfinishedBytes(): number {
    return this.#length;
  }

  /** Takes the next chunk and answers with the frames that it completes. Lines are copies or views of chunks. */
  push(chunk: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      this.#append(chunk.subarray(from, end));
      frames.push(this.#finish());
      from = end + 1;
    }
    if (from < chunk.length) this.#append(chunk.subarray(from));
    return frames;
  }

  #append(part: Uint8Array): void {
    this.#length += part.length;
    if (this.#start) return;
    this.#parts.push(part);
    if (this.#length > MOST_LINE_BYTES) {
      this.#start = joined(this.#parts, this.#length).slice(0, START_BYTES);
      this.#parts = [];
    }
  }

  #finish(): Frame {
    const length = this.#length;
    const start = this.#start;
    const line = start ? start : withoutCarriageReturn(joined(this.#parts, length));
    this.#parts = [];
    this.#length = 0;
    this.#start = undefined;
    if (start) return { kind: "too_long", bytes: length, start };
    return line.length === 0 ? { kind: "keep_alive" } : { kind: "line", line };
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function withoutCarriageReturn(line: Uint8Array): Uint8Array {
  return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
}
