/** A stream like stdout that takes little at a time, keeps what it took, and can refuse. */

import type { ByteWriter } from "../../src/deliver/line_writer.ts";

export class SlowWriter implements ByteWriter {
  readonly #most: number;
  #taken: Uint8Array[] = [];
  /** How often it was called. */
  calls = 0;
  /** Thrown instead of taking anything, once so many more bytes are taken. */
  failure: { error: Error; afterBytes: number } | undefined;

  constructor(most = Infinity) {
    this.#most = most;
  }

  write(bytes: Uint8Array): Promise<number> {
    this.calls++;
    let length = Math.min(bytes.length, this.#most);
    if (this.failure) {
      if (this.failure.afterBytes === 0) return Promise.reject(this.failure.error);
      length = Math.min(length, this.failure.afterBytes);
      this.failure.afterBytes -= length;
    }
    this.#taken.push(bytes.slice(0, length));
    return Promise.resolve(length);
  }

  get text(): string {
    const decoder = new TextDecoder();
    return this.#taken.map((bytes) => decoder.decode(bytes, { stream: true })).join("") + decoder.decode();
  }
}

/** The system's error of a full disk, as the runtime throws it. */
export function diskFull(): Error {
  return Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
}
