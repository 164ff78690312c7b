/**
 * Hears all commands that a Redis carries out, those in scripts too, with the moment of each (MONITOR); connects again
 * when the Redis is gone.
 *
 * @module
 */
import type { HeardCommand, LeaseState } from "./lease_book.ts";
import { redisCommands } from "./redis_commands.ts";

export interface MonitorOptions {
  readonly port: number;
  readonly onCommand: (command: HeardCommand) => void;
  /** What came before may not have been heard. */
  readonly onListening: () => Promise<void>;
}

const RETRY_MS = 5;
/** A time, where the command came from, and its words in quotes. */
const LINE = /^\+(\d+\.\d+) \[\d+ [^\]]*\] (.*)$/;
const WORD = /"((?:[^"\\]|\\.)*)"/g;
/** Longer than any that matters: a script's text. */
const MOST_READ = 2_000;

export class RedisMonitor implements AsyncDisposable {
  readonly #options: MonitorOptions;
  readonly #work: Promise<void>;
  readonly #heard = Promise.withResolvers<void>();
  #connection: Deno.Conn | undefined;
  #isClosed = false;

  private constructor(options: MonitorOptions) {
    this.#options = options;
    this.#work = this.#listen();
  }

  /** Listens from now on. */
  static async start(options: MonitorOptions): Promise<RedisMonitor> {
    const monitor = new RedisMonitor(options);
    await monitor.#heard.promise;
    return monitor;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    try {
      this.#connection?.close();
    } catch {
      // Closed already.
    }
    await this.#work;
  }

  async #listen(): Promise<void> {
    while (!this.#isClosed) {
      try {
        this.#connection = await Deno.connect({ hostname: "127.0.0.1", port: this.#options.port });
        await this.#connection.write(new TextEncoder().encode("MONITOR\r\n"));
        await this.#read(this.#connection);
      } catch {
        // It is not there, or is gone: it is asked again.
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  async #read(connection: Deno.Conn): Promise<void> {
    let rest = "";
    for await (const text of connection.readable.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\r\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#hear(line);
    }
  }

  #hear(line: string): void {
    if (line === "+OK") {
      this.#options.onListening().then(() => this.#heard.resolve(), () => {});
      return;
    }
    const command = commandIn(line);
    if (command) this.#options.onCommand(command);
  }
}

/** A command from a line of MONITOR; undefined for what is none. */
export function commandIn(line: string): HeardCommand | undefined {
  const [, at, words] = LINE.exec(line.slice(0, MOST_READ)) ?? [];
  if (at === undefined || words === undefined) return undefined;
  return { at: Number(at) * 1_000, words: [...words.matchAll(WORD)].map(([, word]) => plain(word!)) };
}

/** Who holds a lease, as Redis has it now. */
export async function leaseState(port: number, key: string): Promise<LeaseState> {
  const commands = [["MULTI"], ["TIME"], ["PTTL", key], ["HGET", key, "owner"], ["EXEC"]];
  const answers = await redisCommands(port, ...commands);
  // *3, the time as two texts, the time to live as a number, and the owner as a text or none.
  const words = answers.slice(answers.indexOf("*3\r\n")).split("\r\n");
  const [, , , seconds, , micros, left, length, owner] = words;
  return {
    at: Number(seconds) * 1_000 + Number(micros) / 1_000,
    leftMs: Math.max(0, Number(left?.slice(1))),
    owner: length === "$-1" ? "" : owner ?? "",
  };
}

function plain(word: string): string {
  return word.replaceAll(/\\(x[0-9a-f]{2}|.)/g, (_, code: string) => {
    if (code.length === 3) return String.fromCharCode(parseInt(code.slice(1), 16));
    return { n: "\n", r: "\r", t: "\t" }[code] ?? code;
  });
}
