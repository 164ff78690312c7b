/**
 * A fleet as people run it: collectors that are processes of their own, each with a state directory and a sink, one Redis,
 * and a simulator in the test's process.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { appOf } from "../../src/collector/credentials.ts";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../src/simulate/simulator.ts";
import { linesSoFar } from "./line_files.ts";
import { type RedisServer, startRedis } from "./redis.ts";
import { hashFields, redisAnswer } from "./redis_answer.ts";
import { type Ended, type Running, runTraptor, startTraptor } from "./traptor.ts";
import { waitUntil } from "./wait_until.ts";

/** Whose simulator and token, and what else a collector is started with. */
export interface MemberOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Of another app than the first one. */
  readonly simulator?: Simulator;
  /** Files in `tweets`, unless something else is named. */
  readonly sink?: string;
}

export interface GapListed {
  readonly number: number;
  readonly began_at: string;
  readonly ended_at: string | null;
  readonly cause: string;
  readonly detail: string;
  readonly state: string;
  readonly outcome: string;
}

/** What `traptor status --json` says, as far as tests look. */
export interface StatusShown {
  readonly well: boolean;
  readonly problems: readonly { readonly kind: string; readonly app: string | null; readonly what: string }[];
  readonly apps: readonly {
    readonly app: string;
    readonly holders: readonly string[];
    readonly standbys: readonly string[];
    readonly instances: readonly Readonly<Record<string, unknown>>[];
  }[];
}

/** An instance that is told of again each second is gone after three. */
const QUICK = { HEARTBEAT_INTERVAL: "1s", GAP_REPAIR: "off" };
const PATIENCE_MS = 30_000;

export class FleetTrial implements AsyncDisposable {
  readonly redis: RedisServer;
  readonly simulator: Simulator;
  readonly #stack = new AsyncDisposableStack();

  private constructor(redis: RedisServer, simulator: Simulator) {
    this.redis = redis;
    this.simulator = simulator;
    this.#stack.defer(() => redis.stop());
    this.#stack.defer(() => simulator.close());
  }

  /** Starts a Redis with the rule `deno` in `track:0`, and a simulator. Use it with `await using`. */
  static async start(options: SimulatorOptions = {}): Promise<FleetTrial> {
    const redis = await startRedis();
    try {
      await redisAnswer(redis.port, "SADD", "traptor-track:0", "deno");
      return new FleetTrial(redis, await startSimulator({ rate: 50, ...options }));
    } catch (error) {
      await redis.stop();
      throw error;
    }
  }

