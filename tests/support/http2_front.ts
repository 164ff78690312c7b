/**
 * A server that speaks HTTP/2 and nothing else, over TLS with the certificate of the tests, and passes every request on
 * to another server, bodies as they come. A client that does not offer HTTP/2 is refused in the handshake; what each
 * connection began with on the wire is kept.
 *
 * @module
 */
import { Relay, writeAll } from "./relay.ts";

export interface Http2Front extends AsyncDisposable {
  readonly url: string;
  /** The first line of each connection, as it was on the wire. */
  readonly firstLines: readonly string[];
  /** Every request that was passed on: method and path. */
  readonly requests: readonly string[];
}

const TLS = new URL("../data/tls/", import.meta.url);
/** Those that belong to one connection alone. */
const HOP_HEADERS = ["connection", "content-length", "host", "keep-alive", "transfer-encoding"];

/** Starts it in front of a server. */
export async function startHttp2Front(target: string): Promise<Http2Front> {
  const [cert, key] = await Promise.all(["cert.pem", "key.pem"].map((name) => Deno.readTextFile(new URL(name, TLS))));
  const firstLines: string[] = [];
  const requests: string[] = [];
  // The platform's server understands HTTP/2 without TLS; who took it to that is known here.
  const inner = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => undefined }, async (request) => {
    const { pathname, search } = new URL(request.url);
    requests.push(`${request.method} ${pathname}`);
    const answer = await fetch(`${target}${pathname}${search}`, {
      method: request.method,
      headers: ofTheMessage(request.headers),
      ...(request.body ? { body: await request.bytes() } : {}),
    });
    return new Response(answer.body, { status: answer.status, headers: ofTheMessage(answer.headers) });
  });
  const address = { hostname: "127.0.0.1", port: 0, cert: cert!, key: key! };
  const listener = Deno.listenTls({ ...address, alpnProtocols: ["h2"] });
  const relay = new Relay({
    listener,
    async enter(client) {
      const beginning = new Uint8Array(65_536);
      const count = await client.read(beginning) ?? 0;
      firstLines.push(new TextDecoder().decode(beginning.subarray(0, count)).split("\r\n")[0]!);
      const server = await Deno.connect({ hostname: "127.0.0.1", port: inner.addr.port });
      await writeAll(server, beginning.subarray(0, count));
      return server;
    },
  });
  return {
    url: `https://localhost:${listener.addr.port}`,
    firstLines,
    requests,
    async [Symbol.asyncDispose]() {
      await relay[Symbol.asyncDispose]();
      await inner.shutdown();
    },
  };
}

function ofTheMessage(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of HOP_HEADERS) kept.delete(name);
  return kept;
}
