/**
 * Whatever repairs gaps, with a real journal and the real client of X's search, against a simulator whose clock stands
 * still until the test moves it on. What the stream would have sent is asked of the simulator itself, which knows.
 *
 * @module
 */
import { type EventName, Events } from "../../src/base/events.ts";
import { systemRandom } from "../../src/base/random.ts";
import { GapRepair, type GapRepairOptions } from "../../src/collector/gap_repair.ts";
import { Intake } from "../../src/collector/intake.ts";
import type { Gap } from "../../src/journal/gaps.ts";
import { Tagger } from "../../src/match/tagger.ts";
import { DOLLAR } from "../../src/model/prices.ts";
import { DEFAULT_TRANSLATION } from "../../src/model/query.ts";
import { readRule, type Rule } from "../../src/model/rule.ts";
import { wantedQueries, wireRuleOf } from "../../src/model/wire_rules.ts";
import { Counters } from "../../src/observe/counters.ts";
import { ConnectBudget } from "../../src/stream/connect_budget.ts";
import { Token } from "../../src/stream/token.ts";
import { openTransport, type Transport } from "../../src/stream/transport.ts";
import { TwitterSearch } from "../../src/stream/twitter_search.ts";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../src/simulate/simulator.ts";
import { GapRegister, writeGapOf } from "./gap_register.ts";
import { JournalFile } from "./journal_file.ts";
import { PastOfX } from "./past_of_x.ts";

export const FIELDS = {
  "tweet.fields": "author_id,created_at,entities,referenced_tweets,note_tweet,attachments,geo,lang,in_reply_to_user_id",
  expansions: "author_id,referenced_tweets.id,referenced_tweets.id.author_id,geo.place_id,attachments.media_keys",
  "user.fields": "username",
};

export interface BenchOptions {
  readonly rules: readonly string[];
  readonly simulator?: SimulatorOptions;
  readonly repair?: Partial<Pick<GapRepairOptions, "mode" | "mostPerGap" | "mostPerDay" | "searchLength">>;
  /** Whether X has answered anything yet to the client; default true. */
  readonly hasHeardOfX?: boolean;
  /** Whether the app may ask X to send again what was missed. */
  readonly hasRecovery?: boolean;
}

/** How far time is moved on at once: much less than a request may take. */
const STEP_MS = 5_000;

/** One of them, with its simulator. Use it with `await using`. */
export class RepairBench implements AsyncDisposable {
  readonly file: JournalFile;
  readonly simulator: Simulator;
  readonly rules: readonly Rule[];
  readonly register: GapRegister;
  /** What was asked of X's search, as `path?query`, and what it was answered. */
  readonly asked: { readonly path: string; readonly status: number }[] = [];
  /** What the next requests of search are answered instead of what the simulator says: 0 is a cut, 200 what it says. */
  answers: number[] = [];
  /** How many of the next recoveries of the stream are cut before their end. */
  cuts = 0;
  /** What was told, in the words of the log. */
  readonly told: (readonly [EventName, unknown])[] = [];
  /** What the simulator knows of the past, by its clock. */
  readonly past: PastOfX;
  /** How far X's clock is ahead. */
  readonly aheadMs: number;
  readonly #options: BenchOptions;
  #transport: Transport;
  #inFlight = 0;
  #stop = new AbortController();
  #running: Promise<void> | undefined;
  /** The rules at X. */
  #atX: readonly { readonly id: string; readonly value: string }[] = [];

  private constructor(file: JournalFile, simulator: Simulator, options: BenchOptions) {
    this.file = file;
    this.simulator = simulator;
    this.#options = options;
    this.aheadMs = options.simulator?.clockSkewMs ?? 0;
    this.rules = options.rules.map((value) => readRule(value, { type: "query", id: 0 }));
    this.register = new GapRegister(file);
    this.past = new PastOfX(simulator);
    this.#transport = openTransport({ apiUrl: simulator.url, userAgent: "test", clock: file.clock });
  }

