/**
 * A simulator with a clock that stands still, and a client of nothing but `fetch`, for the tests of this folder.
 * The seed of a test that fails is in its error.
 *
 * @module
 */
import { type Simulator, type SimulatorOptions, startSimulator } from "../../../src/simulate/simulator.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { waitUntil } from "../../support/wait_until.ts";

export const STREAM = "/2/tweets/search/stream";
export const RULES = `${STREAM}/rules`;

/** An answer, read to its end. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
}

export interface Session {
  readonly simulator: Simulator;
  readonly clock: FakeClock;
  /** Asks with the right token. A `json` is posted. */
  ask(
    path: string,
    options?: { method?: string; json?: unknown; text?: string; headers?: HeadersInit },
  ): Promise<Answered>;
  /** Adds rules and answers their ids. */
  addRules(...values: string[]): Promise<string[]>;
  /** Opens the stream; fails when it is refused. */
  open(query?: string): Promise<Stream>;
  /** Makes a fault happen. */
  fault(name: string, ms?: number): Promise<void>;
  /** Sends lines on the open streams. */
  send(...lines: string[]): Promise<void>;
}

/** Runs a test with a simulator of its own. Traffic is off unless a rate is given. */
export async function withSimulator(
  options: SimulatorOptions,
  test: (session: Session) => Promise<void>,
): Promise<void> {
  const clock = new FakeClock();
  const simulator = await startSimulator({ rate: 0, clock, ...options });
  const streams: Stream[] = [];
  const ask: Session["ask"] = async (path, { method, json, text, headers } = {}) => {
    const response = await fetch(simulator.url + path, {
      method: method ?? (json === undefined && text === undefined ? "GET" : "POST"),
      headers: { authorization: `Bearer ${simulator.token}`, ...headers },
      ...(json === undefined && text === undefined ? {} : { body: text ?? JSON.stringify(json) }),
    });
    const answered = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json");
    return {
      status: response.status,
      headers: response.headers,
      text: answered,
      body: isJson ? JSON.parse(answered) : undefined,
    };
  };
  try {
    await test({
      simulator,
      clock,
      ask,
      async addRules(...values) {
        const { body } = await ask(RULES, { json: { add: values.map((value) => ({ value })) } });
        return body.data.map(({ id }: { id: string }) => id);
      },
      async open(query = "") {
        const response = await fetch(`${simulator.url}${STREAM}${query}`, {
          headers: { authorization: `Bearer ${simulator.token}` },
        });
        if (response.status !== 200) throw new Error(`refused: ${response.status} ${await response.text()}`);
        const stream = new Stream(response);
        streams.push(stream);
        return stream;
      },
      async fault(name, ms) {
        const answered = await ask("/sim/fault", { json: { name, ...(ms === undefined ? {} : { ms }) } });
        if (answered.status !== 200) throw new Error(answered.text);
      },
      async send(...lines) {
        await ask("/sim/send", { text: lines.join("\r\n") });
      },
    });
  } catch (error) {
    throw new Error(`with seed ${options.seed ?? 1}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  } finally {
    for (const stream of streams) await stream.leave();
    await simulator.close();
  }
}

/** Runs a test with one rule and an open stream. */
export function withStream(
  test: (session: Session, stream: Stream) => Promise<void>,
): () => Promise<void> {
  return () =>
    withSimulator({}, async (session) => {
      await session.addRules("deno");
      await test(session, await session.open());
    });
}

/** Why the first stream ended. */
export function closeReason({ simulator }: Session): string | undefined {
  return simulator.connections()[0]?.closeReason;
}

/** An open stream. */
export class Stream {
  /** Everything that came, chunk by chunk. */
  readonly chunks: Uint8Array[] = [];
  isOver = false;
  /** Why it broke; undefined when it ended as HTTP ends. */
  error: Error | undefined;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #reading: Promise<void>;

  constructor(response: Response) {
    this.#reader = response.body!.getReader();
    this.#reading = this.#read();
  }

  /** The bytes that came. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.chunks.flatMap((chunk) => [...chunk]));
  }

  /** The lines that came completely, keep-alives as empty ones. */
  get lines(): string[] {
    return new TextDecoder().decode(this.bytes).split("\r\n").slice(0, -1);
  }

  /** Waits until so many lines have come, and answers them. */
  async atLeast(count: number): Promise<string[]> {
    return await waitUntil(() => this.lines.length >= count ? this.lines : undefined, {
      what: `${count} lines`,
      everyMs: 2,
    });
  }

  /** Waits until it is over. */
  async end(): Promise<void> {
    await waitUntil(() => this.isOver, { what: "the end of the stream", everyMs: 2 });
  }

  async leave(): Promise<void> {
    await this.#reader.cancel().catch(() => undefined);
    await this.#reading;
  }

  async #read(): Promise<void> {
    try {
      for (let part = await this.#reader.read(); !part.done; part = await this.#reader.read()) {
        this.chunks.push(part.value);
      }
    } catch (error) {
      this.error = error instanceof Error ? error : new Error(String(error));
    }
    this.isOver = true;
  }
}
