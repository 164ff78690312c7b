import { assertEquals, assertStringIncludes } from "@std/assert";
import { startCollecting, withoutTraptor } from "../support/collecting.ts";
import { freePort } from "../support/free_port.ts";
import { consumeAll } from "../support/kafka_records.ts";
import { runProgram } from "../support/programs.ts";
import { serviceTest, sharedBroker, sharedPreviousKafka } from "../support/services.ts";
import type { KafkaBroker } from "../support/kafka.ts";
import { waitUntil } from "../support/wait_until.ts";

/** Everything in a topic: key, headers and value of each message. */
async function consume(broker: KafkaBroker, topic: string): Promise<{ key: string; headers: string; value: string }[]> {
  const format = "%k\t%h\t%s\n";
  const text = await runProgram(["kcat", "-b", broker.bootstrap, "-C", "-t", topic, "-e", "-q", "-f", format]);
  return text.trimEnd().split("\n").map((line) => {
    const [key = "", headers = "", value = ""] = line.split("\t");
    return { key, headers, value };
  });
}

async function collectsInto(broker: KafkaBroker, topic: string, more: readonly string[] = []): Promise<void> {
  await using run = await startCollecting(
    ["--sink", "kafka", "--kafka-hosts", broker.bootstrap, "--kafka-topic", topic, "--limit", "300", ...more],
    { rules: "deno\ncoffee\n地震\n", simulator: { rate: 200 } },
  );
  const { code, stderr } = await run.collector.ended;
  assertEquals(code, 0, stderr);
  assertEquals(stderr.includes("Warning"), false, stderr);
  const messages = await consume(broker, topic);
  assertEquals(messages.length, 300);
  const sent = new Map(run.simulator.sent().map((record) => [record.id, record.line]));
  for (const { key, headers, value } of messages) {
    assertEquals(withoutTraptor(value), sent.get(key), "what X sent, byte for byte");
    const record = JSON.parse(value);
    assertEquals(record.data.id, key);
    assertEquals(headers, "traptor-type=track,traptor-version=1");
    assertEquals(record.traptor.version, 1);
    assertEquals(record.traptor.attribution, "x");
    for (const rule of record.traptor.collection_rules) assertEquals(rule.type, "track");
  }
}

serviceTest({
  name: "records reach Kafka keyed by the tweet's id, equal to what X sent, plus `traptor`",
  needs: ["broker", "kcat"],
  async fn() {
    await collectsInto(await sharedBroker(), "first");
  },
});

serviceTest({
  name: "a missing topic is made with KAFKA_TOPIC_PARTITIONS, and KAFKA_COMPRESSION may be none",
  needs: ["kafka", "kcat"],
  async fn() {
    const broker = await sharedBroker();
    await collectsInto(broker, "one", ["--kafka-topic-partitions", "1", "--kafka-compression", "none"]);
    const log = await Deno.readFile(`${broker.process.folder}/data/one-0/00000000000000000000.log`);
    // The attributes of a batch end with its codec; two more partitions would have had their share.
    assertEquals(log[22]! & 7, 0);
    assertEquals((await consumeAll(broker.bootstrap, "one")).filter(({ partition }) => partition !== 0), []);
  },
});

serviceTest({
  name: "the same into Kafka 3.9",
  needs: ["kafka-3.9", "kcat"],
  async fn() {
    await collectsInto(await sharedPreviousKafka(), "first");
  },
});

serviceTest({
  name: "a Kafka that is not there stops no collecting; it is told, and what was left undelivered at the end too",
  needs: [],
  async fn() {
    await using run = await startCollecting(["--kafka-hosts", `127.0.0.1:${freePort()}`, "--time-scale", "10"], {
      rules: "deno\n",
    });
    await run.collector.says(/Cannot deliver to Kafka 127\.0\.0\.1:\d+, topic traptor: no broker answers/);
    await run.collector.says(/Connected to X/);
    const { code, stderr } = await run.collector.end();
    // Nothing is lost: the journal has it.
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, "the journal keeps what is left, and the next start delivers it");
  },
});

serviceTest({
  name: "a broker that is stopped and started again gets everything",
  needs: ["kafka", "kcat"],
  async fn() {
    const broker = await sharedBroker();
    await using run = await startCollecting(
      ["--sink", "kafka", "--kafka-hosts", broker.bootstrap, "--kafka-topic", "restarted"],
      { rules: "deno\n", simulator: { rate: 100 } },
    );
    await run.collector.says(/Connected to X/);
    await broker.process.end();
    await run.collector.says(/Cannot deliver to Kafka/);
    await broker.process.start();
    await run.collector.says(/takes tweets again/);
    // Nothing more is sent, so that nothing is on its way when the collector is stopped.
    run.simulator.pause();
    const last = run.simulator.sent().at(-1)!.id;
    await waitUntil(async () => (await consume(broker, "restarted")).some(({ key }) => key === last), {
      what: "the last tweet arrives",
      withinMs: 60_000,
      everyMs: 500,
    });
    const { code, stderr } = await run.collector.end();
    assertEquals(code, 0, stderr);
    const arrived = new Set((await consume(broker, "restarted")).map(({ key }) => key));
    assertEquals(run.simulator.sent().filter(({ id }) => !arrived.has(id)), []);
  },
});
