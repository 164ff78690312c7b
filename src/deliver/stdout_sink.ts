/** Records to stdout, as JSON lines. A reader that leaves, as `head` does, is an orderly end. */

import type { TweetRecord } from "../model/record.ts";
import { type ByteWriter, LineWriter } from "./line_writer.ts";
import type { Sink, Written } from "./sink.ts";

export class StdoutSink implements Sink {
  readonly name = "stdout";
  readonly target = "stdout";
  readonly limits = { records: 500, bytes: 1_000_000 };
  readonly #lines: LineWriter;

  constructor(writer: ByteWriter = Deno.stdout) {
    this.#lines = new LineWriter(writer);
  }

  async open(): Promise<void> {}

  async write(batch: readonly TweetRecord[]): Promise<Written> {
    await this.#lines.write(batch.map((record) => record.value));
    return {};
  }

  async close(): Promise<void> {}
}
