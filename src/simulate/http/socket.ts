/**
 * A connection while an endless answer is written to it: writes in chunks of HTTP/1.1, knows when the client has left,
 * and can be cut anywhere. Writing waits while the client does not read. With an encoder each chunk holds the encoded
 * form of the bytes that are given, which the client can read once it has the chunk.
 */

import type { GzipEncoder } from "./gzip.ts";
import { concatenated } from "./request.ts";

const encoder = new TextEncoder();
const LINE_END = encoder.encode("\r\n");
const LAST_CHUNK = encoder.encode("0\r\n\r\n");

export class Socket {
  readonly #connection: Deno.Conn;
  readonly #encoder: GzipEncoder | undefined;
  #isClosed = false;

  constructor(connection: Deno.Conn, encoder?: GzipEncoder) {
    this.#connection = connection;
    this.#encoder = encoder;
  }

  /** Resolves when the client has closed its side or the connection is gone. */
  async gone(): Promise<void> {
    const ignored = new Uint8Array(1024);
    try {
      while (await this.#connection.read(ignored) !== null);
    } catch {
      // A broken connection is gone as well.
    }
  }

  /** Writes bytes as one chunk; resolves once the system has taken them all. */
  async writeChunk(bytes: Uint8Array): Promise<void> {
    await this.#write(asChunk(await this.#encoded(bytes)));
  }

  /** Writes these bytes as a chunk that was to have `missing` more: the next thing has to be a cut. */
  async writeTornChunk(bytes: Uint8Array, missing: number): Promise<void> {
    const encoded = await this.#encoded(bytes);
    await this.#write(concatenated([chunkHead(encoded.length + missing), encoded]));
  }

  /** Ends the answer as HTTP ends it. */
  async writeEnd(): Promise<void> {
    if (this.#encoder) await this.#write(asChunk(await this.#encoder.end()));
    await this.#write(LAST_CHUNK);
  }

  /** Closes the connection wherever it is. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#encoder?.close();
    this.#connection.close();
  }

  async #encoded(bytes: Uint8Array): Promise<Uint8Array> {
    return this.#encoder ? await this.#encoder.encode(bytes) : bytes;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
  }
}

function asChunk(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatenated([chunkHead(bytes.length), bytes, LINE_END]);
}

function chunkHead(length: number): Uint8Array {
  return encoder.encode(`${length.toString(16)}\r\n`);
}
