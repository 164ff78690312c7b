/** What reads a topic back, on a real broker, run on each line of Kafka. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { UnavailableError } from "../../src/base/errors.ts";
import { Events } from "../../src/base/events.ts";
import { type ReadBack, readBack } from "../../src/deliver/kafka_reader.ts";
import { freePort } from "../support/free_port.ts";
import type { KafkaBroker } from "../support/kafka.ts";
import { administer, makeTopic } from "../support/kafka_admin.ts";
import { consumeAll } from "../support/kafka_records.ts";
import { recordsOf } from "../support/records.ts";
import { newTopic, noisyRecord, standOf } from "./kafka_stand.ts";

const CLIENT = { clientId: "traptor-verify", events: new Events() };

type From = readonly (readonly [partition: number, offset: number])[];

async function readAll(broker: KafkaBroker, topic: string, from: From): Promise<ReadBack[]> {
  const offsets = new Map(from.map(([partition, offset]) => [partition, BigInt(offset)]));
  return await Array.fromAsync(readBack({ ...CLIENT, hosts: [broker.bootstrap] }, { topic, from: offsets }));
}

/** What lies in the topic from these offsets on, by another implementation. */
async function expected(broker: KafkaBroker, topic: string, from: From): Promise<ReadBack[]> {
  const first = new Map(from);
  return (await consumeAll(broker.bootstrap, topic))
    .filter(({ partition, offset }) => offset >= (first.get(partition) ?? Infinity))
    .map(({ partition, offset, id }) => ({ kind: "record", partition, offset: BigInt(offset), id }));
}

function inOrder(found: readonly ReadBack[]): ReadBack[] {
  const place = (one: ReadBack) => [one.partition, one.kind === "record" ? Number(one.offset) : -1] as const;
  return found.toSorted((a, b) => place(a)[0] - place(b)[0] || place(a)[1] - place(b)[1]);
}

/** A topic with records 1 to `count`, written in batches. */
async function filledTopic(broker: KafkaBroker, partitions: number, count: number): Promise<string> {
  const topic = newTopic("read");
  await makeTopic(broker.bootstrap, topic, { partitions });
  await using stand = standOf({ hosts: [broker.bootstrap], topic });
  await stand.sink.open();
  for (let at = 1; at <= count; at += 100) await stand.sink.write(recordsOf(at, Math.min(at + 99, count)));
  return topic;
}

async function deleteBefore(broker: KafkaBroker, topic: string, partition: number, offset: number): Promise<void> {
  await administer(broker.bootstrap, async (admin) => {
    // It finds leaders only of topics that it was asked about before.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] });
  });
}

