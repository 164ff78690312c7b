/**
 * A way to a server on loopback that can be cut as networks are: what is on it waits and arrives later, as TCP sends it
 * again; or all connections break, and nobody gets through.
 *
 * @module
 */
import { writeAll } from "./relay.ts";

export class HeldWay implements AsyncDisposable {
  readonly #to: number;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #ends = new Set<Deno.Conn>();
  readonly #work: Promise<void>;
  #gate: PromiseWithResolvers<void> | undefined;
  #isRefusing = false;

  /** The way to a port of this machine. */
  constructor(to: number) {
    this.#to = to;
    this.#work = this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** From now on bytes wait, in both directions; who connects is accepted and hears nothing. */
  hold(): void {
    this.#gate ??= Promise.withResolvers();
  }

  /** Breaks all connections; from now on nobody gets through. */
  refuse(): void {
    this.#isRefusing = true;
    this.#breakAll();
  }

  /** As before; `isForgotten` where those who were connected have to connect again. */
  restore({ isForgotten = false }: { readonly isForgotten?: boolean } = {}): void {
    if (isForgotten) this.#breakAll();
    this.#isRefusing = false;
    this.#gate?.resolve();
    this.#gate = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.restore({ isForgotten: true });
    await this.#work;
  }

  async #accept(): Promise<void> {
    const passing = new Set<Promise<void>>();
    for (;;) {
      const client = await this.#listener.accept().catch(() => undefined);
      if (!client) break;
      const work = this.#pass(client).finally(() => passing.delete(work));
      passing.add(work);
    }
    await Promise.all(passing);
  }

  async #pass(client: Deno.Conn): Promise<void> {
    let server: Deno.Conn | undefined;
    this.#ends.add(client);
    try {
      await this.#gate?.promise;
      if (this.#isRefusing) return;
      server = await Deno.connect({ hostname: "127.0.0.1", port: this.#to });
      this.#ends.add(server);
      await Promise.race([this.#copy(client, server), this.#copy(server, client)]);
    } catch {
      // Either side has broken off: the other is told by being closed.
    } finally {
      for (const end of [client, server]) this.#close(end);
    }
  }

  async #copy(from: Deno.Conn, to: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
        while (this.#gate) await this.#gate.promise;
        await writeAll(to, buffer.subarray(0, count));
      }
    } catch {
      // Closed by the copy in the other direction, or broken: this direction is over.
    }
  }

  #breakAll(): void {
    for (const end of this.#ends) this.#close(end);
  }

  #close(end: Deno.Conn | undefined): void {
    if (!end || !this.#ends.delete(end)) return;
    try {
      end.close();
    } catch {
      // Closed already.
    }
  }
}
