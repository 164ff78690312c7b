import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { systemClock } from "../../src/base/clock.ts";
import { SettingsError, TransientError } from "../../src/base/errors.ts";
import { systemRandom } from "../../src/base/random.ts";
import { openRedis } from "../../src/base/redis.ts";
import { WrongKeyTypeError } from "../../src/base/redis_failure.ts";
import { freePort } from "../support/free_port.ts";
import { startRedis } from "../support/redis.ts";
import { redisCommands } from "../support/redis_commands.ts";
import { serviceTest, sharedRedis } from "../support/services.ts";
import { waitUntil } from "../support/wait_until.ts";

const QUICK = { clock: systemClock(20), random: systemRandom };

/** The words of the TransientError with which a command fails. */
async function failureOf(command: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => command, TransientError)).message;
}

/** Runs work while listening to all that is printed; gives the lines. */
async function printedDuring(work: () => Promise<void>): Promise<string[]> {
  const printed: string[] = [];
  const methods = ["log", "info", "warn", "error", "debug"] as const;
  const before = methods.map((method) => console[method]);
  for (const method of methods) console[method] = (...words: unknown[]) => void printed.push(words.join(" "));
  try {
    await work();
  } finally {
    methods.forEach((method, at) => console[method] = before[at]!);
  }
  return printed;
}

serviceTest({
  name: "the commands do what they say",
  needs: ["redis"],
  async fn() {
    const { url, port } = await sharedRedis();
    const redis = openRedis({ url: `${url}/3` });
    try {
      assertEquals(redis.target, `Redis 127.0.0.1:${port}`);
      await redis.ping();
      assert(Math.abs(await redis.time() - systemClock().now()) < 60_000);
      assertEquals(await redis.setIfAbsent("a", "first"), "first");
      assertEquals(await redis.setIfAbsent("a", "second"), "first");
      assertEquals([await redis.get("a"), await redis.get("nothing")], ["first", null]);
      assertEquals([await redis.keyType("a"), await redis.keyType("nothing")], ["string", "none"]);
      await redis.setExpiring("b", "soon gone", 50.5);
      await waitUntil(async () => await redis.get("b") === null, { what: "b is gone" });
      assertEquals([await redis.setMembers("nothing"), await redis.hashFields("nothing")], [new Set(), {}]);
      await redisCommands(port, ["SELECT", "3"], ["HSET", "h", "__proto__", "x", "constructor", "y", "value", "z"]);
      assertEquals(Object.entries(await redis.hashFields("h")), [
        ["__proto__", "x"],
        ["constructor", "y"],
        ["value", "z"],
      ]);
      await redis.delete([]);
      await redis.delete(["a", "h"]);
      assertEquals(await redis.get("a"), null);
    } finally {
      redis.close();
      redis.close();
    }
    assertEquals(await failureOf(redis.ping()), `the connection to 127.0.0.1:${port} was closed`);
  },
});

serviceTest({
  name: "keys are found by their beginning, taken as it is, each once",
  needs: ["redis"],
  async fn() {
    const { url, port } = await sharedRedis();
    const redis = openRedis({ url: `${url}/4` });
    const names = Array.from({ length: 3_000 }, (_, at) => `many:${at}`);
    await redisCommands(port, ["SELECT", "4"], ["MSET", ...names.flatMap((name) => [name, "1"])], ["SET", "a*[b", "1"]);
    try {
      assertEquals((await redis.scanKeys("many:")).sort(), names.sort());
      assertEquals(await redis.scanKeys("a*[b"), ["a*[b"]);
      assertEquals(await redis.scanKeys("*"), []);
    } finally {
      redis.close();
    }
  },
});

serviceTest({
  name: "a key of the wrong type is named, with its type",
  needs: ["redis"],
  async fn() {
    const { url, port } = await sharedRedis();
    const redis = openRedis({ url });
    await redisCommands(port, ["SET", "text", "1"], ["RPUSH", "list", "1"]);
    try {
      const failures = [
        () => redis.setMembers("text"),
        () => redis.hashFields("list"),
        () => redis.get("list"),
        () => redis.setIfAbsent("list", "x"),
      ];
      for (const read of failures) await assertRejects(read, WrongKeyTypeError);
      const failure = await assertRejects(() => redis.setMembers("text"), WrongKeyTypeError);
      assertEquals([failure.key, failure.type], ["text", "string"]);
    } finally {
      redis.close();
    }
  },
});

