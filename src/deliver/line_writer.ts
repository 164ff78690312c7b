/** Writes lines to a stream such as stdout, whole, however little it takes at a time. */

import { TransientError } from "../base/errors.ts";
import { ReaderGone } from "./sink.ts";

/** What can be written to: `Deno.stdout` is one. */
export interface ByteWriter {
  write(bytes: Uint8Array): Promise<number>;
}

const LINE_FEED = 10;

/** Writes each line and a line feed after it. Throws ReaderGone when nobody reads any more. */
export async function writeLines(writer: ByteWriter, lines: readonly Uint8Array[]): Promise<void> {
  const whole = joinLines(lines);
  try {
    for (let at = 0; at < whole.length;) at += await writer.write(whole.subarray(at));
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) throw new ReaderGone("the reader has gone", { cause: error });
    if (error instanceof Error) throw new TransientError(`Cannot write: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Lines as they stand in a file: each with a line feed after it. */
export function joinLines(lines: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(lines.reduce((sum, line) => sum + line.length + 1, 0));
  let at = 0;
  for (const line of lines) {
    whole.set(line, at);
    at += line.length;
    whole[at++] = LINE_FEED;
  }
  return whole;
}
