/**
 * `traptor rules` as a person runs it: a process a command, with a folder of its own and an empty Redis.
 *
 * @module
 */
import { hashFields, type RedisAnswer, redisAnswer, setMembers } from "./redis_answer.ts";
import { sharedRedis } from "./services.ts";
import { COMMAND, type Ended, runtimeEnvironment } from "./traptor.ts";

export interface RulesRun {
  /** What comes in at stdin. */
  readonly stdin?: string | Uint8Array<ArrayBuffer>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface RulesWorld extends AsyncDisposable {
  /** Where the commands run. */
  readonly folder: string;
  readonly port: number;
  /** What the commands get besides; tests may add to it. */
  readonly env: Record<string, string>;
  /** Runs `traptor rules ...` to its end. */
  run(args: readonly string[], options?: RulesRun): Promise<Ended>;
  /** Runs it; fails unless it ends with 0. */
  done(args: readonly string[], options?: RulesRun): Promise<Ended>;
  /** Writes a file into the folder. */
  write(name: string, content: string | Uint8Array): Promise<void>;
  redis(...command: readonly string[]): Promise<RedisAnswer>;
  members(key: string): Promise<unknown[]>;
  fields(key: string): Promise<Record<string, string>>;
  /** All keys, sorted. */
  keys(pattern?: string): Promise<string[]>;
}

/** An empty Redis and a folder. Use it with `await using`, in a test that needs `redis`. */
export async function startRulesWorld(): Promise<RulesWorld> {
  const { port, url } = await sharedRedis();
  await redisAnswer(port, "FLUSHALL");
  const folder = await Deno.makeTempDir({ prefix: "traptor-rules-" });
  const env: Record<string, string> = { REDIS_URL: url, USER: "tester" };
  const run = (args: readonly string[], options: RulesRun = {}) => runIn(folder, env, ["rules", ...args], options);
  return {
    folder,
    port,
    env,
    run,
    async done(args, options) {
      const ended = await run(args, options);
      if (ended.code !== 0) {
        throw new Error(`traptor rules ${args.join(" ")} ended with ${ended.code}:\n${ended.stderr}`);
      }
      return ended;
    },
    write: (name, content) =>
      typeof content === "string"
        ? Deno.writeTextFile(`${folder}/${name}`, content)
        : Deno.writeFile(`${folder}/${name}`, content),
    redis: (...command) => redisAnswer(port, ...command),
    members: (key) => setMembers(port, key),
    fields: (key) => hashFields(port, key),
    keys: async (pattern = "*") => [...await redisAnswer(port, "KEYS", pattern) as readonly string[]].sort(),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** Lines of JSON. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

async function runIn(
  folder: string,
  shared: Readonly<Record<string, string>>,
  args: readonly string[],
  { env, stdin }: RulesRun,
): Promise<Ended> {
  const [program, ...programArguments] = COMMAND;
  const child = new Deno.Command(program, {
    args: [...programArguments, ...args],
    env: { ...runtimeEnvironment(), HOME: folder, ...shared, ...env },
    clearEnv: true,
    cwd: folder,
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output();
  if (stdin !== undefined) {
    const writer = child.stdin.getWriter();
    // A program that refuses its arguments does not read its input.
    await writer.write(typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin).catch(() => {});
    await writer.close().catch(() => {});
  }
  const { code, stdout, stderr } = await output;
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}