  /** Starts a simulator in which tweets for these rules are posted from now on. */
  static async start(options: BenchOptions): Promise<RepairBench> {
    const file = new JournalFile(["file"]);
    // That the past can be read from the stream helps the test: whether the app may is the option `hasRecovery`.
    const caps = { recoveries: 2, backfillMinutes: 5, ...options.simulator?.caps };
    const simulator = await startSimulator({ clock: file.clock, rate: 1, ...options.simulator, caps });
    const bench = new RepairBench(file, simulator, options);
    const add = bench.rules.map(({ value }) => ({ value }));
    const added = await bench.past.ask("/2/tweets/search/stream/rules", {
      method: "POST",
      body: JSON.stringify({ add }),
    });
    await added.body?.cancel();
    bench.#atX = (await (await bench.past.ask("/2/tweets/search/stream/rules")).json()).data;
    const stream = await bench.past.ask("/2/tweets/search/stream");
    await stream.body!.cancel();
    if (options.hasHeardOfX ?? true) await bench.hearOfX();
    return bench;
  }

  /** A gap that lasts for so long, while tweets are posted, as they are before and after it. */
  async gap(parts: { readonly lastsMs: number; readonly cause?: "stopped" | "connection_lost" }): Promise<number> {
    await this.file.clock.advance(20_000);
    const { cause = "connection_lost", lastsMs } = parts;
    await this.file.clock.advance(lastsMs);
    const number = writeGapOf(this.file, { began: -lastsMs, ended: 0, cause, rules: this.rules });
    await this.file.clock.advance(10_000);
    this.simulator.pause();
    return number;
  }

  /** Repairs from now on, until the bench is stopped. */
  run(own: Partial<GapRepairOptions> = {}): GapRepair {
    const { clock, journal } = this.file;
    const { hasRecovery, repair } = this.#options;
    const events = this.#events();
    const transport: Transport = this.#watched();
    const token = new Token(this.simulator.token);
    const tagger = new Tagger({ installation: "0a1b2c3d", clock });
    const wanted = wantedQueries(this.rules, (_rule, fault) => {
      throw fault;
    });
    tagger.want(wanted);
    tagger.hold(new Map(this.#atX.map(({ id, value }) => [id, wireRuleOf([wanted.byValue.get(value)!])])));
    const counters = new Counters(() => clock.now());
    const request = { transport, token, clock, events, fields: FIELDS, stallMs: 45_000, connectTimeoutMs: 30_000 };
    const gapRepair = new GapRepair({
      intake: new Intake({
        ...{ backlog: journal, clock, counters, events, rateLimit: undefined, tagger, whenFull: "pause" },
      }),
      askedFor: ["stopped"],
      ...{ clock, events, journal, mode: "auto", mostPerGap: 50 * DOLLAR, mostPerDay: 100 * DOLLAR },
      random: systemRandom,
      search: new TwitterSearch(token, { transport, clock, fields: FIELDS }),
      searchLength: 512,
      rulesNow: () => this.rules,
      translation: DEFAULT_TRANSLATION,
      recovery: hasRecovery ? { ...request, budget: new ConnectBudget(clock) } : undefined,
      ...repair,
      ...own,
    });
    this.#stop = new AbortController();
    this.#running = gapRepair.run(this.#stop.signal).catch((error) => {
      if (!this.#stop.signal.aborted) throw error;
    });
    this.#running.catch(() => {});
    return gapRepair;
  }

  /** X answers something to the client, as it does to whoever connects. */
  async hearOfX(): Promise<void> {
    const headers = { authorization: `Bearer ${this.simulator.token}` };
    const answer = await this.#transport.fetch("/2/tweets/search/stream/rules", { headers });
    await answer.body?.cancel();
  }

  /** Ends repairing. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error("stopped"));
    await this.#running;
    this.#running = undefined;
  }

  /** Moves time on until something is true; while X is asked time stands still. */
  async until(look: () => boolean, what: string, mostMs = 3_600_000): Promise<void> {
    const { clock } = this.file;
    const end = clock.now() + mostMs;
    while (!look()) {
      if (clock.now() > end) throw new Error(`${what}: not within ${mostMs} ms\n${this.words}`);
      if (this.#inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 1));
      else await clock.advance(STEP_MS);
    }
  }

  /** Waits until nothing more is done about a gap by itself. */
  async repaired(number: number): Promise<Gap> {
    const isOver = () => {
      const { outcome, state } = this.register.gap(number);
      return state === "closed" || state === "unrecoverable" || (state === "open" && outcome !== "");
    };
    await this.until(isOver, `gap ${number} is repaired`);
    return this.register.gap(number);
  }

  /** Waits until a gap is closed, also if that has to be put off. */
  async closed(number: number): Promise<Gap> {
    await this.until(() => this.register.gap(number).state === "closed", `gap ${number} is closed`);
    return this.register.gap(number);
  }

  /** What was accepted, oldest first. */
  // deno-lint-ignore no-explicit-any
  get records(): any[] {
    const { journal } = this.file;
    journal.settle();
    return journal.read("file", journal.positionOf("file"), { records: 1e6, bytes: 1e9 }).map(({ record }) =>
      JSON.parse(new TextDecoder().decode(record.value))
    );
  }

  /** What was told, for who reads a failure. */
  get words(): string {
    return this.told.map(([name, fields]) => `${name} ${JSON.stringify(fields)}`).join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.#transport.close();
    await this.simulator.close();
    this.file[Symbol.dispose]();
  }

  #events(): Events {
    const events = new Events();
    events.listen((event) => {
      if (event.name.startsWith("gap_")) this.told.push([event.name, event.fields]);
    });
    return events;
  }

  /** The way to X, which writes down what is searched for. */
  #watched(): Transport {
    const transport = this.#transport;
    return {
      get aheadMs() {
        return transport.aheadMs;
      },
      fetch: (path, request) => this.#fetch(path, request),
      close() {},
    };
  }