  /** Another simulator, with a token of its own. */
  async anotherSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
    const simulator = await startSimulator({ rate: 50, ...options });
    this.#stack.defer(() => simulator.close());
    return simulator;
  }

  /** A collector with a folder of its own, which is started. */
  member(options: MemberOptions = {}): FleetMember {
    const member = new FleetMember(this, options);
    this.#stack.use(member);
    member.start();
    return member;
  }

  /** One that collects, and then others that stand by. */
  async members(count: number, options: MemberOptions = {}): Promise<FleetMember[]> {
    const first = this.member(options);
    await first.collects();
    const others = Array.from({ length: count - 1 }, () => this.member(options));
    for (const other of others) await other.standsBy();
    return [first, ...others];
  }

  app(simulator = this.simulator): Promise<string> {
    return appOf(simulator.token);
  }

  ask(...command: readonly string[]): ReturnType<typeof redisAnswer> {
    return redisAnswer(this.redis.port, ...command);
  }

  hash(key: string): Promise<Record<string, string>> {
    return hashFields(this.redis.port, key);
  }

  /** A command of a person on a machine that has nothing but the way to Redis. */
  traptor(...args: readonly string[]): Promise<Ended> {
    return runTraptor([...args, "--redis-port", String(this.redis.port)]);
  }

  async status(): Promise<StatusShown & { readonly code: number }> {
    const { code, stderr, stdout } = await this.traptor("status", "--json");
    if (stdout === "") throw new Error(stderr);
    return { ...JSON.parse(stdout), code };
  }

  /** Waits until so many more tweets were sent. */
  async moreSent(tweets: number, simulator = this.simulator): Promise<void> {
    const before = simulator.sent().length;
    await waitUntil(() => simulator.sent().length >= before + tweets, {
      what: `${tweets} more tweets are sent`,
      withinMs: PATIENCE_MS,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

export class FleetMember implements AsyncDisposable {
  readonly folder: string = Deno.makeTempDirSync({ prefix: "traptor-test-" });
  readonly #trial: FleetTrial;
  readonly #options: MemberOptions;
  #running: Running | undefined;

  constructor(trial: FleetTrial, options: MemberOptions) {
    this.#trial = trial;
    this.#options = options;
  }

  /** The process that was started last. */
  get process(): Running {
    return this.#running!;
  }

  /** What it calls itself; throws before it does. */
  get id(): string {
    return Deno.readTextFileSync(`${this.folder}/state/instance`).trim();
  }

  /** Starts it, or starts it again on its journal. */
  start(): void {
    const { args = [], env = {}, sink = "file:tweets" } = this.#options;
    const simulator = this.#options.simulator ?? this.#trial.simulator;
    const place = ["--api-url", simulator.url, "--redis-port", String(this.#trial.redis.port), "--state-dir", "state"];
    this.#running = startTraptor([...place, "--sink", sink, ...args], {
      cwd: this.folder,
      env: { BEARER_TOKEN: simulator.token, ...QUICK, ...env },
    });
  }

  /** Waits until it says something that it has not said before a text of its log. */
  async says(pattern: RegExp, after = 0): Promise<void> {
    await waitUntil(() => pattern.test(this.process.stderr.slice(after)), {
      what: `it says ${pattern}`,
      withinMs: PATIENCE_MS,
    }).catch((error) => {
      throw new Error(`Its log:\n${this.process.stderr}`, { cause: error });
    });
  }

  collects(after = 0): Promise<void> {
    return this.says(/Connected to X/, after);
  }

  standsBy(after = 0): Promise<void> {
    return this.says(/Standing by: the app's connection is held by/, after);
  }

  /** Waits until more tweets are in its sink. */
  async gets(tweets: number): Promise<void> {
    const before = (await this.lines()).length;
    await waitUntil(async () => (await this.lines()).length >= before + tweets, {
      what: `${tweets} more tweets are in the sink`,
      withinMs: PATIENCE_MS,
    }).catch((error) => {
      throw new Error(`Its log:\n${this.process.stderr}`, { cause: error });
    });
  }

  /** Ends it in order. */
  async stop(): Promise<Ended> {
    const ended = await this.process.end();
    assertEquals(ended.code, 0, ended.stderr);
    return ended;
  }

  async kill(): Promise<void> {
    await this.process.end("SIGKILL");
  }

  /** A command of the program, on its machine. */
  traptor(...args: readonly string[]): Promise<Ended> {
    const simulator = this.#options.simulator ?? this.#trial.simulator;
    return runTraptor([...args, "--state-dir", "state", "--redis-port", String(this.#trial.redis.port)], {
      cwd: this.folder,
      env: { BEARER_TOKEN: simulator.token },
    });
  }

  async gaps(): Promise<GapListed[]> {
    const { code, stderr, stdout } = await this.traptor("gaps", "list", "--json");
    assertEquals(code, 0, stderr);
    return stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  }

  /** The records in its sink that are whole. */
  lines(): Promise<string[]> {
    return linesSoFar(`${this.folder}/tweets`);
  }

  async tweetIds(): Promise<string[]> {
    return (await this.lines()).map((line) => JSON.parse(line).data.id);
  }

  /** That its journal and its sink agree. */
  async verifies(): Promise<void> {
    const { code, stderr, stdout } = await this.traptor("verify", "--sink", this.#options.sink ?? "file:tweets");
    assertEquals(code, 0, stdout + stderr);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running?.[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** A tweet as the simulator has sent it. */
export interface SentTweet {
  readonly id: string;
  readonly at: number;
}

/** The tweets that are in no sink, and lie in no gap. */
export async function unaccounted(
  sent: readonly SentTweet[],
  members: readonly FleetMember[],
): Promise<SentTweet[]> {
  const ids = new Set((await Promise.all(members.map((member) => member.tweetIds()))).flat());
  const gaps = (await Promise.all(members.map((member) => member.gaps()))).flat();
  const isIn = (at: number) => ({ began_at, ended_at }: GapListed) =>
    Date.parse(began_at) <= at && (ended_at === null || at <= Date.parse(ended_at));
  return sent.filter(({ at, id }) => !ids.has(id) && !gaps.some(isIn(at)));
}
