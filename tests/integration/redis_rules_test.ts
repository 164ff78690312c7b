import { assert, assertEquals, assertRejects } from "@std/assert";
import { systemClock } from "../../src/base/clock.ts";
import { TransientError } from "../../src/base/errors.ts";
import { type EmittedEvent, Events } from "../../src/base/events.ts";
import { systemRandom } from "../../src/base/random.ts";
import { openRedis, type RedisConnection } from "../../src/base/redis.ts";
import { parseJson } from "../../src/model/json.ts";
import { collectionRule, type Rule } from "../../src/model/rule.ts";
import { slotName, type SlotSelection } from "../../src/model/slot.ts";
import { fixedSlots, RedisRuleStore } from "../../src/rules/redis_rule_store.ts";
import { RuleFeed } from "../../src/rules/rule_feed.ts";
import { checkRuleStore, type WrittenRule } from "../conformance/rule_store.ts";
import { startRedis } from "../support/redis.ts";
import { redisCommands } from "../support/redis_commands.ts";
import { serviceTest, sharedRedis } from "../support/services.ts";
import { waitUntil } from "../support/wait_until.ts";

const NEVER = new AbortController().signal;
const TRACK_0: SlotSelection = { types: ["track"], ids: [0] };
const CHANNEL = "traptor-notify";
const tools = { clock: systemClock(), random: systemRandom };

/** Each test has a database of its own in the file's one Redis. */
let databases = 0;

interface Place {
  readonly port: number;
  readonly redis: RedisConnection;
  run(...commands: readonly (readonly string[])[]): Promise<string>;
}

async function inDatabase(work: (place: Place) => Promise<void>): Promise<void> {
  const { port } = await sharedRedis();
  const db = databases++ % 16;
  const redis = openRedis({ host: "127.0.0.1", port, db });
  const select = ["SELECT", String(db)];
  await redisCommands(port, select, ["FLUSHDB"]);
  try {
    await work({ port, redis, run: (...commands) => redisCommands(port, select, ...commands) });
  } finally {
    redis.close();
  }
}

function storeOf(redis: RedisConnection, selection: SlotSelection = TRACK_0): RedisRuleStore {
  return new RedisRuleStore({ redis, choice: fixedSlots(selection), channel: CHANNEL });
}

/** `track:0 17 deno`, for each rule. */
function inShort(rules: readonly Rule[]): string[] {
  return rules.map(({ slot, ruleId, value }) => `${slotName(slot)} ${ruleId} ${value}`);
}

serviceTest({
  name: "the Redis store does what every rule store does",
  needs: ["redis"],
  async fn(t) {
    await checkRuleStore(t, async () => {
      const server = await startRedis();
      const redis = openRedis({ url: server.url }, tools);
      let written: string[][] = [];
      const write = async (commands: string[][]) => {
        written = commands;
        await redisCommands(server.port, ["MULTI"], ["DEL", "traptor-track:0"], ...commands, ["EXEC"]);
      };
      return {
        store: storeOf(redis),
        write: (rules: readonly WrittenRule[]) =>
          write([
            ...rules.map((rule) => ["SADD", "traptor-track:0", rule ? JSON.stringify(rule) : '{"value": ']),
            ["PUBLISH", CHANNEL, "track:0"],
          ]),
        breakDown: () => server.process.kill(),
        async mend() {
          await server.process.start();
          await write(written);
        },
        remove: () => server.stop(),
      };
    });
  },
});

