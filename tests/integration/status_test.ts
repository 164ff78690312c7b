import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { UnavailableError } from "../../src/base/errors.ts";
import { openRedis } from "../../src/base/redis.ts";
import { gatherFleet } from "../../src/cli/status/gather.ts";
import { gatherLocal } from "../../src/cli/status/local.ts";
import { problemsOf } from "../../src/cli/status/problems.ts";
import { holderIn, lockState } from "../../src/journal/state_lock.ts";
import type { InstanceReport } from "../../src/model/instance.ts";
import { APP, holder, standby } from "../support/fleet_views.ts";
import { freePort } from "../support/free_port.ts";
import { JournalFile } from "../support/journal_file.ts";
import { redisCommands } from "../support/redis_commands.ts";
import { startRedis } from "../support/redis.ts";
import { serviceTest, sharedRedis } from "../support/services.ts";
import { withFolder } from "../support/test_folder.ts";
import { runTraptor, startTraptor } from "../support/traptor.ts";

function told(prefix: string, instance: InstanceReport): string[] {
  return ["HSET", `${prefix}traptor:instances`, `${instance.app}:${instance.id}`, JSON.stringify(instance)];
}

/** Told just now, and started two hours ago. */
function now(): Partial<InstanceReport> {
  const at = Date.now();
  return { at, since: at - 3_600_000, started_at: at - 7_200_000, last_tweet_at: at };
}

function lease(prefix: string, owner: string, app = APP): string[][] {
  const key = `${prefix}traptor:lease:${app}`;
  return [["HSET", key, "owner", owner, "generation", "7", "granted_at", "1"], ["PEXPIRE", key, "60000"]];
}

serviceTest({
  name: "all that a fleet has told is read from Redis, app by app, and nothing of another prefix",
  needs: ["redis"],
  async fn() {
    const { port } = await sharedRedis();
    const live = holder(now());
    const other = holder({ ...now(), app: "bbbbbbbbbbbb", id: "44444444", slots: ["geo:1"] });
    const sign = { instance: live.id, process: "p", at: 1_700_000_000_000, up: true, released: false };
    const writtenOff = { instance: "99999999", host: "gone", waiting: 4, since: 1, at: 2, by: "me" };
    await redisCommands(
      port,
      told("a:", live),
      told("a:", standby(now())),
      told("a:", other),
      told("", standby({ id: "77777777" })),
      ...lease("a:", "11111111:0123456789abcdef"),
      ["HSET", `a:traptor:alive:${APP}`, "1", JSON.stringify(sign)],
      ["HSET", `a:traptor:gaps:${APP}`, "11111111:1", "{}", "11111111:2", "{}"],
      ["RPUSH", `a:traptor:written-off:${APP}`, JSON.stringify(writtenOff)],
      ["SADD", "a:traptor-track:0", "deno"],
      ["HSET", "a:traptor-locations:1:17", "value", "x"],
    );
    const redis = openRedis({ host: "127.0.0.1", port });
    const view = await gatherFleet(redis, "a:");
    const { apps: [first, second], ruledSlots } = view;
    assertEquals([view.apps.length, view.source, ruledSlots, view.malformed], [2, "redis", ["track:0", "geo:1"], []]);
    assertEquals([first!.app, first!.instances], [APP, [
      live,
      standby({ at: first!.instances[1]!.at, ...times(first!.instances[1]!) }),
    ]]);
    assertEquals([second!.app, second!.instances, second!.leases, second!.gapsKnown], ["bbbbbbbbbbbb", [other], [], 0]);
    assertEquals(first!.leases.map(({ leftMs: _left, ...rest }) => rest), [
      { number: 1, instance: "11111111", generation: 7 },
    ]);
    assertEquals(first!.leases.every(({ leftMs }) => leftMs > 0 && leftMs <= 60_000), true);
    assertEquals(first!.alive, [{ number: 1, instance: live.id, at: 1_700_000_000_000, up: true, released: false }]);
    assertEquals([first!.gapsKnown, first!.writtenOff], [2, [{ instance: "99999999", at: 2 }]]);
    assertEquals(problemsOf(view), []);
    redis.close();
  },
});

