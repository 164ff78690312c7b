/**
 * A collector that delivers to a real Kafka and is hurt meanwhile, with a referee that knows everything: the simulator
 * in the test's process says what it sent on which connection, the journal says what was accepted, kcat says what is in
 * the topic.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { Sqlite } from "../../src/base/sqlite.ts";
import { type Simulator, startSimulator } from "../../src/simulate/simulator.ts";
import { consumeAll } from "./kafka_records.ts";
import { type Running, runTraptor, startTraptor } from "./traptor.ts";
import { waitUntil } from "./wait_until.ts";

export interface DeliveryWorldOptions {
  /** `host:port` of the broker that the collector is told. */
  readonly bootstrap: string;
  /** The same for reading back, where the collector's way leads through something else. */
  readonly readFrom?: string;
  readonly topic: string;
  /** Tweets a second. */
  readonly rate: number;
  readonly seed: number;
  /** Further arguments of the collector. */
  readonly args?: readonly string[];
}

/** What became of everything, at the end. */
export interface DeliveryVerdict {
  readonly sent: number;
  readonly accepted: number;
  /** Ids that are in the topic more than once. */
  readonly twice: readonly string[];
}

/** Not one of X's limits is to stand in the way of hundreds of restarts. */
const CAPS = { connects: 1_000_000, ruleReads: 1_000_000, ruleChanges: 1_000_000, otherCalls: 1_000_000 };

export class DeliveryWorld implements AsyncDisposable {
  readonly #options: DeliveryWorldOptions;
  readonly simulator: Simulator;
  readonly folder: string;
  #collector: Running | undefined;

  private constructor(options: DeliveryWorldOptions, simulator: Simulator, folder: string) {
    this.#options = options;
    this.simulator = simulator;
    this.folder = folder;
  }

  static async start(options: DeliveryWorldOptions): Promise<DeliveryWorld> {
    const folder = await Deno.makeTempDir({ prefix: "traptor-test-" });
    await Deno.writeTextFile(`${folder}/rules.txt`, "deno\ncoffee\n地震\n");
    const simulator = await startSimulator({ rate: options.rate, seed: options.seed, caps: CAPS });
    const world = new DeliveryWorld(options, simulator, folder);
    await world.startCollector();
    return world;
  }

  get collector(): Running {
    assert(this.#collector, "the collector is started");
    return this.#collector;
  }

  get state(): string {
    return `${this.folder}/state`;
  }

  /** Starts the collector, and waits until it reads. */
  async startCollector(): Promise<void> {
    const { args = [], bootstrap, topic } = this.#options;
    this.#collector = startTraptor([
      ...["--api-url", this.simulator.url, "--rules", `file:${this.folder}/rules.txt`, "--state-dir", this.state],
      ...["--sink", "kafka", "--kafka-hosts", bootstrap, "--kafka-topic", topic, ...args],
    ], { cwd: this.folder, env: { BEARER_TOKEN: this.simulator.token } });
    await this.#collector.says(/Connected to X's filtered stream/);
  }

  async kill(): Promise<void> {
    await this.collector.end("SIGKILL");
  }

  /** How many more tweets are sent is waited for. */
  async moreSent(tweets: number): Promise<void> {
    const before = this.simulator.sent().length;
    await waitUntil(() => this.simulator.sent().length >= before + tweets, {
      what: `${tweets} more tweets are sent:\n${this.collector.stderr}`,
      withinMs: 120_000,
    });
  }

  /** Lets everything arrive, ends the collector in order, and compares what was sent, accepted and delivered. */
  async finish(): Promise<DeliveryVerdict> {
    const { bootstrap, readFrom = bootstrap, topic } = this.#options;
    // Something is to come on the connection that stands now: what a killed one had on its way never comes.
    await this.moreSent(20);
    this.simulator.pause();
    const last = this.simulator.sent().at(-1)!.id;
    await waitUntil(() => this.accepted().includes(last) && this.waiting() === 0, {
      what: "everything is delivered",
      withinMs: 120_000,
      everyMs: 500,
    });
    const { code, stderr } = await this.collector.end();
    assertEquals(code, 0, stderr);

    const accepted = new Set(this.accepted());
    this.#checkPrefixes(accepted);
    const arrived = Map.groupBy((await consumeAll(readFrom, topic)).map(({ id }) => id), (id) => id);
    const missing = [...accepted].filter((id) => !arrived.has(id));
    assertEquals(missing, [], `${missing.length} accepted tweets are not in the topic:\n${stderr}`);
    const foreign = [...arrived.keys()].filter((id) => !accepted.has(id));
    assertEquals(foreign, [], "whatever is in the topic was accepted");
    await this.#checkVerify();
    const twice = [...arrived].filter(([, times]) => times.length > 1).map(([id]) => id);
    return { sent: this.simulator.sent().length, accepted: accepted.size, twice };
  }

  /** The ids of all accepted tweets, in their order. */
  accepted(): string[] {
    return this.#look((journal) => journal.all<{ id: string }>("SELECT id FROM seen ORDER BY position"))
      .map(({ id }) => id);
  }

  /** How many records wait. */
  waiting(): number {
    return this.#look((journal) =>
      journal.get<{ waiting: number }>("SELECT count(*) AS waiting FROM records")!.waiting
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#collector?.[Symbol.asyncDispose]();
    await this.simulator.close();
    await Deno.remove(this.folder, { recursive: true });
  }

  #look<Result>(look: (journal: Sqlite) => Result): Result {
    const journal = new Sqlite(`${this.state}/journal.db`, { isReadOnly: true });
    try {
      return look(journal);
    } finally {
      journal.close();
    }
  }

  /** Of what was sent on a connection nothing is left out but its end: what a kill found on its way. */
  #checkPrefixes(accepted: ReadonlySet<string>): void {
    const connections = Map.groupBy(this.simulator.sent(), ({ connection }) => connection);
    const last = this.simulator.sent().at(-1)!.connection;
    for (const [connection, tweets] of connections) {
      const firstLost = tweets.findIndex(({ id }) => !accepted.has(id));
      if (firstLost < 0) continue;
      assert(connection !== last, "of the connection that was not killed everything is accepted");
      const later = tweets.slice(firstLost).filter(({ id }) => accepted.has(id));
      assertEquals(later, [], `connection ${connection} has a hole after ${firstLost} of ${tweets.length} tweets`);
    }
  }

  async #checkVerify(): Promise<void> {
    const { bootstrap, readFrom = bootstrap, topic } = this.#options;
    const { code, stdout, stderr } = await runTraptor([
      ...["verify", "--sink", "--state-dir", this.state],
      ...["--kafka-hosts", readFrom, "--kafka-topic", topic],
    ]);
    assertEquals(code, 0, `verify does not agree:\n${stdout}${stderr}`);
  }
}
