/**
 * Reads HTTP/1.1 requests from a connection, one after the other. It knows bodies by length and in chunks, and refuses
 * what is too large; it knows no trailers, no upgrades, no pipelined bodies beyond their turn.
 */

export interface SimulatorRequest {
  readonly method: string;
  /** The path without the query, undecoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Values by lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

/** What came is no request that this server understands. */
export class BadRequestError extends Error {
  override name = "BadRequestError";
}

const LONGEST_HEAD = 64 * 1024;
/** PowerTrack's documented bound of a request; the filtered stream's is not published. */
const LONGEST_BODY = 5 * 1024 * 1024;
const CONTINUE = new TextEncoder().encode("HTTP/1.1 100 Continue\r\n\r\n");

export class RequestReader {
  readonly #connection: Deno.Conn;
  #buffer = new Uint8Array(0);

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** The next request; undefined when the client has closed between two. Throws BadRequestError. */
  async next(): Promise<SimulatorRequest | undefined> {
    const head = await this.#until("\r\n\r\n", LONGEST_HEAD);
    if (head === undefined) return undefined;
    const [requestLine = "", ...headerLines] = head.split("\r\n");
    const [method = "", target = "", version = ""] = requestLine.split(" ");
    if (!version.startsWith("HTTP/1.") || !target.startsWith("/")) throw new BadRequestError("no HTTP/1.1 request");
    const headers = new Map(headerLines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const;
    }));
    if (headers.get("expect")?.toLowerCase() === "100-continue") await this.#connection.write(CONTINUE);
    const mark = target.indexOf("?");
    return {
      method,
      path: mark < 0 ? target : target.slice(0, mark),
      query: new URLSearchParams(mark < 0 ? "" : target.slice(mark)),
      headers,
      body: await this.#body(headers),
    };
  }

  async #body(headers: ReadonlyMap<string, string>): Promise<Uint8Array> {
    if (headers.get("transfer-encoding")?.toLowerCase().includes("chunked")) return await this.#chunkedBody();
    const length = Number(headers.get("content-length") ?? 0);
    if (!Number.isSafeInteger(length) || length < 0 || length > LONGEST_BODY) {
      throw new BadRequestError("body too long");
    }
    return await this.#exactly(length);
  }

  async #chunkedBody(): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let total = 0;
    while (true) {
      const length = Number.parseInt(await this.#until("\r\n", 1024) ?? "", 16);
      if (!Number.isSafeInteger(length) || length < 0) throw new BadRequestError("no chunk length");
      total += length;
      if (total > LONGEST_BODY) throw new BadRequestError("body too long");
      if (length > 0) chunks.push(await this.#exactly(length));
      await this.#exactly(2);
      if (length === 0) return concatenated(chunks);
    }
  }

  /** The text before a mark, and takes both away; undefined when the connection ends first. */
  async #until(mark: string, limit: number): Promise<string | undefined> {
    let searched = 0;
    while (true) {
      const at = indexOf(this.#buffer, mark, Math.max(searched - mark.length, 0));
      if (at >= 0) {
        const text = new TextDecoder().decode(this.#buffer.subarray(0, at));
        this.#buffer = this.#buffer.slice(at + mark.length);
        return text;
      }
      if (this.#buffer.length > limit) throw new BadRequestError("head too long");
      searched = this.#buffer.length;
      if (!await this.#more()) return undefined;
    }
  }

  async #exactly(length: number): Promise<Uint8Array> {
    while (this.#buffer.length < length) {
      if (!await this.#more()) throw new BadRequestError("the client left in the middle of a body");
    }
    const bytes = this.#buffer.slice(0, length);
    this.#buffer = this.#buffer.slice(length);
    return bytes;
  }

  async #more(): Promise<boolean> {
    const chunk = new Uint8Array(16 * 1024);
    const count = await this.#connection.read(chunk);
    if (count === null) return false;
    this.#buffer = concatenated([this.#buffer, chunk.subarray(0, count)]);
    return true;
  }
}

/** Several arrays of bytes as one. */
export function concatenated(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function indexOf(bytes: Uint8Array, mark: string, from: number): number {
  const first = mark.charCodeAt(0);
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    let matched = 1;
    while (matched < mark.length && bytes[at + matched] === mark.charCodeAt(matched)) matched += 1;
    if (matched === mark.length) return at;
  }
  return -1;
}