  async #fetch(path: string, request: RequestInit): Promise<Response> {
    this.#inFlight += 1;
    try {
      const isSearch = path.startsWith("/2/tweets/search/recent");
      const instead = isSearch ? this.answers.shift() ?? 200 : 200;
      if (instead !== 200) return answerOf(instead);
      const answer = await this.#transport.fetch(path, request);
      if (isSearch) this.asked.push({ path, status: answer.status });
      const isCut = !isSearch && path.includes("start_time=") && this.cuts > 0;
      if (!isSearch && !isCut) return answer;
      // A page is read whole before time goes on.
      const bytes = new Uint8Array(await answer.arrayBuffer());
      if (!isCut) return new Response(bytes, answer);
      this.cuts -= 1;
      return new Response(cutOff(bytes), answer);
    } finally {
      this.#inFlight -= 1;
    }
  }
}

/** An answer of X's that is none; throws for a cut. */
function answerOf(status: number): Response {
  if (status === 0) throw new TypeError("connection reset");
  if (status === 400) {
    const errors = [{ parameters: { query: ["..."] }, message: "There were errors processing your request: no" }];
    const detail = "One or more parameters to your request was invalid.";
    return Response.json({ errors, title: "Invalid Request", detail, type: "invalid-request" }, { status });
  }
  if (status !== 403) return new Response("<html>not now</html>", { status });
  const type = "https://api.x.com/2/problems/client-forbidden";
  return Response.json({ title: "Client Forbidden", detail: "Your tier has no search.", type }, { status });
}

/** A body that breaks in the middle of the given bytes, between two lines. */
function cutOff(bytes: Uint8Array): ReadableStream<Uint8Array> {
  const end = bytes.lastIndexOf("\n".charCodeAt(0), bytes.length / 2) + 1;
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes.slice(0, end));
    },
    pull(controller) {
      controller.error(new TypeError("connection reset"));
    },
  });
}
