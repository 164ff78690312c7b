/**
 * Passes bytes on between clients and a server, both ways, until either side is done. What it opens it closes.
 *
 * @module
 */

export interface RelayOptions {
  readonly listener: Deno.Listener;
  /** Does what has to be done first with a client, and answers the way on. */
  enter(client: Deno.Conn): Promise<Deno.Conn>;
  /** What the server says, as it comes; `connection` counts from 0. */
  readonly onAnswer?: (connection: number, bytes: Uint8Array) => void;
}

export class Relay implements AsyncDisposable {
  readonly #options: RelayOptions;
  readonly #connections = new Set<Deno.Conn>();
  readonly #work: Promise<void>;
  #count = 0;
  #isClosed = false;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#work = this.#accept();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#options.listener.close();
    for (const connection of this.#connections) closeQuietly(connection);
    await this.#work;
  }

  async #accept(): Promise<void> {
    const passing = new Set<Promise<void>>();
    while (!this.#isClosed) {
      const client = await this.#options.listener.accept().catch(() => undefined);
      if (client) passing.add(this.#pass(client, this.#count++));
    }
    await Promise.all(passing);
  }

  async #pass(client: Deno.Conn, connection: number): Promise<void> {
    this.#connections.add(client);
    let server: Deno.Conn | undefined;
    try {
      server = await this.#options.enter(client);
      this.#connections.add(server);
      const note = (bytes: Uint8Array) => this.#options.onAnswer?.(connection, bytes);
      await Promise.race([copy(client, server), copy(server, client, note)]);
    } catch {
      // Either side has broken off, or this is closed: the other is told by being closed.
    } finally {
      for (const end of [client, server]) {
        if (!end) continue;
        closeQuietly(end);
        this.#connections.delete(end);
      }
    }
  }
}

/** Writes all of the bytes. */
export async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

async function copy(from: Deno.Conn, to: Deno.Conn, note?: (bytes: Uint8Array) => void): Promise<void> {
  const buffer = new Uint8Array(65_536);
  try {
    for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
      note?.(buffer.subarray(0, count));
      await writeAll(to, buffer.subarray(0, count));
    }
  } catch {
    // Closed by the copy in the other direction, or broken: either way this direction is over.
  }
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // Closed already.
  }
}
