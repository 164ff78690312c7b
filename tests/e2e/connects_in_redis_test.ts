/** The connects of everybody with one token, counted in Redis while the program runs. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startCollecting } from "../support/collecting.ts";
import type { RedisServer } from "../support/redis.ts";
import { redisAnswer } from "../support/redis_answer.ts";
import { serviceTest, sharedRedis } from "../support/services.ts";
import { startTraptor } from "../support/traptor.ts";
import { waitUntil } from "../support/wait_until.ts";

/** Everything that is said to a Redis until the function that is returned is called. */
async function overhear({ port }: RedisServer): Promise<() => Promise<string>> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode("MONITOR\r\n"));
  let heard = "";
  const hearing = (async () => {
    for await (const text of connection.readable.pipeThrough(new TextDecoderStream())) heard += text;
  })();
  await waitUntil(() => heard.startsWith("+OK"), { what: "Redis tells what it hears" });
  return async () => {
    await redisAnswer(port, "ECHO", "the end");
    await waitUntil(() => heard.includes("the end"), { what: "all was heard" });
    // Redis ends the connection, and with it the reading.
    await redisAnswer(port, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    await hearing;
    return heard;
  };
}

serviceTest({
  name:
    "connects are counted in Redis under the app's name, over kills and for all machines, and the token stays out of it",
  needs: ["redis"],
  async fn() {
    const redis = await sharedRedis();
    const { port } = redis;
    await redisAnswer(port, "FLUSHALL");
    await redisAnswer(port, "SADD", "traptor-track:0", "deno");
    const endOfHearing = await overhear(redis);
    const args = ["--sink", "stdout", "--redis-port", String(port)];
    await using run = await startCollecting([...args, "--state-dir", "state"]);
    const { token, url } = run.simulator;
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token)));
    const key = `traptor:connects:${hash.toHex().slice(0, 12)}`;
    await run.collector.says(/Connected to X/);
    assertEquals(await redisAnswer(port, "ZCARD", key), 1);
    await run.collector.end("SIGKILL");

    const again = (state: string) =>
      startTraptor(["--api-url", url, ...args, "--state-dir", state], {
        cwd: run.folder,
        env: { BEARER_TOKEN: token },
      });
    {
      await using same = again("state");
      await same.says(/Connected to X/);
      assertEquals(await redisAnswer(port, "ZCARD", key), 2);
      assertEquals((await same.end()).code, 0);
    }
    // 43 by others: the machine that comes now finds no room, and says so instead of connecting.
    const [seconds] = await redisAnswer(port, "TIME") as readonly string[];
    for (let at = 0; at < 43; at++) await redisAnswer(port, "ZADD", key, `${seconds}000`, `${seconds}000:other${at}`);
    {
      await using other = again("another");
      await other.says(/No connection to X: X's limit of connects/);
      const { code, stderr } = await other.end();
      assertEquals([code, /Connected to X/.test(stderr)], [0, false], stderr);
    }
    assertEquals(await redisAnswer(port, "ZCARD", key), 45);

    {
      await using simulation = startTraptor(["--simulate", ...args, "--rules", "redis"]);
      await simulation.says(/Connected to X/);
      assertEquals((await simulation.end()).code, 0);
    }
    assertEquals(await redisAnswer(port, "ZCARD", key), 45);
    assertEquals(await redisAnswer(port, "KEYS", "*traptor:connects:simulator"), [
      "traptor-simulation:traptor:connects:simulator",
    ]);
    const heard = await endOfHearing();
    assertStringIncludes(heard, key);
    assert(!heard.includes(token));
  },
});