export async function checkKafkaReader(t: Deno.TestContext, broker: KafkaBroker): Promise<void> {
  await t.step("every record of several partitions is read from its offset on, each once, in order", async () => {
    const topic = await filledTopic(broker, 4, 1_000);
    for (const from of [[[0, 0], [1, 0], [2, 0], [3, 0]], [[0, 7], [2, 101], [3, 1]]] as const) {
      const found = await readAll(broker, topic, from);
      assertEquals(found, inOrder(await expected(broker, topic, from)));
      assert(found.length > 200);
    }
  });

  await t.step("a range that is empty ends at once, and so does one of no partition", async () => {
    const topic = await filledTopic(broker, 1, 10);
    assertEquals(await readAll(broker, topic, [[0, 10]]), []);
    assertEquals(await readAll(broker, topic, []), []);
    const empty = newTopic("empty");
    await makeTopic(broker.bootstrap, empty);
    assertEquals(await readAll(broker, empty, [[0, 0]]), []);
  });

  await t.step("offsets that were deleted are told, and what is left is read", async () => {
    const topic = await filledTopic(broker, 2, 400);
    const all = inOrder(await expected(broker, topic, [[0, 0], [1, 0]]));
    const [first, second] = [0, 1].map((partition) => all.filter((found) => found.partition === partition));
    await deleteBefore(broker, topic, 0, 50);
    assertEquals(await readAll(broker, topic, [[0, 20], [1, 3]]), [
      { kind: "removed", partition: 0, from: 20n, to: 50n },
      ...first!.slice(50),
      ...second!.slice(3),
    ]);
    await deleteBefore(broker, topic, 0, -1);
    const end = BigInt(first!.length);
    assertEquals(await readAll(broker, topic, [[0, 60]]), [{ kind: "removed", partition: 0, from: 60n, to: end }]);
  });

  await t.step("a topic that was made again is told by partition, and read from its beginning", async () => {
    const topic = await filledTopic(broker, 3, 300);
    await administer(broker.bootstrap, (admin) => admin.deleteTopics({ topics: [topic] }));
    assertEquals(await readAll(broker, topic, [[0, 5], [2, 0]]), [{ kind: "gone", partition: 0 }, {
      kind: "gone",
      partition: 2,
    }]);
    await makeTopic(broker.bootstrap, topic, { partitions: 2 });
    await using stand = standOf({ hosts: [broker.bootstrap], topic });
    await stand.sink.open();
    await stand.sink.write(recordsOf(301, 320));
    const all = inOrder(await expected(broker, topic, [[0, 0], [1, 0]]));
    const first = all.filter(({ partition }) => partition === 0);
    assertEquals(await readAll(broker, topic, [[0, 90], [1, 0], [2, 0]]), [
      { kind: "gone", partition: 2 },
      { kind: "restarted", partition: 0, from: 90n, end: BigInt(first.length) },
      ...all,
    ]);
  });

  await t.step("what is written while it reads is not waited for, and nothing of before is left out", async () => {
    const topic = newTopic("growing");
    await makeTopic(broker.bootstrap, topic);
    await using stand = standOf({ hosts: [broker.bootstrap], topic });
    await stand.sink.open();
    // Larger than one answer, so that there are several.
    const batch = Array.from({ length: 40 }, (_, index) => noisyRecord(index + 1, 400_000));
    await stand.sink.write(batch);
    const found: string[] = [];
    for await (const one of readBack({ ...CLIENT, hosts: [broker.bootstrap] }, { topic, from: new Map([[0, 0n]]) })) {
      assert(one.kind === "record");
      found.push(one.id);
      if (found.length <= 5) await stand.sink.write(recordsOf(1_000 + found.length, 1_000 + found.length));
    }
    assertEquals(found, batch.map(({ id }) => id));
  });

  await t.step("records without a key are no tweets; what a broker compressed anew with zstd is read", async () => {
    const topic = newTopic("zstd");
    await makeTopic(broker.bootstrap, topic, { settings: { "compression.type": "zstd" } });
    const kcat = new Deno.Command("kcat", {
      args: ["-b", broker.bootstrap, "-P", "-t", topic, "-p", "0"],
      stdin: "piped",
    }).spawn();
    const input = kcat.stdin.getWriter();
    await input.write(new TextEncoder().encode("a line that somebody wrote\n"));
    await input.close();
    await kcat.status;
    await using stand = standOf({ hosts: [broker.bootstrap], topic });
    await stand.sink.open();
    await stand.sink.write(recordsOf(1, 30));
    assertEquals(
      await readAll(broker, topic, [[0, 0]]),
      recordsOf(1, 30).map(({ id }, index) => ({ kind: "record", partition: 0, offset: BigInt(index + 1), id })),
    );
  });

  await t.step("no consumer group is left on the broker, nor any while it reads", async () => {
    const topic = await filledTopic(broker, 1, 50);
    const groups = () => administer(broker.bootstrap, async (admin) => (await admin.listGroups()).groups);
    let seen = 0;
    for await (const one of readBack({ ...CLIENT, hosts: [broker.bootstrap] }, { topic, from: new Map([[0, 0n]]) })) {
      if (seen++ === 10) assertEquals(await groups(), []);
      assertEquals(one.kind, "record");
    }
    assertEquals(seen, 50);
    assertEquals(await groups(), []);
  });

  await t.step("a Kafka that is not there is told in words", async () => {
    const hosts = [`127.0.0.1:${freePort()}`];
    const reading = () => Array.fromAsync(readBack({ ...CLIENT, hosts }, { topic: "any", from: new Map([[0, 0n]]) }));
    const { message, hint } = await assertRejects(reading, UnavailableError);
    const why = `no broker answers at ${hosts[0]}: the connection is refused`;
    assertEquals(message, `Cannot read the topic any back: ${why}`);
    assert(hint.length > 0);
  });
}
