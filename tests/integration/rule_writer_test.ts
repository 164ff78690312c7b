/** Writing rules into a real Redis: what readers see, what stays, what can be undone. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { systemClock } from "../../src/base/clock.ts";
import { SettingsError, TryLaterError } from "../../src/base/errors.ts";
import { systemRandom } from "../../src/base/random.ts";
import { openRedis, type RedisConnection } from "../../src/base/redis.ts";
import { readRule } from "../../src/model/rule.ts";
import { RuleTable } from "../../src/model/rule_table.ts";
import { RULE_TYPES, type RuleType, slotName } from "../../src/model/slot.ts";
import { fixedSlots, RedisRuleStore } from "../../src/rules/redis_rule_store.ts";
import { RuleHistory } from "../../src/rules/rule_history.ts";
import { RuleWriter, type StoreOptions } from "../../src/rules/rule_writer.ts";
import { redisCommands } from "../support/redis_commands.ts";
import { serviceTest, sharedRedis } from "../support/services.ts";

const signal = new AbortController().signal;
const parts = { clock: systemClock(), random: systemRandom };
let databases = 0;

interface Place {
  readonly redis: RedisConnection;
  readonly writer: RuleWriter;
  readonly history: RuleHistory;
  run(...commands: readonly (readonly string[])[]): Promise<string>;
  /** `track:0 deno`, for each stored rule. */
  rules(): Promise<string[]>;
}

function redisTest(name: string, work: (place: Place) => Promise<void>): void {
  serviceTest({
    name,
    needs: ["redis"],
    fn: async () => {
      const { port } = await sharedRedis();
      const db = databases++ % 16;
      const select = ["SELECT", String(db)];
      await redisCommands(port, select, ["FLUSHDB"]);
      const redis = openRedis({ host: "127.0.0.1", port, db }, parts);
      const own = { redis, clock: parts.clock, by: "ann@here" };
      try {
        await work({
          redis,
          writer: new RuleWriter({ ...own, channel: "traptor-notify", onProgress: () => {} }),
          history: new RuleHistory(own),
          run: (...commands) => redisCommands(port, select, ...commands),
          rules: async () => {
            const selection = { types: RULE_TYPES, ids: "all" } as const;
            const { rules } = await new RedisRuleStore({ redis, choice: fixedSlots(selection), channel: "x" }).load(
              signal,
            );
            return rules.map(({ slot, value, tag }) => `${slotName(slot)} ${value}${tag === null ? "" : ` (${tag})`}`)
              .sort();
          },
        });
      } finally {
        redis.close();
      }
    },
  });
}

function tableOf(
  values: readonly string[],
  { type = "track", tag }: { type?: RuleType; tag?: string } = {},
): RuleTable {
  const table = new RuleTable();
  for (const value of values) {
    const fields = { value, ...(tag === undefined ? {} : { tag }) };
    table.add(readRule(fields, { type, id: 0 }), fields);
  }
  return table;
}

function options(own: Partial<StoreOptions> = {}): StoreOptions {
  return { startId: 0, mode: "replace", layout: "set", perSlot: () => 2, what: "rules text words.txt", ...own };
}

redisTest("rules are spread over slots, and a second time nothing is written", async ({ writer, rules, run }) => {
  const table = tableOf(["a", "b", "c"]);
  const changes = await writer.store(table, options(), signal);
  assertEquals(changes.map(({ slot, added }) => `${slotName(slot)} +${added}`), ["track:0 +2", "track:1 +1"]);
  assertEquals(await rules(), ["track:0 a", "track:0 b", "track:1 c"]);
  const version = await run(["GET", "traptor:rules:track:0:version"]);
  assertEquals(await writer.store(table, options(), signal), []);
  assertEquals(await run(["GET", "traptor:rules:track:0:version"]), version);
});

redisTest(
  "replacing removes what is gone, in both layouts, and leaves others alone",
  async ({ writer, rules, run }) => {
    await run(
      ["SADD", "traptor-track:0", "old", "a"],
      ["HSET", "traptor-track:0:17", "value", "older", "tag", "x"],
      ["SADD", "traptor-track:1", "somebody else's"],
      ["SADD", "traptor-follow:0", "nasa"],
    );
    await writer.store(tableOf(["a", "b", "c"]), options(), signal);
    assertEquals(await rules(), ["follow:0 nasa", "track:0 a", "track:0 b", "track:1 somebody else's", "track:2 c"]);
  },
);

