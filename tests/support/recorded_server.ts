/** An HTTP server on loopback that gives answers as they were written down, and keeps what it was asked. */

/** What the server was asked. */
export interface Asked {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

/** What it answers: a status with a body, as JSON unless it is text. */
export interface Given {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** A server, and all that it was asked. */
export interface RecordedServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, or `https://localhost:PORT`. */
  readonly url: string;
  readonly asked: Asked[];
}

/** A certificate and its key, in PEM. */
export interface Tls {
  readonly cert: string;
  readonly key: string;
}

/** Starts a server that answers each question as it is told; undefined never answers. */
export function recordedServer(answer: (asked: Asked) => Given | undefined, tls?: Tls): RecordedServer {
  const asked: Asked[] = [];
  const ended = new AbortController();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {}, ...tls }, async (request) => {
    const { pathname, search } = new URL(request.url);
    const question = {
      method: request.method,
      path: pathname + search,
      headers: request.headers,
      body: await request.text(),
    };
    asked.push(question);
    const given = answer(question);
    if (!given) await new Promise((resolve) => ended.signal.addEventListener("abort", resolve));
    const { body, headers = {}, status = 200 } = given ?? {};
    const text = typeof body === "string" ? body : JSON.stringify(body ?? {});
    return new Response(request.method === "HEAD" ? null : text, { status, headers });
  });
  return {
    url: `${tls ? "https://localhost" : "http://127.0.0.1"}:${server.addr.port}`,
    asked,
    async [Symbol.asyncDispose]() {
      ended.abort();
      await server.shutdown();
    },
  };
}
