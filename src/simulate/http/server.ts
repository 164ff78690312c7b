/**
 * A server of HTTP/1.1 on loopback, by hand: the platform's own would finish answers that have to be torn, and would
 * tell the terminal about each. `close` ends every connection and waits until nothing of it runs any more.
 */

import { type Answer, headOf, json } from "./answer.ts";
import { acceptsGzip, GzipEncoder, gzipped } from "./gzip.ts";
import { BadRequestError, concatenated, RequestReader, type SimulatorRequest } from "./request.ts";
import { Socket } from "./socket.ts";

/** The port that was asked for belongs to somebody else. */
export class PortInUseError extends Error {
  override name = "PortInUseError";
}

/** A certificate and its key, in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export type Handler = (request: SimulatorRequest) => Promise<Answer> | Answer;

export interface ServerOptions {
  /** Port 0 is any free one. */
  readonly port: number;
  /** Speaks TLS, with this certificate. */
  readonly tls?: Certificate;
  /** Compresses what is answered to clients that take it. */
  readonly gzip: boolean;
  readonly handler: Handler;
}

export class Server {
  readonly port: number;
  readonly #listener: Deno.Listener<Deno.Conn<Deno.NetAddr>, Deno.NetAddr>;
  readonly #handler: Handler;
  readonly #hasGzip: boolean;
  readonly #connections = new Set<Deno.Conn>();
  readonly #work = new Set<Promise<void>>();
  #isClosed = false;

  /** Listens on 127.0.0.1. Throws PortInUseError, and what the platform does for a bad certificate. */
  constructor({ port, handler, tls, gzip }: ServerOptions) {
    const address = { hostname: "127.0.0.1", port };
    try {
      this.#listener = tls ? Deno.listenTls({ ...address, ...tls }) : Deno.listen(address);
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse) throw new PortInUseError(`port ${port} is in use`, { cause: error });
      throw error;
    }
    this.port = this.#listener.addr.port;
    this.#handler = handler;
    this.#hasGzip = gzip;
    this.#track(this.#accept());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listener.close();
    for (const connection of this.#connections) closeQuietly(connection);
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  #track(work: Promise<void>): void {
    this.#work.add(work);
    work.finally(() => this.#work.delete(work));
  }

  async #accept(): Promise<void> {
    while (!this.#isClosed) {
      let connection: Deno.Conn;
      try {
        connection = await this.#listener.accept();
      } catch {
        continue; // closed, or the client left before it was served
      }
      this.#connections.add(connection);
      this.#track(this.#serve(connection));
    }
  }

  async #serve(connection: Deno.Conn): Promise<void> {
    try {
      if ("setNoDelay" in connection) (connection as Deno.TcpConn).setNoDelay(true);
      const reader = new RequestReader(connection);
      for (let request = await reader.next(); request; request = await reader.next()) {
        const isZipped = this.#hasGzip && acceptsGzip(request.headers.get("accept-encoding"));
        const answer = encoded(await this.#answer(request), isZipped);
        if ("run" in answer) {
          const socket = new Socket(connection, isZipped ? new GzipEncoder() : undefined);
          // Who runs it has to learn that the client is gone already: it may count as open until then.
          await write(connection, headOf(answer, undefined)).catch(() => socket.close());
          await answer.run(socket);
          break;
        }
        const plain = new TextEncoder().encode(answer.body);
        const body = isZipped ? gzipped(plain) : plain;
        await write(connection, concatenated([headOf(answer, body.length), body]));
      }
    } catch (error) {
      if (error instanceof BadRequestError) {
        await write(connection, headOf(json(400, {}), 0)).catch(() => undefined);
      }
      // Everything else is the client's leaving: there is nobody to tell.
    } finally {
      this.#connections.delete(connection);
      closeQuietly(connection);
    }
  }

  /** A handler's own failure shows in the answer, where a test sees it. */
  async #answer(request: SimulatorRequest): Promise<Answer> {
    try {
      return await this.#handler(request);
    } catch (error) {
      const detail = error instanceof Error ? error.stack ?? error.message : String(error);
      return json(500, { title: "Internal Server Error", detail, type: "about:blank", status: 500 });
    }
  }
}

function encoded(answer: Answer, isZipped: boolean): Answer {
  return isZipped ? { ...answer, headers: { ...answer.headers, "content-encoding": "gzip" } } : answer;
}

async function write(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // Closed already, by a stream's end.
  }
}