redisTest("a rule stays in its slot when others go and come", async ({ writer, rules }) => {
  await writer.store(tableOf(["a", "b", "c", "d"]), options(), signal);
  await writer.store(tableOf(["e", "d", "b"]), options(), signal);
  assertEquals(await rules(), ["track:0 b", "track:0 e", "track:1 d"]);
});

redisTest("slots that are no longer needed are emptied and belong to nobody", async ({ writer, rules, run }) => {
  await writer.store(tableOf(["a", "b", "c"]), options(), signal);
  await writer.store(tableOf(["a"]), options(), signal);
  assertEquals(await rules(), ["track:0 a"]);
  assertEquals((await run(["EXISTS", "traptor:allotment:track:0"])).includes("0"), true);
});

redisTest("slots of another extraction are never touched", async ({ writer, rules }) => {
  await writer.store(tableOf(["a", "b", "c"]), options(), signal);
  await assertRejects(
    () => writer.store(tableOf(["x"]), options({ startId: 1 }), signal),
    SettingsError,
    "track:1: it belongs to the rules that begin at track:0",
  );
  await writer.store(tableOf(["x", "y", "z"]), options({ startId: 5 }), signal);
  await writer.store(tableOf(["a", "b", "c", "d", "e"]), options(), signal);
  assertEquals((await rules()).filter((rule) => /[xyz]$/.test(rule)), ["track:5 x", "track:5 y", "track:6 z"]);
  assertEquals((await rules()).length, 8);
});

redisTest("merging keeps what is there and unites the tags of equal rules", async ({ writer, rules, run }) => {
  await run(["SADD", "traptor-track:0", "kept", '{"value":"Deno","tag":"old","note":"n"}'], [
    "HSET",
    "traptor-track:0:17",
    "value",
    "bun",
    "tag",
    "hash",
  ]);
  await writer.store(tableOf(["deno", "bun", "new"], { tag: "new" }), options({ mode: "merge" }), signal);
  assertEquals(await rules(), [
    "track:0 Deno (old,new)",
    "track:0 bun (hash,new)",
    "track:0 kept",
    "track:1 new (new)",
  ]);
  assert((await run(["SMEMBERS", "traptor-track:0"])).includes('"note":"n"'));
});

redisTest("the layout of hashes holds the same rules, with the type that they had", async ({ writer, rules, run }) => {
  await writer.store(tableOf(["nasa"], { type: "follow", tag: "space" }), options({ layout: "hash" }), signal);
  assertEquals(await rules(), ["follow:0 nasa (space)"]);
  const [key = ""] = (await run(["KEYS", "traptor-follow:0:*"])).match(/traptor-follow:0:\w+/) ?? [];
  assert((await run(["HGET", key, "orig_type"])).includes("follow"));
  await writer.store(tableOf(["nasa"], { type: "follow", tag: "space" }), options(), signal);
  assertEquals((await run(["EXISTS", key])).includes("0"), true);
});

redisTest(
  "the history names changes, and each can be undone, an undoing too",
  async ({ writer, rules, history, run }) => {
    await run(["SADD", "traptor-track:0", "by hand"]);
    await writer.store(tableOf(["a", "b", "c"]), options(), signal);
    await writer.store(tableOf(["a", "d"], { tag: "t" }), options({ what: "second" }), signal);
    const second = await rules();
    const changes = await history.changes();
    assertEquals(
      changes.map(({ number, by, what, added, removed, changed, slots, isFinished }) =>
        [number, by, what, added, removed, changed, slots, isFinished].join(" ")
      ),
      ["2 ann@here second 1 2 1 2 true", "1 ann@here rules text words.txt 3 1 0 2 true"],
    );
    await writer.rollBack(1, "rules rollback 1", signal);
    assertEquals(await rules(), ["track:0 by hand"]);
    await writer.rollBack(3, "rules rollback 3", signal);
    assertEquals(await rules(), second);
    await assertRejects(() => writer.rollBack(99, "", signal), SettingsError, "no such change");
  },
);

