/**
 * One instance of a fleet: a collector of its own process, state directory and sink, with its own ways to X and to Redis,
 * and, where it is asked for, a clock of its own.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Simulator } from "../../src/simulate/simulator.ts";
import type { InstanceFacts, RegisteredGap, Span } from "./fleet_listening.ts";
import { FleetFront, type Turns } from "./fleet_front.ts";
import { HeldWay } from "./held_way.ts";
import { linesSoFar } from "./line_files.ts";
import { MovedClock } from "./moved_clock.ts";
import { type Running, runTraptor, startTraptor } from "./traptor.ts";
import { waitUntil } from "./wait_until.ts";

export interface FleetInstanceOptions {
  readonly folder: string;
  readonly simulator: Simulator;
  readonly turns: Turns;
  readonly redisPort: number;
  readonly args: readonly string[];
  /** Whether its clock is to be moved. */
  readonly hasClock: boolean;
}

const COLLECT = ["--sink", "file:tweets", "--state-dir", "state", "--status-listen", "off"];
const LOG = ["--log-file", "log.jsonl", "--log-json", "true", "--log-level", "DEBUG"];
/** What the system says of a process that did not take the signal itself. */
const KILLED_BY_SIGTERM = 143;

export class FleetInstance implements AsyncDisposable {
  readonly folder: string;
  readonly front: FleetFront;
  readonly way: HeldWay;
  readonly clock: MovedClock;
  readonly #options: FleetInstanceOptions;
  readonly #kills: number[] = [];
  readonly deaf: Span[] = [];
  #running: Running | undefined;
  #id = "";
  /** Why it ended though nobody told it to. */
  deserted: string | undefined;

  constructor(options: FleetInstanceOptions) {
    this.#options = options;
    this.folder = options.folder;
    Deno.mkdirSync(this.folder);
    this.front = new FleetFront(options.simulator, options.turns);
    this.way = new HeldWay(options.redisPort);
    this.clock = new MovedClock(`${this.folder}/clock`);
  }

  /** Eight hex digits: the name that it has made for itself; empty before. */
  get id(): string {
    try {
      this.#id ||= Deno.readTextFileSync(`${this.folder}/state/instance`).trim();
    } catch {
      // It has none yet.
    }
    return this.#id;
  }

  /** Its process, while it runs. */
  get pid(): number | undefined {
    return this.#running?.pid;
  }

  start(): void {
    const { args, hasClock, redisPort: _, simulator } = this.#options;
    const running = startTraptor(["--api-url", this.front.url, ...COLLECT, ...LOG, ...args], {
      cwd: this.folder,
      env: {
        BEARER_TOKEN: simulator.token,
        REDIS_URL: `redis://127.0.0.1:${this.way.port}`,
        ...hasClock && this.clock.environment,
      },
    });
    this.#running = running;
    running.ended.then(({ code, stderr }) => {
      if (this.#running === running) this.deserted = `an instance ended by itself with ${code}: ${stderr}`;
    });
  }

  /** Ends it without a word. */
  async kill(at: number): Promise<void> {
    this.#kills.push(at);
    await this.#taken().end("SIGKILL");
  }

  /** Ends it in order. */
  async stop(): Promise<void> {
    const { code, stderr } = await this.#taken().end();
    if (code !== KILLED_BY_SIGTERM) assertEquals(code, 0, stderr);
  }

  /** Lets its process stand still, or go on. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    Deno.kill(this.#there().pid, signal);
  }

  /** What a command of the program says, run against its state. */
  async ask(...args: readonly string[]): Promise<string> {
    const { code, stderr, stdout } = await this.#run(args);
    if (code !== 0) throw new Error(`traptor ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
    return stdout;
  }

  /** What `traptor verify` has to say against its journal and its sink; undefined when it balances. */
  async unbalanced(): Promise<string | undefined> {
    const { code, stderr, stdout } = await this.#run(["verify", "--sink", "file:tweets"]);
    return code === 0 ? undefined : `${this.id}: traptor verify ended with ${code}:\n${stdout}${stderr}`;
  }

  async facts(): Promise<InstanceFacts> {
    const { connections } = this.front;
    const records = (await this.lines()).map((line) => JSON.parse(line));
    return {
      name: this.id,
      connections,
      arrived: records.map(({ data, traptor }) => ({
        id: data.id,
        collectedAt: this.#moments(traptor.collected_at).at(-1)!,
        isFound: traptor.provenance === "search",
      })),
      gaps: await this.#gaps(),
      kills: this.#kills,
      deaf: this.deaf,
    };
  }

  /** What is in its sink. */
  lines(): Promise<string[]> {
    return linesSoFar(`${this.folder}/tweets`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.[Symbol.asyncDispose]();
    await this.way[Symbol.asyncDispose]();
    await this.front[Symbol.asyncDispose]();
  }

  /** Waits for its name. */
  async named(): Promise<void> {
    await waitUntil(() => this.id !== "" || this.deserted !== undefined, {
      what: "an instance has a name",
      withinMs: 60_000,
    });
    if (this.deserted !== undefined) throw new Error(this.deserted);
  }

  async #gaps(): Promise<RegisteredGap[]> {
    const lines = (await this.ask("gaps", "list", "--json")).split("\n").filter((line) => line !== "");
    const listed: readonly GapListed[] = lines.map((line) => JSON.parse(line));
    return listed.flatMap(({ began_at, cause, ended_at, last_id, state }) =>
      this.#spans(began_at, ended_at).map((span) => ({ ...span, cause, state, lastId: last_id ?? undefined }))
    );
  }

  /** Of what may be meant by two moments the shortest, or several that are as short. */
  #spans(began: string, ended: string | null): Span[] {
    const ends = ended === null ? [Infinity] : this.#moments(ended);
    const spans = this.#moments(began).flatMap((from) => ends.map((to) => ({ from, to })));
    const lengths = spans.map(({ from, to }) => to < from ? Infinity : to - from);
    return spans.filter((_, index) => lengths[index] === Math.min(...lengths));
  }

  /** When it wrote that, by the system's clock or the one that both share. A clock that was moved may mean several. */
  #moments(shown: string): number[] {
    const at = Date.parse(shown);
    const moments = this.#options.hasClock ? this.clock.momentsOf(at) : [];
    return moments.length > 0 ? moments : [at];
  }

  #run(args: readonly string[]) {
    return runTraptor([...args, "--state-dir", "state"], {
      cwd: this.folder,
      env: { BEARER_TOKEN: this.#options.simulator.token, REDIS_URL: `redis://127.0.0.1:${this.#options.redisPort}` },
    });
  }

  #there(): Running {
    if (this.deserted !== undefined) throw new Error(this.deserted);
    if (!this.#running) throw new RangeError("This instance is not running");
    return this.#running;
  }

  /** Its process, which from now on may end. */
  #taken(): Running {
    const running = this.#there();
    this.#running = undefined;
    return running;
  }
}

interface GapListed {
  readonly began_at: string;
  readonly ended_at: string | null;
  readonly cause: string;
  readonly state: string;
  readonly last_id: string | null;
}