serviceTest({
  name: "both layouts are read together, `locations` is geo, and rules of the Python program keep all they have",
  needs: ["redis"],
  fn: () =>
    inDatabase(async ({ redis, run }) => {
      const layout = async (name: string, key: string) => {
        const rule = parseJson(await Deno.readTextFile(`tests/data/tweets-v1.1/${name}`)) as Record<string, string>;
        await run(["HSET", key, ...Object.entries(rule).flatMap(([field, value]) => [field, String(value)])]);
      };
      await layout("track_rules.json", "traptor-track:0:12347");
      await layout("locations_rules.json", "traptor-locations:0:12346");
      await layout("follow_rules.json", "traptor-follow:1:12345");
      await run(
        ["SADD", "traptor-track:0", "deno", '{"value": "bun", "rule_id": 9007199254740993, "tag": "t"}'],
        ["SADD", "traptor-geo:0", "13.30,52.45,13.50,52.58"],
        ["HSET", "traptor-track:0:no:id", "value", "node"],
        ["SADD", "traptor-track:1", "another slot's"],
        ["SET", "track:0:heartbeat", "1"],
        ["SADD", "traptor-simulation:traptor-track:0", "somebody else's"],
      );
      const store = storeOf(redis, { types: ["track", "geo", "follow"], ids: [0] });
      const { rules, faults } = await store.load(NEVER);
      assertEquals(faults, []);
      assertEquals(inShort(rules), [
        `track:0 ${rules[0]!.ruleId} deno`,
        "track:0 9007199254740993 bun",
        "track:0 12347 happy",
        "track:0 no:id node",
        `geo:0 ${rules[4]!.ruleId} 13.30,52.45,13.50,52.58`,
        "geo:0 12346 -122.75,36.8,-121.75,37.8",
      ]);
      assertEquals(collectionRule(rules[2]!), {
        rule_id: "12347",
        type: "track",
        id: 0,
        value: "happy",
        tag: "test",
        rule_tag: "test",
        rule_value: "happy",
        status: "active",
        description: "Tweets for a hashtag",
        appid: "test-appid",
        date_added: "2016-05-10 16:58:34",
        orig_type: "keyword",
        rule_type: "track",
      });
      const all = await storeOf(redis, { types: ["track", "follow"], ids: "all" }).load(NEVER);
      assertEquals([...new Set(all.rules.map(({ slot }) => slotName(slot)))], ["track:0", "track:1", "follow:1"]);
    }),
});

serviceTest({
  name: "a key of the wrong type and a member that cannot be used are named, and the others are used",
  needs: ["redis"],
  fn: () =>
    inDatabase(async ({ redis, run, port }) => {
      await run(
        ["HSET", "traptor-track:0", "value", "a hash where a set belongs"],
        ["SET", "traptor-track:0:1", "text"],
        ["HSET", "traptor-track:0:2", "value", "deno", "__proto__", "x", "rule_value", "y"],
        ["HSET", "traptor-track:0:3", "tag", "no value"],
        ["SADD", "traptor-track:1", "  ", '{"value": {}}', "[1]", '{"value": 17, "__proto__": {"rule_id": "x"}}'],
      );
      const connection = await Deno.connect({ hostname: "127.0.0.1", port });
      await connection.write(new TextEncoder().encode(`SELECT ${databases - 1}\r\n`));
      const latin1 = [...new TextEncoder().encode("SADD traptor-track:1 caf"), 0xe9, 0x0d, 0x0a];
      await connection.write(new Uint8Array(latin1));
      await connection.read(new Uint8Array(100));
      connection.close();
      const { rules, faults } = await storeOf(redis, { types: ["track"], ids: [0, 1] }).load(NEVER);
      assertEquals(rules.map(({ value }) => value), ["deno", "[1]", "17"]);
      assertEquals(rules[0]!.extra, {});
      assertEquals(faults, [
        { where: "the key traptor-track:0", reason: "it is to hold a set, but holds a hash" },
        { where: "the key traptor-track:0:1", reason: "it is to hold a hash, but holds a string" },
        { where: "the key traptor-track:0:3", reason: "it has no value" },
        { where: "the key traptor-track:1, member   ", reason: "its value is empty" },
        { where: "the key traptor-track:1, member caf\ufffd", reason: "it is not UTF-8" },
        { where: 'the key traptor-track:1, member {"value": {}}', reason: "it has no value" },
      ]);
    }),
});

