/**
 * A collector that delivers to a real Kafka and is hurt meanwhile, with a referee that knows everything: the simulator
 * in the test's process says what it sent on which connection, the journal says what was accepted, kcat says what is in
 * the topic (`delivery_verdict.ts` compares).
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { Sqlite } from "../../src/base/sqlite.ts";
import { type Simulator, startSimulator } from "../../src/simulate/simulator.ts";
import { AcceptedIds, checkConnections, type DeliveryVerdict, verdictOn } from "./delivery_verdict.ts";
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
  /** The collector's state directory; one in the world's own folder unless given. */
  readonly state?: string | undefined;
  /** Further arguments of the collector. */
  readonly args?: readonly string[];
}

/** Not one of X's limits is to stand in the way of hundreds of restarts. */
const CAPS = { connects: 1_000_000, ruleReads: 1_000_000, ruleChanges: 1_000_000, otherCalls: 1_000_000 };

export class DeliveryWorld implements AsyncDisposable {
  readonly #options: DeliveryWorldOptions;
  readonly #accepted = new AcceptedIds();
  readonly simulator: Simulator;
  readonly folder: string;
  #collector: Running | undefined;
  /** Whether the collector that was started last has ended, by itself or because it was told to. */
  #hasEnded = true;

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
    try {
      await world.startCollector();
      return world;
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
  }

  get collector(): Running {
    assert(this.#collector, "the collector is started");
    return this.#collector;
  }

  get state(): string {
    return this.#options.state ?? `${this.folder}/state`;
  }

  /** Starts the collector, and waits until it reads. */
  async startCollector(): Promise<void> {
    const { args = [], bootstrap, topic } = this.#options;
    const collector = startTraptor([
      ...["--api-url", this.simulator.url, "--rules", `file:${this.folder}/rules.txt`, "--state-dir", this.state],
      ...["--sink", "kafka", "--kafka-hosts", bootstrap, "--kafka-topic", topic, ...args],
    ], { cwd: this.folder, env: { BEARER_TOKEN: this.simulator.token } });
    this.#collector = collector;
    this.#hasEnded = false;
    collector.ended.then(() => {
      if (this.#collector === collector) this.#hasEnded = true;
    });
    await collector.says(/Connected to X's filtered stream/);
  }

  async kill(): Promise<void> {
    this.#refuseEnded();
    await this.collector.end("SIGKILL");
  }

  /** How many more tweets are sent is waited for. */
  async moreSent(tweets: number): Promise<void> {
    const before = this.simulator.sent().length;
    await this.#until(`${tweets} more tweets are sent`, () => this.simulator.sent().length >= before + tweets);
  }

  /** Does something, and waits until the collector has said something of it. */
  async saysAfter(pattern: RegExp, act: () => void | Promise<void>): Promise<void> {
    const { collector } = this;
    const before = collector.stderr.length;
    await act();
    await this.#until(`the collector says ${pattern}`, () => pattern.test(collector.stderr.slice(before)));
  }

  /** Takes down what was accepted until now: a small journal does not remember for long. */
  takeDown(): void {
    this.#look((journal) => this.#accepted.readOn(journal));
  }

  /**
   * Lets everything arrive, ends the collector in order, and compares what was sent, accepted and delivered. Throws
   * where they disagree; a tweet that is missing is in the verdict.
   */
  async finish(): Promise<DeliveryVerdict> {
    const { bootstrap, readFrom = bootstrap, topic } = this.#options;
    // Something is to come on the connection that stands now: what a killed one had on its way never comes.
    await this.moreSent(20);
    this.simulator.pause();
    const sent = this.simulator.sent();
    const last = sent.at(-1)!.id;
    await this.#until("everything is delivered", () => {
      this.takeDown();
      return this.#accepted.has(last) && this.waiting() === 0;
    });
    const { code, stderr } = await this.collector.end();
    assertEquals(code, 0, stderr);
    checkConnections(sent, this.#accepted);
    const arrived = (await consumeAll(readFrom, topic)).map(({ id }) => id);
    const verdict = verdictOn({ sent: sent.length, accepted: this.#accepted, arrived });
    if (verdict.missing.length === 0) await this.#checkVerify();
    return verdict;
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

  /** Waits for something that a collector which runs brings about. */
  async #until(what: string, look: () => boolean): Promise<void> {
    const { collector } = this;
    try {
      await waitUntil(() => this.#hasEnded || look(), { what, withinMs: 120_000, everyMs: 50 });
    } catch (error) {
      throw new Error(`${(error as Error).message}; the collector says:\n${collector.stderr}`, { cause: error });
    }
    this.#refuseEnded();
  }

  /** Whoever ends by itself needs somebody who starts it again. */
  #refuseEnded(): void {
    assert(!this.#hasEnded, `the collector has ended by itself:\n${this.collector.stderr}`);
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
