/**
 * Writes lines to a stream such as stdout, whole, however little it takes at a time. What fails in the middle of a line
 * leaves no torn one: the line is finished before anything else is written.
 */

import { TransientError } from "../base/errors.ts";
import { ReaderGone } from "./sink.ts";
import { whySystemFailed } from "../base/system_failure.ts";

/** What can be written to: `Deno.stdout` is one. */
export interface ByteWriter {
  /** Writes some of the bytes, answers with how many. */
  write(bytes: Uint8Array): Promise<number>;
}

const LINE_FEED = 10;

export class LineWriter {
  readonly #writer: ByteWriter;
  /** The rest of a line whose beginning is written. */
  #torn = new Uint8Array(0);

  constructor(writer: ByteWriter) {
    this.#writer = writer;
  }

  /**
   * Writes each line and a line feed after it, all at once where the stream takes it. Throws ReaderGone when nobody
   * reads any more, TransientError when an unknown part was written.
   */
  async write(lines: readonly Uint8Array[]): Promise<void> {
    await this.#writeWhole(this.#torn);
    await this.#writeWhole(joinLines(lines));
  }

  async #writeWhole(bytes: Uint8Array): Promise<void> {
    let at = 0;
    try {
      while (at < bytes.length) at += await this.#writer.write(bytes.subarray(at));
      this.#torn = new Uint8Array(0);
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) throw new ReaderGone("the reader has gone", { cause: error });
      const isInLine = at > 0 && bytes[at - 1] !== LINE_FEED;
      if (isInLine || bytes === this.#torn) this.#torn = bytes.slice(at, bytes.indexOf(LINE_FEED, at) + 1);
      const words = whySystemFailed(error);
      throw words === undefined ? error : new TransientError(words, { cause: error });
    }
  }
}

/** Lines as they stand in a file: each with a line feed after it. */
export function joinLines(lines: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(lines.reduce((sum, line) => sum + line.length + 1, 0));
  let at = 0;
  for (const line of lines) {
    whole.set(line, at);
    at += line.length;
    whole[at++] = LINE_FEED;
  }
  return whole;
}
