/** What the gap register hears of a collector: with a real journal and a real stream, and X and the time in our hands. */

import { assertEquals } from "@std/assert";
import { type EmittedEvent, Events } from "../../../src/base/events.ts";
import { untilAborted } from "../../../src/base/signals.ts";
import { Collector, type CollectorEnd } from "../../../src/collector/collector.ts";
import { Intake } from "../../../src/collector/intake.ts";
import { SoleOwnership } from "../../../src/collector/ownership.ts";
import { RuleKeeping } from "../../../src/collector/rule_keeping.ts";
import { gapsIn } from "../../../src/journal/gaps.ts";
import { Tagger } from "../../../src/match/tagger.ts";
import { DEFAULT_TRANSLATION } from "../../../src/model/query.ts";
import type { Rule } from "../../../src/model/rule.ts";
import { Counters } from "../../../src/observe/counters.ts";
import { ConnectBudget } from "../../../src/stream/connect_budget.ts";
import { FilteredStream } from "../../../src/stream/filtered_stream.ts";
import { Token } from "../../../src/stream/token.ts";
import type { Transport } from "../../../src/stream/transport.ts";
import { XFailure } from "../../../src/stream/x_failure.ts";
import { settle } from "../../support/fake_clock.ts";
import { COFFEE_RULE as COFFEE, DENO_RULE as DENO, JournalFile } from "../../support/journal_file.ts";
import { RuleKeeperFake, RuleSourceFake } from "../../support/rule_keeper_fake.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const COMPARE_MS = 10 * MINUTE;
const NONE_HELD = "X holds none of our rules";

class Scene implements AsyncDisposable {
  readonly file = new JournalFile(["file"]);
  readonly keeper = new RuleKeeperFake();
  readonly events: EmittedEvent[] = [];
  /** Whether X lets us connect. */
  isUp = true;
  stream!: FilteredStream;
  readonly #began = this.file.clock.now();
  readonly #source = new RuleSourceFake();
  #stop = new AbortController();
  #running: Promise<CollectorEnd> | undefined;

