/**
 * A simulator in this process and a collector in one of its own, which is killed, stopped and started again on the same
 * state and the same files, while the stream is being hurt; and in the end all that is known about it.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { type Gap, gapsIn } from "../../src/journal/gaps.ts";
import { lookIntoJournal } from "../../src/journal/journal_reader.ts";
import { journalPath } from "../../src/journal/open_journal.ts";
import { type FaultName, type Simulator, startSimulator } from "../../src/simulate/simulator.ts";
import { linesBelow } from "./line_files.ts";
import { ScaledTime } from "./scaled_time.ts";
import { allFoundBySearch } from "./simulator_search.ts";
import { stateChangesIn, unfinishedStopsIn } from "./stream_log.ts";
import type { StreamFacts } from "./stream_verdict.ts";
import { type Running, runTraptor, startTraptor } from "./traptor.ts";
import type { TweetFacts } from "./tweet_verdict.ts";
import { waitUntil } from "./wait_until.ts";

export interface StreamWorldOptions {
  /** How many times faster time runs. */
  readonly scale: number;
  /** Tweets a second of that time. */
  readonly rate: number;
  readonly seed: number;
  /** Whether X compresses what it sends. */
  readonly gzip?: boolean;
  /** How far X's clock is ahead, in milliseconds. */
  readonly clockSkewMs?: number;
}

const RULES = "deno\ncoffee\n地震\n";

/** Enough for every gap, and for all of them. */
const PURSE = ["--gap-repair", "auto", "--gap-repair-max-usd", "1000", "--gap-repair-max-usd-a-day", "100000"];
const LOG = ["--log-file", "log.jsonl", "--log-json", "true", "--log-level", "DEBUG"];
const COLLECT = ["--sink", "file:tweets", "--state-dir", "state", "--status-listen", "off", ...PURSE, ...LOG];

/** How long, in real time, a tweet may be on its way from the stream to the journal's note that it is delivered. */
const IN_FLIGHT_REAL_MS = 1_000;
/** How much the clocks of two processes may differ in real time. */
const SLACK_REAL_MS = 2;
/** How long the simulator may take to note an end in real time, on a machine that does other things. */
const NOTING_REAL_MS = 100;
/** How far behind with its reading a collector may be in real time: pieces of a few bytes cost it a second. */
const BEHIND_REAL_MS = 3_000;
/** The longest that something takes to pass by itself: a connection that X takes for open for 20 minutes. */
const PASSES_MS = 40 * 60_000;
/** Real time that a collector may take for itself, on a machine that does other things. */
const PATIENCE_REAL_MS = 60_000;
/** What the system says of a process that did not take the signal itself. */
const KILLED_BY_SIGTERM = 143;
/** From this age on search finds everything. */
const INDEXED_MS = 40_000;

export class StreamWorld implements AsyncDisposable {
  readonly simulator: Simulator;
  readonly time: ScaledTime;
  readonly folder: string;
  readonly #aheadMs: number;
  readonly #kills: number[] = [];
  readonly #stalls: number[] = [];
  #collector: Running | undefined;
  #startedAt = 0;
  /** Why the collector ended though nobody told it to. */
  #deserted: string | undefined;

  private constructor(parts: { simulator: Simulator; time: ScaledTime; folder: string; aheadMs: number }) {
    this.simulator = parts.simulator;
    this.time = parts.time;
    this.folder = parts.folder;
    this.#aheadMs = parts.aheadMs;
  }

