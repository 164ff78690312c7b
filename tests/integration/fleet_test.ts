import { assert, assertEquals, assertRejects } from "@std/assert";
import { systemClock } from "../../src/base/clock.ts";
import { SettingsError, TransientError } from "../../src/base/errors.ts";
import { type EmittedEvent, Events } from "../../src/base/events.ts";
import { systemRandom } from "../../src/base/random.ts";
import { openRedis } from "../../src/base/redis.ts";
import { Heartbeat } from "../../src/fleet/heartbeat.ts";
import { installationName } from "../../src/fleet/installation.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { freePort } from "../support/free_port.ts";
import { redisCommands } from "../support/redis_commands.ts";
import { serviceTest, sharedRedis } from "../support/services.ts";
import { withFolder } from "../support/test_folder.ts";
import { waitUntil } from "../support/wait_until.ts";

const SLOTS = [{ type: "track", id: 0 }, { type: "geo", id: 3 }] as const;

function heartbeat(port: number, prefix: string, clock: FakeClock, events: Events) {
  const redis = openRedis({ host: "127.0.0.1", port });
  const options = { slots: SLOTS, intervalMs: 5_000, host: "here", version: "3.0.0", app: "abc" };
  return new Heartbeat({ ...options, redis, prefix, clock, events });
}

serviceTest({
  name: "a heartbeat beats for each slot, expires after three that are missed, and is removed at the end",
  needs: ["redis"],
  async fn() {
    const { port } = await sharedRedis();
    const redis = openRedis({ host: "127.0.0.1", port });
    const clock = new FakeClock(Date.UTC(2026, 10, 23, 10, 0, 0, 123));
    const ending = new AbortController();
    const running = heartbeat(port, "a:", clock, new Events()).run(ending.signal).catch((reason) => reason);
    const at = async () => JSON.parse(await redis.get("a:geo:3:heartbeat") ?? "{}").at;
    await waitUntil(async () => await at() === "2026-11-23T10:00:00.123Z", { what: "the first beat" });
    assertEquals(JSON.parse((await redis.get("a:track:0:heartbeat"))!), {
      at: "2026-11-23T10:00:00.123Z",
      host: "here",
      version: "3.0.0",
      app: "abc",
    });
    const [, left] = (await redisCommands(port, ["PTTL", "a:track:0:heartbeat"])).split(/[:\r]/);
    assert(Number(left) > 10_000 && Number(left) <= 15_000, left);
    await waitUntil(() => clock.pending > 0, { what: "the wait" });
    await clock.advance(5_000);
    await waitUntil(async () => await at() === "2026-11-23T10:00:05.123Z", { what: "the second beat" });
    // Somebody else collects this slot too: its beat is not ours to remove.
    await redis.setExpiring("a:track:0:heartbeat", "another's", 60_000);
    await waitUntil(() => clock.pending > 0, { what: "the wait" });
    ending.abort("the end");
    assertEquals(await running, "the end");
    assertEquals([await redis.get("a:geo:3:heartbeat"), await redis.get("a:track:0:heartbeat")], [null, "another's"]);
    redis.close();
  },
});

Deno.test("a heartbeat without a Redis is told, and goes on", async () => {
  const clock = new FakeClock();
  const events = new Events();
  const told: EmittedEvent[] = [];
  events.listen((event) => told.push(event));
  const port = freePort();
  const ending = new AbortController();
  const running = heartbeat(port, "", clock, events).run(ending.signal).catch((reason) => reason);
  await waitUntil(() => clock.pending > 0, { what: "the first wait" });
  await clock.advance(5_000);
  await waitUntil(() => clock.pending > 0 && told.length === 2, { what: "the second failure" });
  ending.abort("the end");
  assertEquals(await running, "the end");
  assertEquals(told[0], {
    name: "heartbeat_failed",
    level: "WARN",
    fields: { reason: `nothing answers at 127.0.0.1:${port}` },
  });
});

/** A state directory that is not there yet. */
function inState(work: (stateDirectory: string) => Promise<void>): Promise<void> {
  return withFolder((folder) => work(`${folder}/deep/state`));
}

serviceTest({
  name: "all instances with one Redis have one name, which wins over a copy and outlives an emptied Redis",
  needs: ["redis"],
  fn: () =>
    inState(async (stateDirectory) => {
      const { port } = await sharedRedis();
      const redis = openRedis({ host: "127.0.0.1", port });
      const options = { redis, prefix: "b:", stateDirectory, random: systemRandom };
      const name = await installationName(options);
      assert(/^[0-9a-f]{8}$/.test(name), name);
      assertEquals(await installationName({ ...options, stateDirectory: `${stateDirectory}2` }), name);
      assertEquals(await Deno.readTextFile(`${stateDirectory}/installation`), `${name}\n`);
      assertEquals((await Deno.stat(`${stateDirectory}/installation`)).mode! & 0o777, 0o600);
      assertEquals((await Deno.stat(stateDirectory)).mode! & 0o777, 0o700);

      await redis.delete(["b:traptor:installation"]);
      assertEquals(await installationName(options), name);
      assertEquals(await redis.get("b:traptor:installation"), name);

      await redis.delete(["b:traptor:installation"]);
      await redis.setIfAbsent("b:traptor:installation", "0123abcd");
      assertEquals(await installationName(options), "0123abcd");
      assertEquals(await Deno.readTextFile(`${stateDirectory}/installation`), "0123abcd\n");
      assertEquals(Array.from(Deno.readDirSync(stateDirectory)).map((entry) => entry.name), ["installation"]);

      await redisCommands(port, ["SET", "b:traptor:installation", "my fleet"]);
      await assertRejects(() => installationName(options), SettingsError, "8 hex digits");
      await redisCommands(port, ["DEL", "b:traptor:installation"], ["RPUSH", "b:traptor:installation", "x"]);
      await assertRejects(() => installationName(options), SettingsError, "b:traptor:installation");
      redis.close();
    }),
});

Deno.test("without Redis the copy is the name; with a Redis that is away too, if there is one", () =>
  inState(async (stateDirectory) => {
    const away = openRedis({ host: "127.0.0.1", port: freePort() }, { clock: systemClock(), random: systemRandom });
    const options = { prefix: "", stateDirectory, random: systemRandom };
    await assertRejects(() => installationName({ ...options, redis: away }), TransientError, "nothing answers");
    const name = await installationName(options);
    assertEquals(await installationName(options), name);
    assertEquals(await installationName({ ...options, redis: away }), name);
    away.close();
    await Deno.writeTextFile(`${stateDirectory}/installation`, "");
    await assertRejects(() => installationName(options), SettingsError, "8 hex digits");
  }));

Deno.test("a state directory that cannot be made is a wrong setting", async () => {
  const options = { prefix: "", stateDirectory: "/dev/null/state", random: systemRandom };
  await assertRejects(() => installationName(options), SettingsError, "/dev/null/state");
});