serviceTest({
  name: "a Redis that is away fails each command at once, in words, and prints nothing",
  needs: ["redis"],
  async fn() {
    const printed = await printedDuring(async () => {
      const port = freePort();
      const redis = openRedis({ host: "127.0.0.1", port });
      assertEquals(await failureOf(redis.get("a")), `nothing answers at 127.0.0.1:${port}`);
      await using server = (await startRedis({ port })).process;
      await redis.ping();
      await server.kill();
      await waitUntil(async () => /nothing answers/.test(await failureOf(redis.get("a"))), { what: "the loss" });
      await server.start();
      await redis.ping();
      redis.close();
      const nowhere = openRedis({ host: "no-such-host.invalid", port });
      assertEquals(await failureOf(nowhere.ping()), "the host no-such-host.invalid is not known");
      nowhere.close();
    });
    assertEquals(printed, []);
  },
});

serviceTest({
  name: "a password that is wrong, missing or needless is told apart, and never shown",
  needs: ["redis"],
  async fn() {
    const { port, process } = await startRedis();
    await using _ended = process;
    const secret = "s3cret/%&";
    const printed = await printedDuring(async () => {
      const needless = openRedis({ host: "127.0.0.1", port, password: secret });
      await needless.ping();
      needless.close();
      await redisCommands(port, ["CONFIG", "SET", "requirepass", secret]);
      const right = openRedis({ url: `redis://:${encodeURIComponent(secret)}@127.0.0.1:${port}/2` });
      await right.ping();
      right.close();
      const missing = openRedis({ host: "127.0.0.1", port });
      assertEquals(await failureOf(missing.ping()), `Redis at 127.0.0.1:${port} asks for a password`);
      missing.close();
      const wrong = openRedis({ host: "127.0.0.1", port, password: "not-it" });
      const failure = await assertRejects(() => wrong.ping(), TransientError);
      assertEquals(failure.message, `Redis at 127.0.0.1:${port} refused the password`);
      assert(!Deno.inspect(failure).includes("not-it"));
      wrong.close();
      const noDatabase = openRedis({ host: "127.0.0.1", port, password: secret, db: 99 });
      assertEquals(await failureOf(noDatabase.ping()), `Redis at 127.0.0.1:${port} has no database 99`);
      noDatabase.close();
    });
    assertEquals(printed, []);
  },
});

serviceTest({
  name: "a Redis that does not answer ends the wait, and the next command finds the one that does",
  needs: ["redis"],
  async fn() {
    const { port, process } = await startRedis();
    await using server = process;
    const redis = openRedis({ host: "127.0.0.1", port });
    await redis.ping();
    await server.pause();
    assertEquals(await failureOf(redis.ping()), `127.0.0.1:${port} does not answer in time`);
    await server.resume();
    await redis.ping();
    redis.close();
  },
});

serviceTest({
  name: "a subscription begins again by itself, and tells that it was lost once",
  needs: ["redis"],
  async fn() {
    const { port, process } = await startRedis();
    await using server = process;
    const redis = openRedis({ host: "127.0.0.1", port }, QUICK);
    const told: string[] = [];
    const unsubscribe = redis.subscribe("news", {
      onMessage: (message) => told.push(`message ${message}`),
      onListening: () => told.push("listening"),
      onLost: (reason) => told.push(`lost ${reason}`),
    });
    const untilTold = (length: number) => waitUntil(() => told.length >= length, { what: `${length} things told` });
    await untilTold(1);
    await redis.publish("news", "one");
    await redis.publish("other", "not this");
    await untilTold(2);
    await server.kill();
    await untilTold(3);
    await server.start();
    await untilTold(4);
    await redis.publish("news", "two");
    await untilTold(5);
    unsubscribe();
    await redis.publish("news", "three");
    assertEquals(told, [
      "listening",
      "message one",
      `lost the connection to 127.0.0.1:${port} was lost`,
      "listening",
      "message two",
    ]);
    redis.close();
  },
});

Deno.test("an address that makes no sense is a wrong setting, told without the password", () => {
  for (const url of ["redis://:p%zz@localhost", "redis://localhost/one", "http://localhost", "redis:", "localhost"]) {
    const failure = assertThrows(() => openRedis({ url }), SettingsError);
    assert(failure.message.startsWith("Cannot use REDIS_URL: "), failure.message);
    assert(!Deno.inspect(failure).includes("p%zz"));
  }
  assertEquals(openRedis({ url: "redis://[::1]:7000" }).target, "Redis [::1]:7000");
  assertEquals(openRedis({ url: "rediss://:secret@example.org" }).target, "Redis example.org:6379");
  assertEquals(openRedis({}).target, "Redis localhost:6379");
});
