/**
 * Three collectors with one token, a Redis, and a simulator that would accept them all at once and only records it; they
 * are hurt, and in the end all that is known of them is judged. Somebody who belongs to nobody reads the stream all the
 * while: so it is known what was posted when nobody else listened.
 *
 * @module
 */
import { type Simulator, startSimulator } from "../../src/simulate/simulator.ts";
import { Turns } from "./fleet_front.ts";
import { FleetInstance } from "./fleet_instance.ts";
import { type Due, type ListeningFacts, missingTweets, silences, wrongListening } from "./fleet_listening.ts";
import { wrongOwnership } from "./fleet_ownership.ts";
import { FleetRedis } from "./fleet_redis.ts";
import { LateTimers } from "./late_timers.ts";
import { instanceOf, LeaseBook, type LeaseTerm } from "./lease_book.ts";
import { leaseState, RedisMonitor } from "./redis_monitor.ts";
import { ScaledTime } from "./scaled_time.ts";
import { allFoundBySearch } from "./simulator_search.ts";
import { waitUntil } from "./wait_until.ts";

export interface FleetWorldOptions {
  /** How many times faster time runs. */
  readonly scale: number;
  /** In milliseconds of that time. */
  readonly lease: { readonly ttlMs: number; readonly renewMs: number; readonly beatMs: number };
  readonly repair: "off" | "auto";
  /** Whether the instances' clocks are to be moved. */
  readonly hasClocks: boolean;
  readonly seed: number;
}

/** What became of it. */
export interface FleetVerdict {
  readonly sent: number;
  /** Tweets that nobody has. */
  readonly missing: number;
  /** How long nobody listened, in milliseconds of the world's time. */
  readonly silentMs: number;
  readonly terms: number;
  readonly wrong: readonly string[];
}

const INSTANCES = 3;
/** Tweets a second of the system's clock. */
const RATE = 50;
/** Nothing of X is in the way of whoever is to be judged. */
const MANY = 1_000_000;
const CAPS = { connections: 10, connects: MANY, ruleReads: MANY, ruleChanges: MANY, searches: MANY, otherCalls: MANY };
/** Enough for every gap, and for all of them. */
const PURSE = ["--gap-repair-max-usd", "1000", "--gap-repair-max-usd-a-day", "100000"];
/** How long something takes in real time at most, on a machine that does other things. */
const PATIENCE_REAL_MS = 90_000;
/** What two processes may differ in for one instant, and how late a request may be seen, in real time. */
const SLACK_REAL_MS = 250;
const REQUEST_REAL_MS = 50;
/** What a new holder may take for itself beyond the wait that is promised, beside what the machine is late, in real time. */
const TAKING_REAL_MS = 1_500;
/** How long, in real time, a tweet may be on its way from the stream to the journal's note that it is delivered. */
const IN_FLIGHT_REAL_MS = 1_000;
/** From this age on search finds everything. */
const INDEXED_MS = 40_000;

export class FleetWorld implements AsyncDisposable {
  readonly options: FleetWorldOptions;
  readonly time: ScaledTime;
  readonly simulator: Simulator;
  readonly redis: FleetRedis;
  readonly instances: readonly FleetInstance[];
  readonly folder: string;
  readonly #book: LeaseBook;
  readonly #turns: Turns;
  readonly #dues: Due[] = [];
  readonly #late = new LateTimers();
  readonly #parts: AsyncDisposableStack;
  #witness = "";
  #isSomebodyNew = true;

  private constructor(
    options: FleetWorldOptions,
    parts: Pick<FleetWorld, "time" | "simulator" | "redis" | "instances" | "folder">,
    judging: { readonly book: LeaseBook; readonly turns: Turns; readonly stack: AsyncDisposableStack },
  ) {
    this.options = options;
    this.time = parts.time;
    this.simulator = parts.simulator;
    this.redis = parts.redis;
    this.instances = parts.instances;
    this.folder = parts.folder;
    this.#book = judging.book;
    this.#turns = judging.turns;
    this.#parts = judging.stack;
  }

