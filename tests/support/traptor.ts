/**
 * Runs the program as a user does: a process of its own, with the permissions of the executable, an empty home, and no
 * settings but those that a test gives.
 *
 * @module
 */
import { PROGRAM_PERMISSIONS } from "../../scripts/permissions.ts";
import { waitUntil } from "./wait_until.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

/** The program and its first arguments: from source, or the executable that TRAPTOR_EXECUTABLE names. */
export const COMMAND: readonly [string, ...string[]] = command();

function command(): [string, ...string[]] {
  const executable = Deno.env.get("TRAPTOR_EXECUTABLE");
  if (executable !== undefined) return [executable];
  return [
    Deno.execPath(),
    ...["run", "--quiet", ...lockFlags(), "--cached-only", "--no-check", ...PROGRAM_PERMISSIONS, MAIN],
  ];
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** How a run ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that is running. */
export interface Running extends AsyncDisposable {
  readonly pid: number;
  /** What it has written so far. */
  readonly stdout: string;
  readonly stderr: string;
  readonly ended: Promise<Ended>;
  /** Sends a signal and waits for the end. */
  end(signal?: Deno.Signal): Promise<Ended>;
  /** Resolves once stdout or stderr matches; fails when the program ends before. */
  says(pattern: RegExp): Promise<void>;
}

/**
 * A Redis that is new gives an app's connection to nobody for as long as a lease may last: two seconds of ours, however
 * fast the program's clock runs.
 */
function shortLease(args: readonly string[]): Record<string, string> {
  const at = args.indexOf("--time-scale");
  const scale = at < 0 ? 1 : Number(args[at + 1]?.split("@")[0]);
  const ms = (real: number) => `${real * scale}ms`;
  return { LEASE_TTL: ms(2_000), LEASE_RENEW: ms(500), HEARTBEAT_INTERVAL: ms(500) };
}

/** Starts `traptor` with arguments. Use it with `await using`. */
export function startTraptor(args: readonly string[], options: RunOptions = {}): Running {
  const home = Deno.makeTempDirSync({ prefix: "traptor-home-" });
  const [program, ...programArguments] = COMMAND;
  const child = new Deno.Command(program, {
    args: [...programArguments, ...args],
    env: { ...runtimeEnvironment(), HOME: home, TRAPTOR_STATUS_LISTEN: "off", ...shortLease(args), ...options.env },
    clearEnv: true,
    cwd: options.cwd ?? home,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();

  const texts = { stdout: "", stderr: "" };
  const reading = Promise.all((["stdout", "stderr"] as const).map(async (name) => {
    for await (const text of child[name].pipeThrough(new TextDecoderStream())) texts[name] += text;
  }));
  let isOver = false;
  const ended = (async () => {
    const [{ code }] = await Promise.all([child.status, reading]);
    isOver = true;
    await Deno.remove(home, { recursive: true });
    return { code, ...texts };
  })();

  return {
    pid: child.pid,
    get stdout() {
      return texts.stdout;
    },
    get stderr() {
      return texts.stderr;
    },
    ended,
    async end(signal = "SIGTERM") {
      if (!isOver) child.kill(signal);
      return await ended;
    },
    async says(pattern) {
      const isSaid = () => pattern.test(texts.stdout) || pattern.test(texts.stderr) || isOver;
      await waitUntil(isSaid, { what: `traptor says ${pattern}`, withinMs: 60_000 });
      if (!pattern.test(texts.stdout) && !pattern.test(texts.stderr)) {
        throw new Error(`traptor ended without saying ${pattern}:\n${texts.stderr}${texts.stdout}`);
      }
    },
    async [Symbol.asyncDispose]() {
      if (!isOver) child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Runs `traptor` to its end. */
export async function runTraptor(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  await using running = startTraptor(args, options);
  return await running.ended;
}

/** The lock file that goes with the registry which this run uses: see `scripts/run/registry.ts`. */
function lockFlags(): string[] {
  if (!Deno.env.get("JSR_URL")?.startsWith("file:")) return ["--frozen"];
  return [`--lock=${new URL("../../scripts/registry/deno.lock", import.meta.url).pathname}`, "--frozen"];
}

/** What Deno itself needs: where its cache and its registries are. Nothing of the user's. */
export function runtimeEnvironment(): Record<string, string> {
  const kept: Record<string, string> = { NO_COLOR: "1" };
  const cache = Deno.env.get("DENO_DIR") ??
    `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/deno`;
  kept["DENO_DIR"] = cache;
  for (const name of ["PATH", "JSR_URL", "NPM_CONFIG_REGISTRY", "DENO_CERT", "SSL_CERT_FILE"]) {
    const value = Deno.env.get(name);
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}
