/**
 * Collectors as processes, one after the other in one folder, in fast time that they share with their simulator: for
 * tests of what is done about gaps.
 *
 * @module
 */
import { type Simulator, type SimulatorOptions, startSimulator } from "../../src/simulate/simulator.ts";
import { linesBelow } from "./line_files.ts";
import { PastOfX } from "./past_of_x.ts";
import { ScaledTime } from "./scaled_time.ts";
import { type Ended, type Running, runTraptor, startTraptor } from "./traptor.ts";
import { waitUntil } from "./wait_until.ts";

/** Time runs so many times faster: what is waited for before a repair, a minute, then lasts a second. */
const SCALE = 60;
/** In such time a busy machine is soon taken for a silent X. */
const PATIENCE = ["--stream-stall", "90s", "--stream-connect-timeout", "90s"];

export interface RepairingOptions {
  /** The rules, one a line. */
  readonly rules: readonly string[];
  readonly simulator?: SimulatorOptions;
  /** Arguments of every collector. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** One at a time. Use it with `await using`. */
export class Repairing implements AsyncDisposable {
  readonly time: ScaledTime;
  readonly simulator: Simulator;
  /** What the simulator knows of the past. */
  readonly past: PastOfX;
  readonly folder: string;
  collector: Running;
  readonly #options: RepairingOptions;
  #kills = 0;

  private constructor(time: ScaledTime, simulator: Simulator, folder: string, options: RepairingOptions) {
    this.time = time;
    this.simulator = simulator;
    this.past = new PastOfX(simulator);
    this.folder = folder;
    this.#options = options;
    this.collector = this.start();
  }

  /** Starts a simulator and a collector. */
  static async start(options: RepairingOptions): Promise<Repairing> {
    const folder = await Deno.makeTempDir({ prefix: "traptor-test-" });
    await Deno.writeTextFile(`${folder}/rules.txt`, options.rules.map((rule) => `${rule}\n`).join(""));
    const time = new ScaledTime(SCALE);
    // That the past can be read from the stream helps the test: whether the app may is a setting of the collector.
    const caps = { recoveries: 2, ...options.simulator?.caps };
    const simulator = await startSimulator({ clock: time, rate: 2, ...options.simulator, caps });
    return new Repairing(time, simulator, folder, options);
  }

  /** Starts a collector in the place of the one before. */
  start(...args: readonly string[]): Running {
    const { args: always = [], env } = this.#options;
    const place = ["--api-url", this.simulator.url, "--rules", "file:rules.txt", "--type", "query"];
    this.collector = startTraptor(
      [...place, "--sink", "file:tweets", "--state-dir", "state", ...this.time.args, ...PATIENCE, ...always, ...args],
      { cwd: this.folder, env: { BEARER_TOKEN: this.simulator.token, ...env } },
    );
    return this.collector;
  }

  /** Runs a command on what the collector has. */
  run(...args: readonly string[]): Promise<Ended> {
    return runTraptor([...args, "--state-dir", "state"], { cwd: this.folder });
  }

  /** The gap register. */
  // deno-lint-ignore no-explicit-any
  async gaps(): Promise<any[]> {
    const { stdout } = await this.run("gaps", "list", "--json");
    return stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  }

  /** Waits until a gap is as it has to be, and answers it. */
  // deno-lint-ignore no-explicit-any
  async gap(number: number, isRight: (gap: any) => boolean, what: string): Promise<any> {
    const find = async () => (await this.gaps()).find((gap) => gap.number === number && isRight(gap));
    const told = { what: `gap ${number} ${what}:\n${this.collector.stderr}`, withinMs: 60_000, everyMs: 200 };
    try {
      return await waitUntil(find, told);
    } catch (error) {
      throw new Error(`${JSON.stringify(await this.gaps(), null, 1)}\n${this.collector.stderr}`, { cause: error });
    }
  }

  /** Waits until so many more tweets have been sent on the stream. */
  async moreSent(tweets: number): Promise<void> {
    const before = this.simulator.sent().length;
    const isEnough = () => this.simulator.sent().length >= before + tweets;
    await waitUntil(isEnough, { what: `${tweets} more tweets:\n${this.collector.stderr}`, withinMs: 60_000 });
  }

  /** X is not there for a minute, in which people go on posting; then it is again. */
  async outage(): Promise<void> {
    this.simulator.fault("unavailable", 60_000);
    await this.time.pause(60_000);
    await this.moreSent(10);
  }

  /** How many searches X was asked for. */
  get searches(): number {
    return this.simulator.requests().filter(({ path }) => path === "/2/tweets/search/recent").length;
  }

  /**
   * What is in the sink, in its order. What was on its way to the sink at a kill is written again, and counts once; fails
   * where a tweet is there twice that was accepted twice.
   */
  // deno-lint-ignore no-explicit-any
  async records(): Promise<any[]> {
    const lines = await linesBelow(`${this.folder}/tweets`);
    const records = [...new Set(lines)].map((line) => JSON.parse(line));
    if (this.#kills === 0 && records.length < lines.length) {
      throw new Error("a record is written twice, without a kill");
    }
    const ids = new Set<string>();
    for (const { data: { id } } of records) {
      if (ids.has(id)) throw new Error(`tweet ${id} was accepted twice`);
      ids.add(id);
    }
    return records;
  }

  /** Kills the collector. */
  async kill(): Promise<void> {
    this.#kills += 1;
    await this.collector.end("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.collector[Symbol.asyncDispose]();
    await this.simulator.close();
    await Deno.remove(this.folder, { recursive: true });
  }
}