function times({ last_tweet_at, since, started_at }: InstanceReport) {
  return { last_tweet_at, since, started_at };
}

serviceTest({
  name: "what Redis holds and makes no sense is named, and the rest is used",
  needs: ["redis"],
  async fn() {
    const { port } = await sharedRedis();
    await redisCommands(
      port,
      told("m:", holder(now())),
      ["HSET", "m:traptor:instances", "junk", "{"],
      ["HSET", "m:traptor:instances", "a:b", JSON.stringify(standby())],
      ["HSET", "m:traptor:instances", `${APP}:55555555`, `{"id":"55555555","app":"${APP}","interval":5000,"at":1e999}`],
      ["HSET", "m:traptor:instances", `${APP}:66666666`, `{"id":"66666666","app":"${APP}"}`],
      ["HSET", `m:traptor:lease:${APP}`, "owner", "11111111:p"],
      ["SET", `m:traptor:lease:${APP}:2`, "text"],
      ["HSET", `m:traptor:alive:${APP}`, "1", "[]", "x", `{"instance":"a","at":1}`],
      ["SADD", `m:traptor:gaps:${APP}`, "x"],
      ["RPUSH", `m:traptor:written-off:${APP}`, "nothing"],
      ["SADD", "m:traptor-track:0", "deno"],
    );
    const redis = openRedis({ host: "127.0.0.1", port });
    const view = await gatherFleet(redis, "m:");
    assertEquals(view.apps.map(({ instances }) => instances.map(({ id }) => id)), [["11111111"]]);
    assertEquals(view.malformed.map(({ place, reason }) => `${place}: ${reason}`).sort(), [
      `m:traptor:alive:${APP} 1: it is no sign of life`,
      `m:traptor:alive:${APP} x: it is no sign of life`,
      `m:traptor:gaps:${APP}: it is of another type than it should be`,
      "m:traptor:instances a:b: it tells of another instance",
      `m:traptor:instances ${APP}:55555555: it has a number that makes no sense`,
      `m:traptor:instances ${APP}:66666666: it does not say when it was told`,
      "m:traptor:instances junk: it is no report of an instance",
      `m:traptor:lease:${APP}: it never ends`,
      `m:traptor:lease:${APP}:2: it is of another type than it should be`,
      `m:traptor:written-off:${APP} 0: it does not say what was written off`,
    ]);
    await redisCommands(port, ["SET", "n:traptor:instances", "text"]);
    const none = await gatherFleet(redis, "n:");
    assertEquals([none.apps, none.malformed], [[], [{
      place: "n:traptor:instances",
      reason: "it is of the type string",
    }]]);
    redis.close();
  },
});

serviceTest({
  name: "status ends with 0 when all is well, with 1 when something needs a person, with 69 when Redis is away",
  needs: ["redis"],
  async fn() {
    await using redis = await disposable();
    const args = ["--redis-url", redis.url];
    const status = (...more: string[]) => runTraptor(["status", ...args, ...more]);
    const nobody = await status();
    assertEquals([nobody.code, nobody.stderr], [1, ""]);
    assertMatch(nobody.stdout, /^1 problem needs a person; .*\n\n! No collector runs on any machine\.\n {2}Try: /);

    await redisCommands(
      redis.port,
      ["SADD", "traptor-track:0", "deno"],
      told("", holder(now())),
      told("", standby(now())),
      told("", standby({ ...now(), id: "33333333", host: "gamma" })),
      ...lease("", "11111111:p"),
    );
    const well = await status();
    assertEquals([well.code, well.stderr], [0, ""], well.stdout);
    assertMatch(
      well.stdout,
      /holder {3}alpha \(11111111\), live for 1 h 0 min\n[^]*standbys beta \(22222222\), gamma \(33333333\)\n/,
    );
    const json = await status("--json");
    assertEquals([json.code, JSON.parse(json.stdout).well], [0, true]);
    assertEquals(JSON.parse(json.stdout).apps[0].standbys, ["22222222", "33333333"]);

    await using watching = startTraptor(["status", ...args, "--json", "--watch"]);
    await watching.says(/"well":true/);
    await redis.process.end();
    await watching.says(/"error":"Cannot look at the fleet: nothing answers at 127\.0\.0\.1:\d+"/);
    await redis.process.start();
    await watching.says(/"kind":"no_collector"/);
    const ended = await watching.end("SIGINT");
    assertEquals([ended.code, ended.stderr], [0, ""]);
    for (const line of ended.stdout.trimEnd().split("\n")) JSON.parse(line);

    await redis.process.end();
    const away = await status();
    assertEquals([away.code, away.stdout, away.stderr.split("\n").length], [69, "", 3]);
    assertMatch(
      away.stderr,
      /^Cannot look at the fleet: nothing answers at 127\.0\.0\.1:\d+\nTry: again when Redis answers/,
    );
  },
});