  /** Starts everything, and waits until one reads and two stand by. */
  static async start(options: FleetWorldOptions): Promise<FleetWorld> {
    await using opening = new AsyncDisposableStack();
    const time = new ScaledTime(options.scale);
    const folder = await Deno.makeTempDir({ prefix: "traptor-test-" });
    opening.defer(() => Deno.remove(folder, { recursive: true }));
    const simulator = await startSimulator({
      rate: RATE / options.scale,
      seed: options.seed,
      clock: time,
      recordLines: false,
      caps: CAPS,
    });
    opening.defer(() => simulator.close());
    const redis = opening.use(await FleetRedis.start());
    const key = `traptor:lease:${await appOf(simulator.token)}`;
    const book = new LeaseBook(key);
    opening.use(
      await RedisMonitor.start({
        port: redis.port,
        onCommand: (command) => book.hear(command),
        onListening: async () => book.learn(await leaseState(redis.port, key)),
      }),
    );
    const turns = new Turns();
    const instances = Array.from({ length: INSTANCES }, (_, number) =>
      opening.use(
        new FleetInstance({
          folder: `${folder}/${number + 1}`,
          simulator,
          turns,
          redisPort: redis.port,
          args: argumentsOf(options, time),
          hasClock: options.hasClocks,
        }),
      ));
    const parts = { time, simulator, redis, instances, folder };
    const world = new FleetWorld(options, parts, { book, turns, stack: opening.move() });
    try {
      for (const instance of instances) instance.start();
      for (const instance of instances) await instance.named();
      await world.#passes(() => world.#isKnown(), "somebody reads, and knows its connection at X");
      // X tells the second in which a connection began, by which an instance may know its own: ours is of another one.
      await time.pause(2_000);
      await world.#watch();
      await world.allWell();
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
    return world;
  }

  /** Who has the lease, and reads. */
  get holder(): FleetInstance | undefined {
    const term = this.#book.validAt(Date.now());
    return this.instances.find(({ front, id }) => term && id === instanceOf(term) && front.isConnected);
  }

  /** The terms of the lease until now. */
  get terms(): readonly LeaseTerm[] {
    return this.#book.terms;
  }

  /** Who reads, and the others. */
  roles(): { readonly holder: FleetInstance; readonly standbys: readonly FleetInstance[] } {
    const { holder } = this;
    if (!holder) throw new Error("nobody reads");
    return { holder, standbys: this.instances.filter((instance) => instance !== holder) };
  }

  /** From now on somebody has to begin to read within so long. */
  due(what: string, withinMs: number): void {
    this.#dues.push({ what, at: this.time.now(), withinMs });
  }

  async kill(instance: FleetInstance): Promise<void> {
    await instance.kill(this.time.now());
  }

  start(instance: FleetInstance): void {
    instance.start();
    this.#isSomebodyNew = true;
  }

  /** Waits until so many more tweets are posted. */
  async morePosted(tweets: number): Promise<void> {
    const before = this.#posted;
    await this.#passes(() => this.#posted >= before + tweets, `${tweets} more tweets are posted`);
  }

  /** Waits until somebody reads, and nobody else. */
  async someoneReads(): Promise<void> {
    await this.#passes(
      () => this.holder && this.instances.filter(({ front }) => front.isConnected).length === 1,
      "one instance reads, and no other",
    );
  }

