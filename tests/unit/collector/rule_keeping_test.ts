/** When X does not hold what is wanted: what the gap register hears of it, and what counts as collected. */

import { assertEquals, assertRejects } from "@std/assert";
import { Events } from "../../../src/base/events.ts";
import { systemRandom } from "../../../src/base/random.ts";
import type { MissingInterval } from "../../../src/collector/missing_queries.ts";
import { RuleKeeping } from "../../../src/collector/rule_keeping.ts";
import { Tagger } from "../../../src/match/tagger.ts";
import { DEFAULT_TRANSLATION } from "../../../src/model/query.ts";
import type { Rule } from "../../../src/model/rule.ts";
import type { WantedQuery } from "../../../src/model/wire_rules.ts";
import { XFailure } from "../../../src/stream/x_failure.ts";
import { FakeClock, settle } from "../../support/fake_clock.ts";
import { COFFEE_RULE as COFFEE, DENO_RULE as DENO } from "../../support/journal_file.ts";
import { RuleKeeperFake, RuleSourceFake } from "../../support/rule_keeper_fake.ts";

const MINUTE = 60_000;
const COMPARE_MS = 10 * MINUTE;

class Scene implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly keeper = new RuleKeeperFake();
  readonly intervals: unknown[] = [];
  readonly collected: string[][] = [];
  /** What is kept for a process that ends without a word. */
  lasting: string[] = [];
  readonly keeping: RuleKeeping;
  readonly #began = this.clock.now();
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>;
  readonly #source = new RuleSourceFake();

  constructor(hasWorked = true) {
    const { clock } = this;
    this.keeping = new RuleKeeping({
      source: this.#source,
      keeper: this.keeper,
      tagger: new Tagger({ installation: "0a1b2c3d", clock }),
      rateLimit: undefined,
      register: {
        collect: (rules) => void this.collected.push(valuesOf(rules)),
        keepUncovered: (lasting) => void (this.lasting = lasting.map(({ rules }) => valuesOf(rules).join())),
        noteUncovered: (interval) => void this.intervals.push(this.#shown(interval)),
      },
      ...{ clock, events: new Events(), random: systemRandom, hasWorked: () => hasWorked },
      translation: DEFAULT_TRANSLATION,
      compareMs: COMPARE_MS,
      rulesHint: "",
    });
    void this.keeping.watch(this.#stop.signal);
    this.#running = this.keeping.keep(this.#stop.signal);
    this.#running.catch(() => {});
  }

  async want(...rules: Rule[]): Promise<void> {
    this.#source.give(rules);
    await settle();
  }

  /** Ends it; answers how that went. */
  end(): Promise<unknown> {
    this.#stop.abort("stopped");
    return this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end().catch(() => {});
  }

  /** Since the beginning, in seconds. */
  #shown({ detail, from, rules, to }: MissingInterval): unknown {
    const [begin, end] = [from, to].map((at) => Math.round((at - this.#began) / 1_000));
    return [begin, end, valuesOf(rules).join(), detail.split(/[,;]/)[0]];
  }
}

function valuesOf(rules: Iterable<Rule>): string[] {
  return [...rules].map(({ value }) => value);
}

const NEW = "they were new";
const GONE = "X did not hold them any more";
const NO_ROOM = "X had no room to hold them while others were changed";

Deno.test("a new rule that cannot be added for an hour is a gap of that rule, one that is added soon is none", async () => {
  await using scene = new Scene();
  await scene.want(DENO);
  scene.keeper.failure = new XFailure("http", "503");
  await scene.want(DENO, COFFEE);
  await scene.clock.advance(60 * MINUTE);
  assertEquals([scene.intervals, scene.lasting], [[], ["coffee"]]);
  scene.keeper.failure = undefined;
  await scene.clock.advance(scene.clock.nextInMs!);
  assertEquals(scene.intervals, [[0, Math.round(scene.clock.monotonic() / 1_000), "coffee", NEW]]);
  assertEquals(scene.lasting, []);
  await scene.want(DENO);
  scene.keeper.during = () => scene.clock.sleep(30_000);
  await scene.want(DENO, COFFEE);
  await scene.clock.advance(30_000);
  assertEquals([scene.intervals.length, scene.keeping.counts.held], [1, 2]);
});

Deno.test("a new rule is held as soon as X is seen to hold it, though others cannot be added", async () => {
  await using scene = new Scene();
  await scene.want();
  scene.keeper.failure = new XFailure("http", "503");
  await scene.want(DENO, COFFEE);
  await scene.clock.advance(MINUTE);
  scene.keeper.failure = undefined;
  scene.keeper.atX.add("deno");
  scene.keeper.during = () => Promise.reject(new XFailure("http", "503"));
  await scene.clock.advance(60 * MINUTE);
  assertEquals((scene.intervals as [number, number, string][]).map(([from, to, rules]) => [from, to < 600, rules]), [
    [0, true, "deno"],
  ]);
});

Deno.test("rules that somebody has deleted at X were missing since they were compared last, until they are back", async () => {
  await using scene = new Scene();
  await scene.want(DENO, COFFEE);
  await scene.clock.advance(COMPARE_MS);
  scene.keeper.atX.delete("coffee");
  await scene.clock.advance(COMPARE_MS - 1);
  assertEquals(scene.intervals, []);
  scene.keeper.during = () => scene.clock.sleep(5_000);
  await scene.clock.advance(1);
  await scene.clock.advance(5_000);
  assertEquals(scene.intervals, [[600, 1_205, "coffee", GONE]]);
});

Deno.test("where a person applies the rules, one that was deleted is missing until then; one that never was there is not", async () => {
  await using scene = new Scene();
  scene.keeper.isManual = true;
  scene.keeper.atX.add("deno");
  await scene.want(DENO, COFFEE);
  await scene.clock.advance(COMPARE_MS);
  scene.keeper.atX.add("coffee");
  await scene.clock.advance(COMPARE_MS);
  assertEquals(scene.intervals, []);
  scene.keeper.atX.delete("deno");
  await scene.clock.advance(2 * COMPARE_MS);
  scene.keeper.atX.add("deno");
  await scene.clock.advance(COMPARE_MS);
  assertEquals(scene.intervals, [[1_200, 3_000, "deno", GONE]]);
});

Deno.test("where X holds nothing any more, what was missing before nobody could listen is told at once", async () => {
  await using scene = new Scene();
  scene.keeper.isManual = true;
  scene.keeper.atX.add("deno");
  await scene.want(DENO);
  scene.keeper.atX.clear();
  await scene.clock.advance(COMPARE_MS);
  assertEquals([scene.intervals, scene.keeping.isAnyHeld], [[[0, 600, "deno", GONE]], false]);
  scene.keeper.atX.add("deno");
  await scene.clock.advance(COMPARE_MS);
  assertEquals(scene.intervals.slice(1), [[600, 1_200, "deno", GONE]]);
});

Deno.test("where X has no room to add before deleting, that is a gap however short, also where it fails then", async () => {
  await using scene = new Scene();
  await scene.want(DENO, COFFEE);
  scene.keeper.during = async (watch, wanted) => {
    watch.uncovered?.(new Set<WantedQuery>([wanted.byValue.get("coffee")!]));
    await scene.clock.sleep(2_000);
    scene.keeper.atX.delete("coffee");
    scene.keeper.during = undefined;
    throw new XFailure("http", "503");
  };
  await scene.clock.advance(COMPARE_MS + 2_000);
  await scene.clock.advance(scene.clock.nextInMs!);
  const to = Math.round(scene.clock.monotonic() / 1_000);
  assertEquals(scene.intervals, [[600, to, "coffee", NO_ROOM]]);
});

Deno.test("a stop, a failure for good, and a rule that nobody wants any more end what is missing", async () => {
  {
    await using scene = new Scene();
    await scene.want(DENO);
    scene.keeper.failure = new XFailure("http", "503");
    await scene.want(DENO, COFFEE);
    await scene.clock.advance(2 * MINUTE);
    await scene.want(DENO);
    assertEquals(scene.intervals, [[0, 120, "coffee", NEW]]);
    await scene.want(DENO, COFFEE);
    await scene.clock.advance(3 * MINUTE);
    await assertRejects(async () => void await scene.end());
    assertEquals(scene.intervals.slice(1), [[120, 300, "coffee", NEW]]);
  }
  await using scene = new Scene();
  await scene.want();
  scene.keeper.failure = new XFailure("http", "503");
  await scene.want(COFFEE);
  await scene.clock.advance(2 * MINUTE);
  scene.keeper.failure = new XFailure("invalid", "400");
  await scene.clock.advance(20 * MINUTE);
  await assertRejects(async () => void await scene.end(), Error, "400");
  assertEquals((scene.intervals as unknown[][]).map(([from, , rules]) => [from, rules]), [[0, "coffee"]]);
});

Deno.test("what X refuses or has no room for is no gap, does not count as collected, and does again when X takes it", async () => {
  await using scene = new Scene();
  scene.keeper.refused.add("coffee");
  scene.keeper.during = () => scene.clock.sleep(MINUTE);
  await scene.want(DENO, COFFEE);
  assertEquals(valuesOf(scene.keeping.wanted), ["deno", "coffee"]);
  await scene.clock.advance(MINUTE);
  assertEquals(valuesOf(scene.keeping.wanted), ["deno"]);
  scene.keeper.refused.clear();
  scene.keeper.room = 1;
  await scene.clock.advance(COMPARE_MS + MINUTE);
  assertEquals([valuesOf(scene.keeping.wanted), scene.keeping.counts.unplaced], [["deno"], 1]);
  scene.keeper.room = 2;
  await scene.clock.advance(COMPARE_MS + MINUTE);
  assertEquals(valuesOf(scene.keeping.wanted), ["deno", "coffee"]);
  assertEquals(scene.collected, [["deno", "coffee"], ["deno"], ["deno", "coffee"]]);
  assertEquals((scene.intervals as unknown[][]).map(([, , rules]) => rules), ["deno"]);
});

Deno.test("before anything was ever heard nothing is missed: from the first rule at X on it is", async () => {
  await using scene = new Scene(false);
  scene.keeper.failure = new XFailure("http", "503");
  await scene.want(DENO);
  await scene.clock.advance(10 * MINUTE);
  scene.keeper.failure = undefined;
  await scene.clock.advance(6 * MINUTE);
  assertEquals([scene.intervals, scene.keeping.isAnyHeld], [[], true]);
  const began = Math.round(scene.clock.monotonic() / 1_000);
  scene.keeper.failure = new XFailure("http", "503");
  await scene.want(DENO, COFFEE);
  await scene.clock.advance(10 * MINUTE);
  await scene.end().catch(() => {});
  assertEquals(scene.intervals, [[began, began + 600, "coffee", NEW]]);
});