async function disposable() {
  const redis = await startRedis();
  return { ...redis, [Symbol.asyncDispose]: () => redis.stop() };
}

Deno.test("without Redis the collector that holds the state directory is asked where its lock says", async () => {
  await withFolder(async (folder) => {
    const lock = await lockState(folder, { pid: 4711, since: "2026-11-24T10:00:00.000Z" });
    await assertRejects(
      () => gatherLocal(folder),
      UnavailableError,
      "Cannot ask the collector that runs here (process 4711): it serves no status",
    );
    let body: unknown = { instance: holder(now()) };
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      ({ url }) => new URL(url).pathname === "/status" ? Response.json(body) : new Response("", { status: 404 }),
    );
    await lock.noteStatus(`127.0.0.1:${server.addr.port}`);
    assertEquals(await holderIn(folder), {
      pid: 4711,
      since: "2026-11-24T10:00:00.000Z",
      status: `127.0.0.1:${server.addr.port}`,
    });
    const view = await gatherLocal(folder);
    assertEquals([view.source, view.place], ["collector", `http://127.0.0.1:${server.addr.port}/status`]);
    assertEquals(view.apps.map(({ instances }) => instances.map(({ id }) => id)), [["11111111"]]);
    assertEquals(problemsOf(view), []);

    body = { instance: holder({ ...now(), pid: 1 }) };
    const another = "what answers there is another program";
    await assertRejects(() => gatherLocal(folder), UnavailableError, another);
    body = "nonsense";
    await assertRejects(() => gatherLocal(folder), UnavailableError, another);
    await server.shutdown();
    await assertRejects(() => gatherLocal(folder), UnavailableError, "nothing answers at 127.0.0.1:");

    lock.release();
    const none = await gatherLocal(folder);
    assertEquals([none.source, none.apps, none.journal], ["journal", [], undefined]);
  });
});

Deno.test("status of one machine where no collector runs says so, and what the journal says, and ends with 1", async () => {
  using file = new JournalFile();
  file.accept(1, 3);
  file.end();
  await Deno.writeTextFile(`${file.directory}/rules.txt`, "deno\n");
  const args = ["--rules", `file:${file.directory}/rules.txt`, "--state-dir", file.directory];
  const { code, stderr, stdout } = await runTraptor(["status", ...args]);
  assertEquals([code, stderr], [1, ""], stdout);
  assertMatch(
    stdout.replaceAll(/\s+/g, " "),
    /! No collector runs; in the journal \S+\/journal\.db 3 records wait, no gap is open, and 0 s were missed in all\. Try: /,
  );
  const json = JSON.parse((await runTraptor(["status", "--json", ...args])).stdout);
  assertEquals([json.source, json.well, json.journal.waiting], ["journal", false, 3]);
});

serviceTest({
  name: "a port where nothing answers is told within two lines, with JSON as well",
  needs: [],
  async fn() {
    const { code, stderr, stdout } = await runTraptor([
      "status",
      "--json",
      "--redis-url",
      `redis://127.0.0.1:${freePort()}`,
    ]);
    assertEquals([code, stdout, stderr.trimEnd().split("\n").length], [69, "", 2]);
  },
});
