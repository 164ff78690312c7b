/**
 * The services that other tests build on: each starts, answers, comes back after it was killed, and is gone with its
 * folder after it was stopped, also when the whole test process was killed.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { kafkaAnswers, type KafkaBroker, startKafka } from "../support/kafka.ts";
import { mariadbAnswers, startMariadb } from "../support/mariadb.ts";
import { startMockBroker } from "../support/mock_broker.ts";
import { runProgram } from "../support/programs.ts";
import { redisAnswers, startRedis } from "../support/redis.ts";
import { ServerProcess } from "../support/server_process.ts";
import { serviceTest, sharedKafka, sharedPreviousKafka, sharedRedis } from "../support/services.ts";
import { waitUntil } from "../support/wait_until.ts";

serviceTest({
  name: "redis answers, is killed, comes back on its port, and leaves nothing",
  needs: ["redis"],
  async fn() {
    const redis = await startRedis();
    assert(await redisAnswers(redis.port));
    await redis.process.kill();
    await assertRejects(() => redisAnswers(redis.port));
    await redis.process.start();
    assert(await redisAnswers(redis.port));
    await redis.stop();
    await assertRejects(() => redisAnswers(redis.port));
    await assertRejects(() => Deno.stat(redis.process.folder), Deno.errors.NotFound);
  },
});

serviceTest({
  name: "a paused redis keeps its connections and says nothing until it goes on",
  needs: ["redis"],
  async fn() {
    const { port, process } = await sharedRedis();
    await process.pause();
    const answer = redisAnswers(port);
    const first = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 300, "silence"))]);
    assertEquals(first, "silence");
    await process.resume();
    assert(await answer);
  },
});

serviceTest({
  name: "mariadb greets, and a user may log in to an empty database",
  needs: ["mariadb"],
  async fn() {
    const mariadb = await startMariadb();
    try {
      assert(await mariadbAnswers(mariadb.port));
    } finally {
      await mariadb.stop();
    }
    await assertRejects(() => mariadbAnswers(mariadb.port));
  },
});

async function produceAndList(broker: KafkaBroker): Promise<void> {
  const topic = `services-${crypto.randomUUID()}`;
  const produce = new Deno.Command("kcat", {
    args: ["-b", broker.bootstrap, "-P", "-t", topic, "-k", "key"],
    stdin: "piped",
    stderr: "null",
  }).spawn();
  const input = produce.stdin.getWriter();
  await input.write(new TextEncoder().encode("a record\n"));
  await input.close();
  assert((await produce.status).success);
  assertStringIncludes(await runProgram(["kcat", "-b", broker.bootstrap, "-L"]), `topic "${topic}"`);
  assertEquals(await consumeOne(broker, topic), "key a record\n");
}

function consumeOne(broker: KafkaBroker, topic: string): Promise<string> {
  return runProgram(["kcat", "-b", broker.bootstrap, "-C", "-t", topic, "-c", "1", "-e", "-f", "%k %s\n", "-q"]);
}

serviceTest({
  name: "kafka 4.x takes a record, lists its topic and gives the record back",
  needs: ["kafka", "kcat"],
  async fn() {
    await produceAndList(await sharedKafka());
  },
});

serviceTest({
  name: "kafka 3.9.x takes a record, lists its topic and gives the record back",
  needs: ["kafka-3.9", "kcat"],
  async fn() {
    const broker = await sharedPreviousKafka();
    assertMatch(broker.version, /^3\.9\./);
    await produceAndList(broker);
  },
});

serviceTest({
  name: "a killed kafka comes back on its port with its data",
  needs: ["kafka", "kcat"],
  async fn() {
    const broker = await startKafka();
    try {
      await produceAndList(broker);
      await broker.process.kill();
      await assertRejects(() => kafkaAnswers(broker.port));
      await broker.process.start();
      await produceAndList(broker);
    } finally {
      await broker.stop();
    }
  },
});

serviceTest({
  name: "the mock cluster takes a record (mock broker)",
  needs: ["kcat"],
  async fn() {
    const broker = await startMockBroker();
    try {
      assertStringIncludes(await runProgram(["kcat", "-b", broker.bootstrap, "-L"]), "1 brokers");
    } finally {
      await broker.stop();
    }
  },
});

serviceTest({
  name: "a server that cannot start says its last words",
  needs: [],
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "traptor-broken-" });
    const start = () =>
      ServerProcess.start({
        name: "the broken server",
        folder,
        command: ["sh", "-c", "echo no such setting; exit 3"],
        isReady: () => Promise.resolve(false),
      });
    const error = await assertRejects(start, Error, "the broken server did not start");
    assertStringIncludes(error.message, "no such setting");
    await assertRejects(() => Deno.stat(folder), Deno.errors.NotFound);
  },
});

serviceTest({
  name: "servers end with the process that started them, however that ends",
  needs: ["redis"],
  async fn() {
    const script = `
      import { startRedis } from ${JSON.stringify(import.meta.resolve("../support/redis.ts"))};
      const { port } = await startRedis();
      console.log(port);
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    `;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-lock", "--no-config", `data:application/typescript,${encodeURIComponent(script)}`],
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const port = Number((await output.read()).value);
    assert(await redisAnswers(port));
    child.kill("SIGKILL");
    await waitUntil(() => redisAnswers(port).then(() => false, () => true), { what: "redis is gone" });
    await output.cancel();
    await child.status;
  },
});
