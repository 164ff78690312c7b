/** For `--test`: the text of each tweet on one line of stdout, safe to show in a terminal, and nothing else. */

import { isObject, type JsonValue } from "../model/json.ts";
import { shownOnOneLine } from "../model/outside_text.ts";
import type { TweetRecord } from "../model/record.ts";
import { type ByteWriter, LineWriter } from "./line_writer.ts";
import type { Sink, Written } from "./sink.ts";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export class TextSink implements Sink {
  readonly name = "stdout";
  readonly target = "the terminal";
  readonly limits = { records: 100, bytes: 1_000_000 };
  readonly #lines: LineWriter;

  constructor(writer: ByteWriter = Deno.stdout) {
    this.#lines = new LineWriter(writer);
  }

  async open(): Promise<void> {}

  async write(batch: readonly TweetRecord[]): Promise<Written> {
    await this.#lines.write(batch.map((record) => encoder.encode(textOf(record))));
    return {};
  }

  async close(): Promise<void> {}
}

/** The whole text of a tweet, of a long one too, as a person reads it. */
function textOf(record: TweetRecord): string {
  const parsed: JsonValue = JSON.parse(decoder.decode(record.value));
  const data = isObject(parsed) && isObject(parsed["data"]) ? parsed["data"] : {};
  const note = isObject(data["note_tweet"]) ? data["note_tweet"]["text"] : undefined;
  const text = typeof note === "string" ? note : data["text"];
  return shownOnOneLine(typeof text === "string" ? unescaped(text) : "");
}

/** X writes these three characters of a text as HTML entities. */
function unescaped(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
