/** Statistics by rule in a real Redis: what is written when, with how many commands, and by whom totals are carried on. */

import { assertEquals, assertRejects } from "@std/assert";
import { type EmittedEvent, Events } from "../../src/base/events.ts";
import { systemRandom } from "../../src/base/random.ts";
import { openRedis } from "../../src/base/redis.ts";
import type { Rule } from "../../src/model/rule.ts";
import { RuleStatistics } from "../../src/observe/rule_statistics.ts";
import { readRuleStatistics } from "../../src/observe/rule_statistics_reader.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";
import { startRedis } from "../support/redis.ts";
import { hashFields, redisAnswer } from "../support/redis_answer.ts";
import { redisCommands } from "../support/redis_commands.ts";
import { serviceTest, sharedRedis } from "../support/services.ts";
import { waitUntil } from "../support/wait_until.ts";

const MINUTE = 60_000;
const WINDOW = 15 * MINUTE;
const DAY = 24 * 60 * MINUTE;
const START = "2026-11-23T10:00:00.000Z";

const [DENO, COFFEE, RIVER] = [ruleOf("deno"), ruleOf("coffee", { tag: "drinks" }), ruleOf("river", { id: 3 })];

function ruleOf(value: string, { tag = null, id = 0 }: { tag?: string | null; id?: number } = {}): Rule {
  return { ruleId: `id of ${value}`, slot: { type: "track", id }, value, tag, extra: {} };
}

/** One instance that counts. */
class Instance implements AsyncDisposable {
  readonly statistics: RuleStatistics;
  readonly told: EmittedEvent[] = [];
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>;

  constructor(readonly port: number, readonly app: string, readonly clock = new FakeClock()) {
    const events = new Events();
    events.listen((event) => this.told.push(event));
    const redis = openRedis({ host: "127.0.0.1", port });
    const options = { redis, prefix: "", app, windowMs: WINDOW, clock, random: systemRandom, events };
    this.statistics = new RuleStatistics(options);
    this.#running = this.statistics.run(this.#stop.signal).catch((reason) => reason);
  }

  accept(times: number, ...rules: readonly Rule[]): void {
    for (let time = 0; time < times; time++) this.statistics.countAccepted(rules);
  }