  /** Waits until one reads and two stand by, and each of them may take over. */
  async allWell(): Promise<void> {
    await this.someoneReads();
    const isThere = async ({ pid }: FleetInstance) => (await this.#roster()).includes(`"pid":${pid},`);
    for (const instance of this.instances) {
      await this.#passes(() => isThere(instance), "all instances are in the roster");
    }
    const { beatMs, ttlMs } = this.options.lease;
    if (this.#isSomebodyNew) await this.time.pause(ttlMs + beatMs);
    this.#isSomebodyNew = false;
    await this.someoneReads();
    await this.morePosted(10);
  }

  /** What there is comes to rest, the instances are stopped, and all is judged. */
  async finish(): Promise<FleetVerdict> {
    await this.allWell();
    this.simulator.pause();
    const pausedAt = this.time.now();
    const { holder } = this.roles();
    const id = holder.front.connections.at(-1)?.id;
    const last = this.simulator.sent().findLast(({ connection }) => connection === id)!.id;
    const arrives = async () => (await holder.lines()).some((line) => line.includes(last));
    await this.#passes(arrives, "the last tweet arrives", 250);
    if (this.options.repair === "auto") {
      await this.time.pause(INDEXED_MS);
      await this.#passes(() => this.#isRepaired(), "gaps are repaired", 1_000);
    }
    const found = this.options.repair === "auto" ? await allFoundBySearch(this.simulator, this.time) : [];
    for (const instance of this.#standbysFirst()) await instance.stop();
    return await this.#judge(pausedAt, new Set(found.map((tweet) => tweet.id)));
  }

  /** Copies all that the instances wrote, and what the referee knows, for a person to look at. */
  async keep(folder: string): Promise<void> {
    await Deno.mkdir(folder, { recursive: true });
    await new Deno.Command("cp", { args: ["-r", `${this.folder}/.`, folder] }).output();
    const known = {
      terms: this.#book.terms,
      dues: this.#dues,
      connections: this.simulator.connections(),
      instances: this.instances.map(({ deaf, front, id }) => ({ id, deaf, requests: front.requests })),
    };
    await Deno.writeTextFile(`${folder}/referee.json`, JSON.stringify(known, null, 1));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#late[Symbol.dispose]();
    await this.#parts.disposeAsync();
  }

  async #judge(pausedAt: number, found: ReadonlySet<string>): Promise<FleetVerdict> {
    const { options: { lease, scale }, simulator } = this;
    const instances = [];
    const unbalanced = [];
    for (const instance of this.instances) {
      instances.push(await instance.facts());
      unbalanced.push(await instance.unbalanced() ?? []);
    }
    const takingMs = (TAKING_REAL_MS + this.#late.worstMs) * scale;
    const began = Math.min(...instances.flatMap(({ connections }) => connections.map(({ at }) => at)));
    const facts: ListeningFacts = {
      instances,
      sent: simulator.sent(),
      found,
      dues: this.#dues.map((due) => ({ ...due, withinMs: due.withinMs + takingMs })),
      judged: { from: began, to: pausedAt },
      slackMs: SLACK_REAL_MS * scale,
      inFlightMs: IN_FLIGHT_REAL_MS * scale,
      // Who is cut off from Redis tells nobody any more that it reads, and does so for as long as its lease is valid.
      excessMs: lease.ttlMs + lease.beatMs + SLACK_REAL_MS * scale,
    };
    const requests = this.instances.flatMap(({ front, id }) =>
      front.requests.map((request) => ({ ...request, instance: id }))
    );
    return {
      sent: facts.sent.filter(({ connection }) => connection === this.#witness).length,
      missing: missingTweets(facts).size,
      silentMs: silences(facts).reduce((sum, { from, to }) => sum + to - from, 0),
      terms: this.#book.terms.length,
      wrong: [
        ...wrongOwnership({ terms: this.#book.terms, requests, slackMs: REQUEST_REAL_MS }),
        ...wrongListening(facts),
        ...unbalanced.flat(),
      ],
    };
  }

  /** Whether nothing is to be done about any gap: a person alone decides about those of stops. */
  async #isRepaired(): Promise<boolean> {
    const all = await Promise.all(this.instances.map((instance) => instance.facts()));
    return all.every(({ gaps }) =>
      gaps.every(({ cause, state }) => cause === "stopped" || state === "closed" || state === "unrecoverable")
    );
  }

  /** Whether the holder has asked X which connection is its own. */
  #isKnown(): boolean {
    const asked = this.holder?.front.requests.find(({ method, path }) => method === "GET" && path === "/2/connections");
    return asked?.endedAt !== undefined;
  }

  #standbysFirst(): FleetInstance[] {
    const { holder, standbys } = this.roles();
    return [...standbys, holder];
  }

  get #posted(): number {
    return this.simulator.sent().filter(({ connection }) => connection === this.#witness).length;
  }

  async #roster(): Promise<string> {
    return await this.redis.commands(["HGETALL", "traptor:instances"]);
  }

  /** Lets somebody read who belongs to nobody. */
  async #watch(): Promise<void> {
    const { simulator } = this;
    const headers = { authorization: `Bearer ${simulator.token}` };
    const answer = await this.#turns.next(async () => {
      const before = simulator.connections().length;
      const response = await fetch(`${simulator.url}/2/tweets/search/stream`, { headers });
      this.#witness = simulator.connections()[before]?.id ?? "";
      return response;
    });
    // It ends with the simulator.
    answer.body!.pipeTo(new WritableStream()).catch(() => {});
  }

  /** Waits for something that instances which run bring about. */
  async #passes(look: () => unknown, what: string, everyMs = 20): Promise<void> {
    const deserted = () => this.instances.find((instance) => instance.deserted !== undefined)?.deserted;
    await waitUntil(() => deserted() !== undefined || look(), { what, withinMs: PATIENCE_REAL_MS, everyMs });
    if (deserted() !== undefined) throw new Error(deserted());
  }
}

function argumentsOf({ lease, repair }: FleetWorldOptions, time: ScaledTime): string[] {
  const seconds = (ms: number) => `${ms}ms`;
  return [
    ...["--lease-ttl", seconds(lease.ttlMs), "--lease-renew", seconds(lease.renewMs)],
    ...["--heartbeat-interval", seconds(lease.beatMs), "--gap-repair", repair, ...PURSE, ...time.args],
  ];
}

/** The name of a token's app in Redis. */
async function appOf(token: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token)));
  return hash.toHex().slice(0, 12);
}
