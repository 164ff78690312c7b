/**
 * The way of one instance to the simulator: passes everything on, as it comes, and notes each request with its instants,
 * and which of the simulator's connections are this instance's. Its instants are of the machine's clock, on which Redis
 * stamps what it does, too.
 *
 * @module
 */
import type { ConnectionRecord, Simulator } from "../../src/simulate/simulator.ts";

/** A request that an instance has made. */
export interface RequestToX {
  readonly method: string;
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly beganAt: number;
  /** Absent as long as it goes on. */
  endedAt?: number;
}

/** One after the other: so that it is certain whose a new connection is. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  next<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }
}

const STREAM = "/2/tweets/search/stream";
/** What is of one of the two connections alone. */
const HOP = ["host", "connection", "content-length", "transfer-encoding", "accept-encoding"];

export class FleetFront implements AsyncDisposable {
  readonly requests: RequestToX[] = [];
  /** The connects of this instance, as the simulator knows them. */
  readonly connections: ConnectionRecord[] = [];
  readonly #simulator: Simulator;
  readonly #turns: Turns;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(simulator: Simulator, turns: Turns) {
    this.#simulator = simulator;
    this.#turns = turns;
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => this.#pass(request));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Whether the instance reads a stream. */
  get isConnected(): boolean {
    return this.connections.some(({ closedAt, status }) => status === 200 && closedAt === undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #pass(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const noted: RequestToX = { method: request.method, path: pathname, beganAt: Date.now() };
    this.requests.push(noted);
    const headers = new Headers(request.headers);
    for (const name of HOP) headers.delete(name);
    const body = request.body ? await request.arrayBuffer() : undefined;
    const ask = () =>
      fetch(`${this.#simulator.url}${pathname}${search}`, { method: request.method, headers, ...body && { body } });
    try {
      const answer = await (pathname === STREAM ? this.#turns.next(() => this.#connect(ask)) : ask());
      return new Response(noting(answer.body, () => noted.endedAt = Date.now()), {
        status: answer.status,
        headers: answer.headers,
      });
    } catch (error) {
      noted.endedAt = Date.now();
      return new Response(String(error), { status: 502 });
    }
  }

  /** Whoever asks may be gone before there is an answer: the connection is its all the same. */
  async #connect(ask: () => Promise<Response>): Promise<Response> {
    const before = this.#simulator.connections().length;
    const answer = await ask();
    this.connections.push(...this.#simulator.connections().slice(before));
    return answer;
  }
}

/** The same bytes; calls back when they are over, however that comes. */
function noting(bytes: ReadableStream<Uint8Array> | null, onEnd: () => void): ReadableStream<Uint8Array> | null {
  if (!bytes) {
    onEnd();
    return null;
  }
  const reader = bytes.getReader();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
      if (value) controller.enqueue(value);
      if (!done) return;
      onEnd();
      controller.close();
    },
    async cancel(reason) {
      onEnd();
      await reader.cancel(reason).catch(() => {});
    },
  }, { highWaterMark: 0 });
}
