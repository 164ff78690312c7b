/**
 * Content that is compressed with gzip as it comes. What was given can be read by the client as soon as it has all of
 * the bytes that `encode` answered: nothing is held back for the next.
 */

import { constants, createGzip, gzipSync } from "node:zlib";
import { concatenated } from "./request.ts";

export class GzipEncoder {
  readonly #gzip = createGzip();
  readonly #encoded: Uint8Array[] = [];
  /** What it is about to do. */
  #work: Promise<void> = Promise.resolve();

  constructor() {
    this.#gzip.on("data", (bytes: Uint8Array) => this.#encoded.push(bytes));
  }

  /** The bytes that make these readable. */
  encode(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    this.#gzip.write(bytes);
    return this.#after((done) => this.#gzip.flush(constants.Z_SYNC_FLUSH, done));
  }

  /** The bytes that end the content. */
  end(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#after((done) => this.#gzip.once("end", done).end());
  }

  /** Lets the encoder go, ended or not, once it has done what it is about to do. */
  close(): void {
    this.#work.then(() => this.#gzip.destroy());
  }

  async #after(work: (done: () => void) => void): Promise<Uint8Array<ArrayBuffer>> {
    this.#work = new Promise((resolve) => work(resolve));
    await this.#work;
    return concatenated(this.#encoded.splice(0));
  }
}

/** Content that is known, compressed. */
export function gzipped(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatenated([gzipSync(bytes)]);
}

/** Whether the value of `Accept-Encoding` has gzip. */
export function acceptsGzip(value: string | undefined): boolean {
  return value !== undefined &&
    value.split(",").some((coding) => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(coding));
}
