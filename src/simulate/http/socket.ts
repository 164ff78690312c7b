/**
 * A connection while an endless answer is written to it: writes in chunks of HTTP/1.1, knows when the client has left,
 * and can be cut anywhere. Writing waits while the client does not read.
 */

import { concatenated } from "./request.ts";

const encoder = new TextEncoder();
const LINE_END = encoder.encode("\r\n");
const LAST_CHUNK = encoder.encode("0\r\n\r\n");

export class Socket {
  readonly #connection: Deno.Conn;
  #isClosed = false;

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
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
    await this.#write(concatenated([chunkHead(bytes.length), bytes, LINE_END]));
  }

  /** Writes the head of a chunk of `length` bytes, and only these bytes of it: the next thing has to be a cut. */
  async writeTornChunk(length: number, bytes: Uint8Array): Promise<void> {
    await this.#write(concatenated([chunkHead(length), bytes]));
  }

  /** Ends the answer as HTTP ends it. */
  async writeEnd(): Promise<void> {
    await this.#write(LAST_CHUNK);
  }

  /** Closes the connection wherever it is. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.close();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
  }
}

function chunkHead(length: number): Uint8Array {
  return encoder.encode(`${length.toString(16)}\r\n`);
}