  /** A process begins to collect, in the same journal. */
  async start(): Promise<void> {
    if (this.#running) this.file.open(["file"]);
    const { clock, journal } = this.file;
    const events = new Events();
    events.listen((event) => void this.events.push(event));
    const random = { fraction: () => 0, hex: () => "" };
    const tagger = new Tagger({ installation: "0a1b2c3d", clock });
    const counters = new Counters(() => clock.now());
    const transport: Transport = {
      aheadMs: 0,
      fetch: (_path, { signal }) => untilAborted(Promise.resolve(this.#answer()), signal!),
      close: () => {},
    };
    this.stream = new FilteredStream({
      ...{ clock, events, random, transport },
      budget: new ConnectBudget(clock),
      token: new Token("secret", () => Promise.resolve("secret")),
      hasWorked: () => true,
      stallMs: 45_000,
      connectTimeoutMs: 30_000,
      backfillMinutes: () => 0,
      fields: {},
      slot: {
        prepare: () => Promise.resolve(),
        learnOwn: () => Promise.resolve(),
        look: () => Promise.resolve({ holder: "by somebody" }),
      },
    });
    const collector = new Collector({
      rules: new RuleKeeping({
        source: this.#source,
        keeper: this.keeper,
        register: journal.listening,
        ...{ clock, events, random, tagger },
        rateLimit: undefined,
        hasWorked: () => journal.memory.hasWorked,
        translation: DEFAULT_TRANSLATION,
        compareMs: COMPARE_MS,
        rulesHint: "",
      }),
      stream: this.stream,
      intake: new Intake({
        ...{ backlog: journal, clock, counters, events, tagger },
        rateLimit: undefined,
        whenFull: "pause",
      }),
      backlog: journal,
      gaps: journal,
      outbox: { run: () => Promise.resolve() },
      companions: [],
      ownership: new SoleOwnership(),
      whileOwner: [],
      statistics: undefined,
      inherit: () => {},
      ...{ clock, counters, events },
    });
    this.#stop = new AbortController();
    this.#running = collector.run(this.#stop.signal);
    await settle();
  }

  async want(...rules: Rule[]): Promise<void> {
    this.#source.give(rules);
    await this.pass(100);
  }

  /** Time goes on. */
  async pass(ms: number): Promise<void> {
    await this.file.clock.advance(ms);
  }

  /** Somebody stops it. */
  async end(): Promise<void> {
    this.#stop.abort("SIGTERM");
    await this.#running;
  }

  /** All gaps, in seconds since the beginning. */
  get gaps(): unknown[] {
    this.file.journal.settle();
    const gaps = this.file.journal.use((database) => [...gapsIn(database)]);
    const shown = (at: number | undefined) => at === undefined ? undefined : Math.round((at - this.#began) / 1_000);
    return gaps.map(({ beganAt, cause, endedAt }) => [cause, shown(beganAt), shown(endedAt)]);
  }

  get told(): number {
    return this.events.filter(({ name }) => name === "rules_missing").length;
  }

  get state(): unknown[] {
    return [this.stream.status.state, this.stream.status.reason];
  }

  /** A connection that stands, with a keep-alive every 20 s. */
  #answer(): Response {
    if (!this.isUp) return new Response("", { status: 503 });
    const { clock } = this.file;
    let cancel = () => {};
    const beat = (body: ReadableStreamDefaultController<Uint8Array>) => {
      body.enqueue(new TextEncoder().encode("\r\n"));
      cancel = clock.after(20_000, () => beat(body));
    };
    return new Response(new ReadableStream({ start: beat, cancel: () => cancel() }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort("the end of the test");
    await this.#running?.catch(() => {});
    this.file[Symbol.dispose]();
  }
}

Deno.test("rules that somebody has deleted at X, all of them, are a gap from the last sign of life, a line and a state", async () => {
  await using scene = new Scene();
  await scene.start();
  scene.keeper.isManual = true;
  scene.keeper.atX.add("deno");
  await scene.want(DENO);
  assertEquals([scene.state, scene.gaps, scene.told], [["idle", undefined], [], 0]);
  scene.keeper.atX.clear();
  await scene.pass(COMPARE_MS);
  assertEquals(scene.state, ["waiting_for_rules", NONE_HELD]);
  assertEquals([scene.gaps, scene.told], [[["rules_uncovered", 0, 600], ["rules_missing", 580, undefined]], 1]);
  await scene.pass(2 * COMPARE_MS);
  scene.keeper.atX.add("deno");
  await scene.pass(COMPARE_MS);
  assertEquals([scene.state, scene.told], [["idle", undefined], 1]);
  assertEquals(scene.gaps, [["rules_uncovered", 0, 600], ["rules_missing", 580, 2_400]]);
});

Deno.test("where X never held a rule and nothing was ever heard, that is told, and is no gap", async () => {
  await using scene = new Scene();
  await scene.start();
  assertEquals(scene.state, ["waiting_for_rules", undefined]);
  scene.keeper.isManual = true;
  await scene.want(DENO);
  await scene.pass(29_000);
  assertEquals([scene.state, scene.told], [["waiting_for_rules", undefined], 0]);
  await scene.pass(1_000);
  assertEquals([scene.state, scene.told], [["waiting_for_rules", NONE_HELD], 1]);
  await scene.pass(3 * COMPARE_MS);
  await scene.end();
  assertEquals([scene.gaps, scene.told], [[], 1]);
});

Deno.test("the first rules after none that cannot be brought to X are a gap from then on, also where it is stopped", async () => {
  await using scene = new Scene();
  await scene.start();
  await scene.want(DENO);
  await scene.want();
  await scene.pass(24 * HOUR);
  assertEquals([scene.gaps, scene.state], [[], ["waiting_for_rules", undefined]]);
  scene.keeper.failure = new XFailure("http", "503");
  await scene.want(DENO);
  await scene.pass(20_000);
  assertEquals(scene.gaps, []);
  await scene.pass(40_000);
  assertEquals([scene.gaps, scene.told], [[["rules_missing", 86_400, undefined]], 1]);
  await scene.end();
  assertEquals(scene.gaps, [["rules_missing", 86_400, 86_460], ["stopped", 86_460, undefined]]);
});

Deno.test("a process that ends without a word while the first rules after none are on their way leaves a gap from then on", async () => {
  await using scene = new Scene();
  await scene.start();
  await scene.want(DENO);
  await scene.want();
  await scene.pass(HOUR);
  scene.keeper.failure = new XFailure("http", "503");
  await scene.want(DENO);
  await scene.pass(10_000);
  // Ended by closing the file.
  scene.file.open(["file"]);
  assertEquals(scene.gaps, [["crashed", 3_600, undefined]]);
});

Deno.test("a connect that fails after a day without rules begins its gap at the connect, not a day before", async () => {
  await using scene = new Scene();
  await scene.start();
  await scene.want(DENO);
  await scene.want();
  await scene.pass(24 * HOUR);
  scene.isUp = false;
  await scene.want(DENO);
  assertEquals(scene.gaps, [["not_connected", 86_400, undefined]]);
});

Deno.test("a gap is over when nothing is wanted any more, though X cannot be reached, and the stream is closed then", async () => {
  await using scene = new Scene();
  await scene.start();
  scene.isUp = false;
  await scene.want(DENO);
  await scene.pass(HOUR);
  scene.keeper.failure = new XFailure("http", "503");
  await scene.want();
  await scene.pass(24 * HOUR);
  assertEquals([scene.gaps, scene.state], [[["not_connected", 0, 3_600]], ["waiting_for_rules", undefined]]);
  await scene.end();
  assertEquals(scene.gaps, [["not_connected", 0, 3_600]]);
});

Deno.test("a gap of a stop goes on at the next start until something is heard, or it is known that nothing is wanted", async () => {
  await using scene = new Scene();
  await scene.start();
  await scene.want(DENO);
  await scene.end();
  await scene.pass(HOUR);
  await scene.start();
  await scene.pass(MINUTE);
  assertEquals(scene.gaps, [["stopped", 0, undefined]]);
  await scene.want(DENO);
  assertEquals(scene.gaps, [["stopped", 0, 3_660]]);
  await scene.end();
  await scene.start();
  await scene.want();
  await scene.pass(HOUR);
  assertEquals(scene.gaps.slice(1), [["stopped", 3_660, 3_660]]);
});

Deno.test("a night after a stop is a gap of the stop, though one lasted already", async () => {
  await using scene = new Scene();
  await scene.start();
  scene.isUp = false;
  await scene.want(DENO);
  await scene.pass(MINUTE);
  await scene.end();
  await scene.pass(10 * HOUR);
  scene.isUp = true;
  await scene.start();
  await scene.want(DENO);
  assertEquals(scene.gaps, [["not_connected", 0, 60], ["stopped", 60, 36_060]]);
});

Deno.test("a process that ends without a word leaves what X did not hold until then as a gap of its own", async () => {
  for (const [lasted, uncovered] of [[20_000, []], [10 * MINUTE, [["rules_uncovered", 60, 660]]]] as const) {
    await using scene = new Scene();
    await scene.start();
    await scene.want(DENO);
    await scene.pass(MINUTE);
    scene.keeper.failure = new XFailure("http", "503");
    await scene.want(DENO, COFFEE);
    await scene.pass(lasted);
    // Ended by closing the file.
    scene.file.open(["file"]);
    const crashed = 60 + lasted / 1_000;
    assertEquals(scene.gaps, [["crashed", crashed, undefined], ...uncovered]);
    scene.file.open(["file"]);
    assertEquals(scene.gaps.length, 1 + uncovered.length, "it is told once");
  }
});
