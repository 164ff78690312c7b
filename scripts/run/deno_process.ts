/**
 * Starts `deno` (the one that runs this script) and passes on what happens to it: signals go in, the exit code comes
 * out. The output passes unchanged; a task may look at it on its way.
 *
 * @module
 */
import { root } from "./paths.ts";
import type { Registry } from "./registry.ts";

/** How to start it. */
export interface DenoOptions {
  /** The subcommand: `run`, `test`, ... */
  readonly subcommand: string;
  /** Where packages come from; left out for subcommands that load no modules. */
  readonly registry?: Registry;
  /** The arguments after those of the registry. */
  readonly args: readonly string[];
  /** The folder to run in; the checkout unless given. */
  readonly cwd?: string;
  /** Further variables. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Gives the child a session of its own, so that it gets each signal once: a Ctrl-C goes to all processes of the
   * terminal, and `deno task` passes it on besides, while the program takes a second signal for "end at once".
   */
  readonly ownSession?: boolean;
  /** Sees the standard output as it passes; without it the child writes to ours by itself. */
  readonly onOutput?: (text: string) => void;
  /** Takes the standard error, which then does not appear by itself. */
  readonly onErrors?: (text: string) => void;
}

const PASSED_ON: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH"];
const SAME_SIGNAL_WITHIN_MS = 250;

/** Runs it with this process's streams until it ends; its exit code. */
export async function runDeno(options: DenoOptions): Promise<number> {
  const ownSession = options.ownSession === true && Deno.build.os !== "windows";
  const child = new Deno.Command(Deno.execPath(), {
    args: [options.subcommand, ...options.registry?.args ?? [], ...options.args],
    cwd: options.cwd ?? root,
    env: { ...options.registry?.env, ...options.env },
    stdin: "inherit",
    stdout: options.onOutput ? "piped" : "inherit",
    stderr: options.onErrors ? "piped" : "inherit",
    detached: ownSession,
  }).spawn();
  const stopPassing = passSignals(child, ownSession);
  const [{ code }] = await Promise.all([
    child.status,
    options.onOutput && passText(child.stdout, options.onOutput, Deno.stdout),
    options.onErrors && passText(child.stderr, options.onErrors),
  ]);
  stopPassing();
  return code;
}

async function passText(
  from: ReadableStream<Uint8Array>,
  see: (text: string) => void,
  to?: { writeSync(bytes: Uint8Array): number },
): Promise<void> {
  const decoder = new TextDecoder();
  for await (const bytes of from) {
    for (let written = 0; to && written < bytes.length;) written += to.writeSync(bytes.subarray(written));
    see(decoder.decode(bytes, { stream: true }));
  }
}

/** A child without a session of its own has the terminal's Ctrl-C already. */
function passSignals(child: Deno.ChildProcess, ownSession: boolean): () => void {
  const last = new Map<Deno.Signal, number>();
  const listeners = PASSED_ON.map((signal) => {
    const pass = () => {
      const now = performance.now();
      const isEcho = now - (last.get(signal) ?? -Infinity) < SAME_SIGNAL_WITHIN_MS;
      last.set(signal, now);
      if (isEcho || (!ownSession && signal === "SIGINT" && Deno.stdin.isTerminal())) return;
      try {
        child.kill(signal);
      } catch {
        // It has just ended; its exit code says the rest.
      }
    };
    Deno.addSignalListener(signal, pass);
    return { signal, pass };
  });
  return () => {
    for (const { signal, pass } of listeners) Deno.removeSignalListener(signal, pass);
  };
}
