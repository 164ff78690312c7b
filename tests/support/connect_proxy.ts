/**
 * An HTTP proxy that knows CONNECT and nothing else. Whatever address it is asked for, it goes to one port of this
 * machine: a client that comes to a server by an address where nothing listens has come through the proxy.
 *
 * @module
 */
import { Relay, writeAll } from "./relay.ts";

export interface ConnectProxy extends AsyncDisposable {
  readonly url: string;
  /** The first line of each connection. */
  readonly asked: readonly string[];
}

/** Starts it. */
export function startConnectProxy(port: number): ConnectProxy {
  const asked: string[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const relay = new Relay({
    listener,
    async enter(client) {
      const head = await headOf(client);
      const line = head.split("\r\n")[0]!;
      asked.push(line);
      if (!line.startsWith("CONNECT ")) {
        await answer(client, "405 Method Not Allowed");
        throw new Error(`the proxy was asked for something else: ${line}`);
      }
      const server = await Deno.connect({ hostname: "127.0.0.1", port });
      await answer(client, "200 Connection Established");
      return server;
    },
  });
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    asked,
    [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose](),
  };
}

/** The head of a request; the client says nothing more until it is answered. */
async function headOf(client: Deno.Conn): Promise<string> {
  let head = "";
  const buffer = new Uint8Array(4_096);
  while (!head.endsWith("\r\n\r\n")) {
    const count = await client.read(buffer);
    if (count === null) throw new Error("the client left in the middle of its request");
    head += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return head;
}

async function answer(client: Deno.Conn, status: string): Promise<void> {
  await writeAll(client, new TextEncoder().encode(`HTTP/1.1 ${status}\r\n\r\n`));
}