serviceTest({
  name: "a set of 100,000 rules is read whole",
  needs: ["redis"],
  fn: () =>
    inDatabase(async ({ redis, run }) => {
      const members = Array.from({ length: 100_000 }, (_, at) => `word${at}`);
      await run(["SADD", "traptor-track:0", ...members]);
      const { rules } = await storeOf(redis).load(NEVER);
      assertEquals(rules.length, 100_000);
      assertEquals(new Set(rules.map(({ value }) => value)).size, 100_000);
    }),
});

/** A connection on which something happens before each read of a set. */
function disturbed(redis: RedisConnection, before: (read: number) => Promise<unknown>): RedisConnection {
  let reads = 0;
  const used: Partial<RedisConnection> = {
    target: redis.target,
    hashFields: (key) => redis.hashFields(key),
    scanKeys: (prefix) => redis.scanKeys(prefix),
    get: (key) => redis.get(key),
    async setMembers(key) {
      await before(++reads);
      return await redis.setMembers(key);
    },
  };
  return used as RedisConnection;
}

serviceTest({
  name: "a set that is replaced while it is read is read again until it stands still",
  needs: ["redis"],
  fn: () =>
    inDatabase(async ({ redis, run }) => {
      const replaced = (values: string[]) => [["DEL", "traptor-track:0"], ["SADD", "traptor-track:0", ...values]];
      await run(...replaced(["old", "older"]));
      const unversioned = disturbed(redis, (read) => run(...replaced(read < 4 ? [`half ${read}`] : ["new", "newer"])));
      assertEquals((await storeOf(unversioned).load(NEVER)).rules.map(({ value }) => value), ["new", "newer"]);

      const raise = ["INCR", "traptor:rules:track:0:version"];
      await run(...replaced(["old"]), raise);
      let reads = 0;
      const versioned = disturbed(redis, async (read) => {
        reads = read;
        if (read < 3) await run(...replaced([`half ${read}`]), raise);
      });
      assertEquals((await storeOf(versioned).load(NEVER)).rules.map(({ value }) => value), ["half 2"]);
      assertEquals(reads, 3);

      const restless = disturbed(redis, (read) => run(...replaced([`never ${read}`]), raise));
      const failure = await assertRejects(() => storeOf(restless).load(NEVER), TransientError);
      assertEquals(failure.message, "the rules changed each of the 10 times that they were read");
    }),
});

serviceTest({
  name: "the feed brings a change at a notice, loads again after a restart, and keeps what it has while Redis is away",
  needs: ["redis"],
  async fn() {
    const { port, process } = await startRedis();
    await using server = process;
    const quick = { clock: systemClock(10), random: systemRandom };
    const store = storeOf(openRedis({ host: "127.0.0.1", port }, quick));
    const events = new Events();
    const told: EmittedEvent[] = [];
    events.listen((event) => told.push(event));
    const brought: string[][] = [];
    const ending = new AbortController();
    const feed = new RuleFeed({ store, ...quick, events, pollMs: 3_600_000 });
    const running = feed.run(ending.signal, (rules) => brought.push(rules.map(({ value }) => value)));
    const untilBrought = (count: number) => waitUntil(() => brought.length >= count, { what: `${count} rule sets` });
    await untilBrought(1);
    await waitUntil(() => told.some(({ name }) => name === "rule_notice"), { what: "listening" });
    await redisCommands(port, ["SADD", "traptor-track:0", "deno"], ["PUBLISH", CHANNEL, "track:0"]);
    await untilBrought(2);
    await server.kill();
    await waitUntil(() => told.some(({ name }) => name === "rules_unwatched"), { what: "the loss" });
    await server.start();
    // The new Redis is empty; nobody publishes that, the reconnect alone has the rules read.
    await untilBrought(3);
    await redisCommands(port, ["SADD", "traptor-track:0", "deno", "bun"], ["PUBLISH", CHANNEL, "track:0"]);
    await waitUntil(() => brought.at(-1)!.length === 2, { what: "the rules after the restart" });
    ending.abort("the end");
    assertEquals(await running.catch((reason) => reason), "the end");
    assertEquals(brought, [[], ["deno"], [], ["bun", "deno"]]);
    assert(told.every(({ name }) => name !== "rule_unusable"));
  },
});
