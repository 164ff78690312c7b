/**
 * Cuts a stream of bytes into lines, whatever the chunk boundaries: in the middle of a character, of a line end, or
 * several lines in one chunk. Line ends are `\r\n` or `\n`; a blank line is a keep-alive. Works on bytes alone, so
 * no character can be torn. A line over the limit is skipped, not kept in memory, and told with its length.
 *
 * Nothing of a chunk is kept but copies: a chunk of a few bytes may be a view of a buffer of 65,536 (Deno 2.9). The
 * lines of one chunk share one copy.
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
const KEEP_ALIVE: Frame = { kind: "keep_alive" };

export class FrameReader {
  /** Holds the beginning of a line whose end has not come yet, in its first bytes. */
  #beginning = new Uint8Array(0);
  /** How long the unfinished line is so far. */
  #length = 0;
  /** Once a line is too long only its length and its start are kept. */
  #start: Uint8Array | undefined;

  /** The bytes of an unfinished line: above 0 at the end of a stream, the last line was torn. */
  get unfinishedBytes(): number {
    return this.#length;
  }

  /** Takes the next chunk and answers with the frames that it completes. */
  push(chunk: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    const copy = chunk.slice();
    let from = 0;
    for (let end = copy.indexOf(LINE_FEED); end >= 0; end = copy.indexOf(LINE_FEED, from)) {
      frames.push(this.#finish(copy.subarray(from, end)));
      from = end + 1;
    }
    if (from < copy.length) this.#append(copy.subarray(from));
    return frames;
  }

  #append(part: Uint8Array): void {
    const before = this.#length;
    this.#length += part.length;
    if (this.#start) return;
    if (this.#length > this.#beginning.length) this.#grow(before);
    this.#beginning.set(part, before);
    if (this.#length > MOST_LINE_BYTES) {
      this.#start = this.#beginning.slice(0, START_BYTES);
      this.#beginning = new Uint8Array(0);
    }
  }

  /** Makes room for the line as it is now, and as much again: a line may come byte by byte. */
  #grow(before: number): void {
    const larger = new Uint8Array(this.#length * 2);
    larger.set(this.#beginning.subarray(0, before));
    this.#beginning = larger;
  }

  #finish(end: Uint8Array): Frame {
    let whole = end;
    if (this.#length > 0 || end.length > MOST_LINE_BYTES) {
      this.#append(end);
      whole = this.#beginning.slice(0, this.#length);
    }
    const [length, start] = [this.#length, this.#start];
    this.#length = 0;
    this.#start = undefined;
    if (start) return { kind: "too_long", bytes: length, start };
    const line = withoutCarriageReturn(whole);
    return line.length === 0 ? KEEP_ALIVE : { kind: "line", line };
  }
}

function withoutCarriageReturn(line: Uint8Array): Uint8Array {
  return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
}
