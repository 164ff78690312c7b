/**
 * A server of the tests: a child process with a folder of its own, which can be killed, paused and started again on
 * the same data, and which leaves nothing behind.
 *
 * A small shell stands between: it starts the server when told so on its standard input, sends it the signals that it
 * is told, and when its standard input ends, because the test stopped the server or because the whole test process is
 * gone, however that came, it ends the server by its process id and removes the folder.
 *
 * @module
 */
import { waitUntil } from "./wait_until.ts";

const KEEPER = `
folder=$1; shift
send() { [ -f "$folder/server.pid" ] && kill -s "$1" "$(cat "$folder/server.pid")" 2>/dev/null; }
while read -r order; do
  case $order in
    start) (
      "$@" </dev/null >>"$folder/server.log" 2>&1 &
      echo "$!" >"$folder/server.pid"
      echo "started $!"
      wait "$!"
      code=$?
      rm -f "$folder/server.pid"
      echo "ended $code"
    ) & ;;
    *) send "$order"; echo sent ;;
  esac
done
send CONT
send TERM
tries=0
while [ -f "$folder/server.pid" ] && [ "$tries" -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
send KILL
wait
rm -rf "$folder"
`;

/** How to start a server, and how to see that it is ready. */
export interface ServerOptions {
  /** For errors. */
  readonly name: string;
  /** The server's own folder; removed when it is stopped. */
  readonly folder: string;
  /** The command with its arguments. */
  readonly command: readonly string[];
  /** Whether it answers; an error means "not yet". */
  readonly isReady: () => Promise<boolean>;
  /** How long the start may take. */
  readonly readyWithinMs?: number;
}

/** A running server; make one with `ServerProcess.start`. */
export class ServerProcess {
  readonly #options: ServerOptions;
  readonly #keeper: Deno.ChildProcess;
  readonly #orders: WritableStreamDefaultWriter<Uint8Array>;
  readonly #unanswered: (() => void)[] = [];
  #pid: number | undefined;
  #stopped: Promise<void> | undefined;

  private constructor(options: ServerOptions) {
    this.#options = options;
    this.#keeper = new Deno.Command("sh", {
      args: ["-c", KEEPER, options.name, options.folder, ...options.command],
      cwd: options.folder,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
      // A session of its own: a Ctrl-C in the terminal must not end it before it has cleaned up.
      detached: true,
    }).spawn();
    this.#orders = this.#keeper.stdin.getWriter();
    this.#listen();
  }

  /** Starts a server and waits until it is ready. */
  static async start(options: ServerOptions): Promise<ServerProcess> {
    const server = new ServerProcess(options);
    try {
      await server.start();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** The server's process id while it runs. */
  get pid(): number | undefined {
    return this.#pid;
  }

  /** The server's own folder. */
  get folder(): string {
    return this.#options.folder;
  }

  /** Starts the server again after `kill` or `end`, on the same port and data; waits until it is ready. */
  async start(): Promise<void> {
    const { name, isReady, readyWithinMs = 30_000 } = this.#options;
    await this.#order("start");
    try {
      const state = await waitUntil(async () => this.#pid === undefined ? "ended" : await isReady() && "ready", {
        what: `${name} is ready`,
        withinMs: readyWithinMs,
      });
      if (state === "ended") throw new Error(`${name} ended while it started`);
    } catch (error) {
      throw new Error(`${name} did not start. Its last words:\n${await this.lastWords()}`, { cause: error });
    }
  }

  /** Ends the server at once, as a crash would; its data stay. */
  async kill(): Promise<void> {
    await this.#signalAndWait("KILL");
  }

  /** Ends the server in order; its data stay. */
  async end(): Promise<void> {
    await this.#signalAndWait("TERM");
  }

  /** Stops the server's process without ending it: connections stay open and nothing answers. */
  async pause(): Promise<void> {
    await this.#order("STOP");
  }

  /** Lets a paused server go on. */
  async resume(): Promise<void> {
    await this.#order("CONT");
  }

  /** Ends the server for good and removes its folder; may be called twice. */
  stop(): Promise<void> {
    this.#stopped ??= (async () => {
      await this.#orders.close().catch(() => undefined);
      await this.#keeper.status;
    })();
    return this.#stopped;
  }

  /** Stops the server at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** The end of what the server printed. */
  async lastWords(): Promise<string> {
    const log = await Deno.readTextFile(`${this.#options.folder}/server.log`).catch(() => "");
    return log.slice(-2_000);
  }

  /** Gives the keeper an order and waits until it is carried out. */
  async #order(order: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#unanswered.push(resolve);
    await this.#orders.write(new TextEncoder().encode(`${order}\n`));
    await promise;
  }

  async #signalAndWait(signal: string): Promise<void> {
    await this.#order(signal);
    await waitUntil(() => this.#pid === undefined, { what: `${this.#options.name} ends`, withinMs: 20_000 });
  }

  async #listen(): Promise<void> {
    let rest = "";
    for await (const text of this.#keeper.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach((line) => this.#hear(line));
    }
    this.#pid = undefined;
  }

  #hear(line: string): void {
    const [word, number] = line.split(" ");
    if (word === "ended") this.#pid = undefined;
    if (word === "started") this.#pid = Number(number);
    if (word !== "ended") this.#unanswered.shift()?.();
  }
}