redisTest(
  "only the last hundred changes are remembered, and older copies are gone",
  async ({ writer, history, redis }) => {
    for (let number = 0; number < 103; number++) await writer.store(tableOf([`word${number}`]), options(), signal);
    const changes = await history.changes();
    assertEquals([changes.length, changes[0]?.number, changes.at(-1)?.number], [100, 103, 4]);
    assertEquals((await redis.scanKeys("traptor:rules:before:")).length, 100);
    await assertRejects(() => writer.rollBack(3, "", signal), SettingsError);
  },
);

redisTest("clearing empties slots, and can be undone", async ({ writer, rules }) => {
  await writer.store(tableOf(["a", "b", "c"]), options(), signal);
  await writer.clear([{ type: "track", id: 0 }], "rules clear track:0", signal);
  assertEquals(await rules(), ["track:1 c"]);
  await writer.rollBack(2, "rules rollback", signal);
  assertEquals((await rules()).length, 3);
});

redisTest("one writer at a time: a second one is told who writes", async ({ writer, run, rules }) => {
  await run(["SET", "traptor:rules:writing", "bob@there since now"]);
  const error = await assertRejects(() => writer.store(tableOf(["a"]), options(), signal), TryLaterError);
  assert(error.message.includes("bob@there since now"), error.message);
  assertEquals(await rules(), []);
  await run(["DEL", "traptor:rules:writing"]);
  await writer.store(tableOf(["a"]), options(), signal);
  assertEquals((await run(["EXISTS", "traptor:rules:writing"])).includes("0"), true);
});

redisTest("a key that holds something else is named, and nothing is written", async ({ writer, run }) => {
  await run(["SET", "traptor-track:0", "text"]);
  const error = await assertRejects(() => writer.store(tableOf(["a"]), options(), signal), SettingsError);
  assert(error.message.includes("traptor-track:0 is to hold rules, but holds a string"), error.message);
  assert((await run(["GET", "traptor-track:0"])).includes("text"));
});

redisTest("readers never see half of a slot", async ({ writer, redis }) => {
  const sets = [
    tableOf(Array.from({ length: 500 }, (_, at) => `even${at}`)),
    tableOf(Array.from({ length: 700 }, (_, at) => `odd${at}`)),
  ];
  const wide = options({ perSlot: () => 1_000 });
  await writer.store(sets[0]!, wide, signal);
  let isOver = false;
  const selection = { types: ["track"], ids: [0] } as const;
  const store = new RedisRuleStore({ redis, choice: fixedSlots(selection), channel: "x" });
  const seen = new Set<number>();
  const reading = (async () => {
    while (!isOver) seen.add((await store.load(signal)).rules.length);
  })();
  for (let round = 1; round <= 20; round++) await writer.store(sets[round % 2]!, wide, signal);
  isOver = true;
  await reading;
  assertEquals([...seen].filter((size) => size !== 500 && size !== 700), []);
});

redisTest("what somebody adds by hand meanwhile is not lost by a merge", async ({ writer, redis, run, rules }) => {
  await run(["SADD", "traptor-track:0", "first"]);
  // A change between the reading and the writing of the slot.
  const slow = new Proxy(redis, {
    get(target, name) {
      if (name !== "setMembers") return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name);
      return async (key: string) => {
        const members = await redis.setMembers(key);
        if (!(await rules()).includes("track:0 by hand")) await run(["SADD", "traptor-track:0", "by hand"]);
        return members;
      };
    },
  });
  const late = new RuleWriter({ redis: slow, clock: parts.clock, by: "ann@here", channel: "c", onProgress: () => {} });
  await late.store(tableOf(["new"]), options({ mode: "merge", perSlot: () => 10 }), signal);
  assertEquals(await rules(), ["track:0 by hand", "track:0 first", "track:0 new"]);
  assertEquals(await writer.store(tableOf(["new"]), options({ mode: "merge", perSlot: () => 10 }), signal), []);
});
