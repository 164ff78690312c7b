/** Which tweets are in the files of the file sink, for those who compare. The sink may be writing meanwhile. */

import { isObject, type JsonValue, parseJson } from "../model/json.ts";
import { endOfHour, hourIn, tweetFiles } from "./hour_file.ts";
import { whySystemFailed } from "../base/system_failure.ts";

const LINE_FEED = 10;

const decoder = new TextDecoder();

/**
 * The ids in the files of a directory, each as often as it is there; files of hours that were over before a moment are
 * left out.
 */
export function idsInFiles(directory: string, since = -Infinity): FileIds {
  return new FileIds(directory, since);
}

/** What is in the files; its counts are those of what was read so far. Throws what the system throws for the directory. */
export class FileIds implements AsyncIterable<string> {
  readonly #directory: string;
  readonly #since: number;
  #torn = 0;
  #odd = 0;
  readonly #unreadable: string[] = [];

  constructor(directory: string, since: number) {
    this.#directory = directory;
    this.#since = since;
  }

  /** Last lines without an end: what a running sink is writing, or what a crash left. None was acknowledged. */
  get torn(): number {
    return this.#torn;
  }

  /** Whole lines that are no record. */
  get odd(): number {
    return this.#odd;
  }

  /** Files that could not be read to their end, with the reasons. */
  get unreadable(): readonly string[] {
    return this.#unreadable;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    for (const name of await tweetFiles(this.#directory)) {
      if (endOfHour(hourIn(name)) <= this.#since) continue;
      try {
        yield* this.#idsOf(await this.#open(name));
      } catch (error) {
        const words = whyUnreadable(error);
        if (words === undefined) throw error;
        this.#unreadable.push(`${name}: ${words}`);
      }
    }
  }

  /** A plain file may be gzipped by the running sink between the look at the directory and now. */
  async #open(name: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const path = `${this.#directory}/${name}`;
    if (name.endsWith(".gz")) return await openGzipped(path);
    try {
      return (await Deno.open(path)).readable;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return await openGzipped(`${path}.gz`);
      throw error;
    }
  }

  async *#idsOf(content: ReadableStream<Uint8Array>): AsyncGenerator<string> {
    let rest: Uint8Array[] = [];
    for await (const chunk of content) {
      let start = 0;
      for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
        const id = idOf(joined([...rest, chunk.subarray(start, end)]));
        if (id === undefined) this.#odd++;
        else yield id;
        rest = [];
        start = end + 1;
      }
      if (start < chunk.length) rest.push(chunk.subarray(start));
    }
    if (rest.length > 0) this.#torn++;
  }
}

async function openGzipped(path: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  return (await Deno.open(path)).readable.pipeThrough(new DecompressionStream("gzip"));
}

/** The id of the tweet that a line holds; undefined when it holds none. */
function idOf(line: Uint8Array): string | undefined {
  let value: JsonValue;
  try {
    value = parseJson(decoder.decode(line));
  } catch {
    return undefined;
  }
  const data = isObject(value) ? value["data"] : undefined;
  const id = isObject(data) ? data["id"] : undefined;
  return typeof id === "string" ? id : undefined;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The runtime tells of a damaged gzip by a TypeError or an error of its streams. */
function whyUnreadable(error: unknown): string | undefined {
  if (error instanceof TypeError) return "it is no whole gzip file";
  return whySystemFailed(error);
}