  /** Starts both, and waits until tweets come. */
  static async start({ scale, ...options }: StreamWorldOptions): Promise<StreamWorld> {
    const time = new ScaledTime(scale);
    const folder = await Deno.makeTempDir({ prefix: "traptor-test-" });
    const simulator = await startSimulator({
      ...options,
      clock: time,
      recordLines: false,
      // Repairing is limited by what is to be found, not by the number of searches.
      caps: { searches: 100_000 },
    });
    await Deno.writeTextFile(`${folder}/rules.txt`, RULES);
    const world = new StreamWorld({ simulator, time, folder, aheadMs: options.clockSkewMs ?? 0 });
    try {
      world.startCollector();
      await world.moreSent(1);
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
    return world;
  }

  /** The collector's process, where it runs since so many milliseconds of real time. */
  pidOlderThan(ms: number): number | undefined {
    return performance.now() - this.#startedAt >= ms ? this.#collector?.pid : undefined;
  }

  /** Whether a stream is open. */
  get isConnected(): boolean {
    return this.simulator.connections().some(({ closedAt, status }) => status === 200 && closedAt === undefined);
  }

  get kills(): number {
    return this.#kills.length;
  }

  fault(name: FaultName, ms?: number): void {
    if (name === "stall") this.#stalls.push(this.time.now());
    this.simulator.fault(name, ms);
  }

  startCollector(): void {
    const { folder, simulator, time } = this;
    const args = ["--api-url", simulator.url, "--rules", `file:${folder}/rules.txt`, ...COLLECT, ...time.args];
    const collector = startTraptor(args, { cwd: folder, env: { BEARER_TOKEN: simulator.token } });
    this.#collector = collector;
    this.#startedAt = performance.now();
    collector.ended.then(({ code, stderr }) => {
      if (this.#collector === collector) this.#deserted = `the collector ended by itself with ${code}: ${stderr}`;
    });
  }

  /** Ends the collector without a word. */
  async kill(): Promise<void> {
    const collector = this.#taken();
    this.#kills.push(this.time.now());
    await collector.end("SIGKILL");
  }

  /** Ends the collector in order; one that has only just been started may know nothing of signals yet. */
  async stop(): Promise<void> {
    const { code, stderr } = await this.#taken().end();
    if (code !== KILLED_BY_SIGTERM) assertEquals(code, 0, stderr);
  }

  /** Waits until so many more tweets are sent on an open connection. */
  async moreSent(tweets: number): Promise<void> {
    const before = this.#sentCount;
    await this.#passes(() => this.#sentCount >= before + tweets, `${tweets} more tweets are sent`);
  }

  /** What is wrong has passed, gaps are repaired, nothing is on its way any more; then the collector is stopped. */
  async settle(): Promise<void> {
    const { simulator, time } = this;
    await this.moreSent(20);
    simulator.pause();
    const pausedAt = time.now();
    await this.#passes(() => this.gaps().every(isSettled), "gaps are repaired");
    await this.#passes(() => time.now() - pausedAt > INDEXED_MS, "search finds everything");
    const last = simulator.sent().at(-1)!.id;
    const arrives = async () => (await linesBelow(`${this.folder}/tweets`)).some((line) => line.includes(last));
    await waitUntil(arrives, { what: "the last tweet arrives", withinMs: PATIENCE_REAL_MS, everyMs: 250 });
    await this.stop();
  }

  gaps(): Gap[] {
    return lookIntoJournal(journalPath(`${this.folder}/state`), (database) => [...gapsIn(database)]);
  }

  async tweetFacts(): Promise<TweetFacts & { readonly gaps: readonly Gap[] }> {
    const { simulator, time } = this;
    const records = (await linesBelow(`${this.folder}/tweets`)).map((line) => JSON.parse(line));
    const found = await allFoundBySearch(simulator, time);
    const unfinished = unfinishedStopsIn(await this.#log());
    return {
      sent: simulator.sent(),
      held: found.map((tweet) => ({ ...tweet, at: tweet.at - this.#aheadMs })),
      aheadMs: this.#aheadMs,
      arrived: records.map(({ data, traptor }) => ({ id: data.id, collectedAt: Date.parse(traptor.collected_at) })),
      gaps: this.gaps(),
      kills: [...this.#kills, ...unfinished],
      inFlightMs: IN_FLIGHT_REAL_MS * time.scale,
    };
  }

  async streamFacts(): Promise<StreamFacts> {
    return {
      processes: stateChangesIn(await this.#log()),
      connections: this.simulator.connections(),
      stalls: this.#stalls,
      slackMs: SLACK_REAL_MS * this.time.scale,
      notingMs: NOTING_REAL_MS * this.time.scale,
      behindMs: BEHIND_REAL_MS * this.time.scale,
    };
  }

  /** What `traptor verify` has to say against the files; undefined when it balances. */
  async unbalanced(): Promise<string | undefined> {
    const args = ["verify", "--sink", "file:tweets", "--state-dir", "state"];
    const { code, stderr, stdout } = await runTraptor(args, { cwd: this.folder });
    return code === 0 ? undefined : `traptor verify ended with ${code}:\n${stdout}${stderr}`;
  }

  /** Copies all that the collector wrote, and what the simulator saw, for a person to look at. */
  async keep(folder: string): Promise<void> {
    await Deno.mkdir(folder, { recursive: true });
    await new Deno.Command("cp", { args: ["-r", `${this.folder}/.`, folder] }).output();
    const seen = { kills: this.#kills, stalls: this.#stalls, connections: this.simulator.connections() };
    await Deno.writeTextFile(`${folder}/simulator.json`, JSON.stringify(seen, null, 1));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#collector?.[Symbol.asyncDispose]();
    await this.simulator.close();
    await Deno.remove(this.folder, { recursive: true });
  }

  #log(): Promise<string> {
    return Deno.readTextFile(`${this.folder}/log.jsonl`);
  }

  get #running(): Running {
    if (this.#deserted !== undefined) throw new Error(this.#deserted);
    if (!this.#collector) throw new RangeError("No collector is running");
    return this.#collector;
  }

  get #sentCount(): number {
    return this.simulator.forgotten() + this.simulator.sent().length;
  }

  /** The collector, which from now on may end. */
  #taken(): Running {
    const collector = this.#running;
    this.#collector = undefined;
    return collector;
  }

  async #passes(look: () => boolean, what: string): Promise<void> {
    const withinMs = PASSES_MS / this.time.scale + PATIENCE_REAL_MS;
    await waitUntil(() => this.#deserted !== undefined || look(), { what, withinMs, everyMs: 50 });
    if (this.#deserted !== undefined) throw new Error(this.#deserted);
  }
}

/** Whether nothing is to be done about a gap: a person alone decides about those of stops. */
function isSettled({ cause, endedAt, state }: Gap): boolean {
  return endedAt !== undefined && (cause === "stopped" || state === "closed" || state === "unrecoverable");
}