  /** What a rule's field holds once it looks as expected; the fields that are named, in this order. */
  async becomes(rule: Rule, expected: Readonly<Record<string, unknown>>): Promise<void> {
    const names = Object.keys(expected);
    const look = async () => {
      const row = await rowOf(this.port, this.app, rule) ?? {};
      return Object.fromEntries(names.map((name) => [name, row[name]]));
    };
    const isThere = async () => JSON.stringify(await look()) === JSON.stringify(expected);
    await waitUntil(isThere, { what: `${rule.value} in Redis` }).catch(() => {});
    assertEquals(await look(), expected);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort("the end");
    assertEquals(await this.#running, "the end");
  }
}

async function rowOf(port: number, app: string, { ruleId, slot }: Rule): Promise<Record<string, unknown> | undefined> {
  const text = (await hashFields(port, `traptor:stats:${app}:${slot.type}:${slot.id}`))[ruleId];
  return text === undefined ? undefined : JSON.parse(text);
}

/** How often each command was done so far, those of the tests' own looking left out. */
async function commandsDone(port: number): Promise<Record<string, number>> {
  const info = await redisCommands(port, ["INFO", "commandstats"]);
  const all = [...info.matchAll(/cmdstat_(\w+):calls=(\d+)/g)].map(([, name, calls]) =>
    [name!, Number(calls)] as const
  );
  return Object.fromEntries(all.filter(([name]) => /^(h|pexpire|expire|set|get|eval|del|zadd|multi)/.test(name)));
}

serviceTest({
  name: "a rule's row says what was counted, is written by the timer, and lives for a month",
  needs: ["redis"],
  async fn() {
    const { port } = await sharedRedis();
    await using one = new Instance(port, "row");
    one.statistics.begin();
    one.accept(20, DENO, COFFEE);
    one.statistics.countLimited([DENO]);
    one.accept(10, COFFEE);
    await settle();
    await one.clock.advance(4_999);
    assertEquals(await rowOf(port, "row", DENO), undefined, "not before the timer");
    await one.clock.advance(1);
    const times = { since: START, last_at: START, at: "2026-11-23T10:00:05.000Z" };
    const { since, ...rest } = times;
    const counts = { total: 20, limited: 1, last_at: rest.last_at, rate: 2, at: rest.at };
    await one.becomes(DENO, { value: "deno", tag: null, matches: 20, window_ms: WINDOW, since, ...counts });
    await one.becomes(COFFEE, { tag: "drinks", matches: 30, total: 30, limited: 0, rate: 3 });
    const life = Number(await redisAnswer(port, "PTTL", "traptor:stats:row:track:0"));
    assertEquals([life > 30 * DAY - MINUTE, life <= 30 * DAY + 60 * MINUTE], [true, true], String(life));
  },
});

serviceTest({
  name: "what leaves the window is written without a new tweet, and the total stays",
  needs: ["redis"],
  async fn() {
    const { port } = await sharedRedis();
    await using one = new Instance(port, "window");
    one.statistics.begin();
    one.accept(6, DENO);
    await one.clock.advance(5_000);
    await one.becomes(DENO, { matches: 6, total: 6, rate: 0.6 });
    await one.clock.advance(10_000);
    await one.becomes(DENO, { matches: 6, total: 6, rate: 0 });
    await one.clock.advance(WINDOW + 15_000);
    await one.becomes(DENO, { matches: 0, since: undefined, total: 6, last_at: START });
    await one.statistics.finish();
  },
});

serviceTest({
  name: "10,000 rules at 20,000 tweets a second take 20 commands every five seconds, and what has not changed none",
  needs: ["redis"],
  async fn() {
    const redis = await startRedis();
    try {
      const rules = Array.from({ length: 10_000 }, (_, at) => ruleOf(`rule ${at}`));
      await using one = new Instance(redis.port, "load");
      one.statistics.keepOnly(rules);
      one.statistics.begin();
      const flood = () => {
        for (let tweet = 0; tweet < 100_000; tweet++) one.statistics.countAccepted([rules[tweet % 10_000]!]);
      };
      let written = 0;
      const write = async (commands: number) => {
        await one.clock.advance(5_000);
        written += commands;
        const isWritten = async () => (await commandsDone(redis.port))["hset"] === written;
        await waitUntil(isWritten, { what: `${written} commands that write` });
      };
      const commands = () => commandsDone(redis.port);
      flood();
      await write(20);
      assertEquals(await commands(), { hgetall: 1, hset: 20, pexpire: 1 });
      flood();
      await write(20);
      // Rates fall, and then no more.
      await write(20);
      await write(20);
      await write(0);
      await settle();
      one.accept(1, rules[0]!);
      await write(1);
      assertEquals(await commands(), { hgetall: 1, hset: 81, pexpire: 1 });
      const totals = await Promise.all([rules[0]!, rules[9_999]!].map((rule) => rowOf(redis.port, "load", rule)));
      assertEquals(totals.map((row) => [row?.["total"], row?.["matches"]]), [[21, 21], [20, 20]]);

      await one.statistics.finish();
      one.accept(1, rules[0]!);
      await one.clock.advance(60_000);
      await settle();
      assertEquals((await commands())["hset"], 81, "whoever has no lease writes nothing");
    } finally {
      await redis.stop();
    }
  },
});

serviceTest({
  name: "at most 400 commands go out at a time, and the slots that are left come first the next time",
  needs: ["redis"],
  async fn() {
    const redis = await startRedis();
    try {
      const rules = Array.from({ length: 500 }, (_, id) => ruleOf("deno", { id }));
      await using one = new Instance(redis.port, "slots");
      one.accept(1, ...rules);
      one.statistics.begin();
      const slots = async () => (await redisAnswer(redis.port, "KEYS", "traptor:stats:slots:*") as unknown[]).length;
      // Each takes a read, a row and its expiry. All have something new each time.
      for (const count of [134, 268, 402, 500]) {
        await one.clock.advance(5_000);
        await waitUntil(async () => await slots() >= count, { what: `${count} slots in Redis` });
        await settle();
        assertEquals(await slots(), count);
        one.accept(1, ...rules);
      }
    } finally {
      await redis.stop();
    }
  },
});

serviceTest({
  name: "the total goes on over holders, and a window begins with its holder",
  needs: ["redis"],
  async fn() {
    const { port } = await sharedRedis();
    await using one = new Instance(port, "holders");
    await using two = new Instance(port, "holders", new FakeClock(Date.parse(START) + MINUTE));
    one.statistics.begin();
    one.accept(5, DENO, RIVER);
    one.statistics.countLimited([DENO]);
    await one.statistics.finish();
    // What was read by then is accepted after the lease was lost, and is written in the next tenure.
    one.accept(2, DENO);
    two.statistics.begin();
    two.accept(7, DENO);
    await two.statistics.finish();
    await two.becomes(DENO, { matches: 7, since: "2026-11-23T10:01:00.000Z", total: 12, limited: 1 });
    await two.becomes(RIVER, { total: 5, at: START });
    await one.clock.advance(2 * MINUTE);
    one.statistics.begin();
    await one.statistics.finish();
    await one.becomes(DENO, { matches: 0, since: "2026-11-23T10:02:00.000Z", total: 14, limited: 1 });
    assertEquals([one.told, two.told], [[], []]);
  },
});

serviceTest({
  name: "an end in order writes what is left, and a start goes on from it",
  needs: ["redis"],
  async fn() {
    const { port } = await sharedRedis();
    for (const total of [3, 6, 9]) {
      const one = new Instance(port, "starts");
      one.statistics.begin();
      one.accept(3, DENO);
      await one[Symbol.asyncDispose]();
      await one.becomes(DENO, { matches: 3, total });
    }
  },
});

serviceTest({
  name: "while Redis is away counting goes on, it is told once, and a Redis that comes back empty is told all",
  needs: ["redis"],
  async fn() {
    const redis = await startRedis();
    try {
      await using one = new Instance(redis.port, "away");
      one.statistics.begin();
      one.accept(5, DENO);
      await one.clock.advance(5_000);
      await one.becomes(DENO, { total: 5 });
      await redis.process.kill();
      one.accept(4, DENO);
      const isTold = () => one.told.length > 0;
      await waitUntil(async () => (await one.clock.advance(5_000), isTold()), { what: "the failure is told" });
      one.accept(2, DENO);
      for (let time = 0; time < 5; time++) await one.clock.advance(5_000);
      await redis.process.start();
      const isBack = async () => {
        await one.clock.advance(20_000);
        return (await rowOf(redis.port, "away", DENO))?.["total"] === 11;
      };
      await waitUntil(isBack, { what: "the total in the new Redis" });
      assertEquals(one.told.map(({ name }) => name), ["statistics_unwritten"]);
      assertEquals(Number(await redisAnswer(redis.port, "PTTL", "traptor:stats:away:track:0")) > 0, true);
      await one.statistics.finish();
    } finally {
      await redis.stop();
    }
  },
});

serviceTest({
  name: "fields that are no rule any more are taken away, where the slot has others",
  needs: ["redis"],
  async fn() {
    const { port } = await sharedRedis();
    await redisCommands(port, ["HSET", "traptor:stats:gone:track:0", "of another holder", "{}"]);
    await using one = new Instance(port, "gone");
    one.statistics.begin();
    one.accept(1, DENO, COFFEE, RIVER);
    await one.statistics.finish();
    const fieldsOf = async (slot: string) => Object.keys(await hashFields(port, `traptor:stats:gone:${slot}`)).sort();
    assertEquals(await fieldsOf("track:0"), ["id of coffee", "id of deno", "of another holder"]);
    // The rules of track:3 are not among ours any more: its instance may be away.
    one.statistics.keepOnly([{ ...DENO, tag: "runtimes" }]);
    one.statistics.begin();
    await one.statistics.finish();
    assertEquals([await fieldsOf("track:0"), await fieldsOf("track:3")], [["id of deno"], ["id of river"]]);
    await one.becomes(DENO, { tag: "runtimes", total: 1 });
    // A late tweet of a rule that is gone brings its field back for no longer than until the next writing.
    one.accept(1, COFFEE);
    one.statistics.begin();
    await one.statistics.finish();
    assertEquals(await fieldsOf("track:0"), ["id of deno"]);
    const life = Number(await redisAnswer(port, "PTTL", "traptor:stats:gone:track:0"));
    assertEquals(life > 29 * DAY, true, String(life));
  },
});

serviceTest({
  name: "within one tenure a rule that is counted later carries on, and a hash that was emptied expires again",
  needs: ["redis"],
  async fn() {
    const { port } = await sharedRedis();
    const key = "traptor:stats:later:track:0";
    await redisCommands(port, ["HSET", key, COFFEE.ruleId, '{"value":"coffee","total":40}', DENO.ruleId, "{}"]);
    await using one = new Instance(port, "later");
    one.statistics.keepOnly([COFFEE]);
    one.statistics.begin();
    const fields = async () => Object.keys(await hashFields(port, key)).join();
    const become = async (expected: string) => {
      await one.clock.advance(5_000);
      await waitUntil(async () => await fields() === expected, { what: `the fields ${expected}` });
      await settle();
    };
    await become(COFFEE.ruleId);
    one.accept(2, COFFEE);
    await one.clock.advance(5_000);
    await one.becomes(COFFEE, { total: 42 });
    await one.clock.advance(20_000);
    await one.becomes(COFFEE, { rate: 0 });
    one.statistics.keepOnly([{ ...COFFEE, tag: "hot drinks" }]);
    await one.clock.advance(5_000);
    await one.becomes(COFFEE, { tag: "hot drinks", total: 42 });
    one.statistics.keepOnly([DENO]);
    await become("");
    one.accept(1, DENO);
    await become(DENO.ruleId);
    assertEquals(Number(await redisAnswer(port, "PTTL", key)) > 0, true);
  },
});

serviceTest({
  name: "the reader leaves out what is no row, and a row whose writer has stopped has nothing in its window",
  needs: ["redis"],
  async fn() {
    const { port } = await sharedRedis();
    {
      await using one = new Instance(port, "read");
      one.statistics.begin();
      one.accept(8, DENO);
      await one.statistics.finish();
    }
    await redisCommands(
      port,
      ["HSET", "traptor:stats:read:track:0", "junk", "deno", "other", "[1,2]"],
      ["SET", "traptor:stats:read:track:1", "a string"],
    );
    const redis = openRedis({ host: "127.0.0.1", port });
    try {
      const read = (now: number) => readRuleStatistics(redis, "", "read", ["track:0", "track:1", "geo:9"], now);
      const at = Date.parse(START);
      const row = {
        ...{ slot: "track:0", ruleId: "id of deno", value: "deno", tag: null, matches: 8, windowMs: WINDOW },
        ...{ since: at, total: 8, limited: 0, lastAt: at, rate: 0.8, at },
      };
      assertEquals(await read(at + 1_000), [row]);
      assertEquals(await read(at + WINDOW + 1), [{ ...row, matches: 0, rate: 0 }]);
      // By Redis's own clock the tests' time is another.
      const [byRedis] = await readRuleStatistics(redis, "", "read", ["track:0"]);
      assertEquals(byRedis?.total, 8);
      assertEquals(await readRuleStatistics(redis, "traptor-simulation:", "read", ["track:0"]), []);
    } finally {
      redis.close();
    }
    await assertRejects(() => readRuleStatistics(redis, "", "read", ["track:0"]), Error, "was closed");
  },
});

serviceTest({
  name: "a key that holds something else stops no other slot, and is told",
  needs: ["redis"],
  async fn() {
    const { port } = await sharedRedis();
    await redisCommands(port, ["SET", "traptor:stats:foreign:track:0", "a string"]);
    await using one = new Instance(port, "foreign");
    one.statistics.begin();
    one.accept(2, DENO, RIVER);
    await one.statistics.finish();
    await one.becomes(RIVER, { total: 2 });
    assertEquals(one.told.map(({ fields }) => fields["reason"]), [
      "the key traptor:stats:foreign:track:0 holds a value of the type string",
    ]);
  },
});
