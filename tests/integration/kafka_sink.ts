/** What the Kafka sink does on a real broker, run on each line of Kafka. */

import { assert, assertEquals } from "@std/assert";
import type { TweetRecord } from "../../src/model/record.ts";
import type { KafkaBroker } from "../support/kafka.ts";
import { administer, ConfigResourceTypes, makeTopic } from "../support/kafka_admin.ts";
import { consumeAll } from "../support/kafka_records.ts";
import { recordsOf } from "../support/records.ts";
import { newTopic, noisyRecord, standOf } from "./kafka_stand.ts";

const TOO_LARGE = "it is larger than the topic allows";

interface Receipt {
  readonly topic: string;
  readonly offsets: Readonly<Record<string, string>>;
}

/** Ids that arrived, once for each time. */
async function idsIn({ bootstrap }: KafkaBroker, topic: string): Promise<string[]> {
  return (await consumeAll(bootstrap, topic)).map(({ id }) => id);
}

function idsOf(records: readonly TweetRecord[]): string[] {
  return records.map(({ id }) => id);
}

/** The partitions and first offsets of the records among these, as they lie in the topic. */
async function placesOf({ bootstrap }: KafkaBroker, topic: string, ids: readonly string[]): Promise<Receipt> {
  const offsets: Record<string, string> = {};
  for (const { id, partition, offset } of await consumeAll(bootstrap, topic)) {
    if (!ids.includes(id)) continue;
    if (offsets[partition] === undefined || offset < Number(offsets[partition])) offsets[partition] = String(offset);
  }
  return { topic, offsets };
}

export async function checkKafkaSink(t: Deno.TestContext, broker: KafkaBroker): Promise<void> {
  const hosts = [broker.bootstrap];

  await t.step(
    "a missing topic is made with the partitions asked for; without any, as the broker makes them",
    async () => {
      for (const [partitions, count] of [[5, 5], [undefined, 3]] as const) {
        const topic = newTopic("made");
        await using stand = standOf({ hosts, topic, partitions });
        await stand.sink.open();
        const { topics } = await administer(broker.bootstrap, (admin) => admin.fetchTopicMetadata({ topics: [topic] }));
        assertEquals(topics[0]!.partitions.map(({ replicas }) => replicas), Array(count).fill([1]));
      }
    },
  );

  await t.step("a topic that is there stays as it is, whatever number of partitions is asked for", async () => {
    const topic = newTopic("there");
    await makeTopic(broker.bootstrap, topic, { partitions: 2 });
    await using stand = standOf({ hosts, topic, partitions: 5 });
    await stand.sink.open();
    await stand.sink.write(recordsOf(1, 50));
    assertEquals(Object.keys((await placesOf(broker, topic, idsOf(recordsOf(1, 50)))).offsets), ["0", "1"]);
  });

  await t.step("the receipt names the first offset of each partition that got some of the batch", async () => {
    const topic = newTopic("receipts");
    await using stand = standOf({ hosts, topic, partitions: 4 });
    await stand.sink.open();
    stand.complaints.length = 0;
    for (const batch of [recordsOf(1, 60), recordsOf(61, 61), recordsOf(62, 200)]) {
      const { refused, receipt } = await stand.sink.write(batch);
      assertEquals(refused, new Map());
      assertEquals(receipt, { ...await placesOf(broker, topic, idsOf(batch)) });
    }
    assertEquals((await idsIn(broker, topic)).length, 200);
    assertEquals(stand.complaints, []);
  });

  await t.step("a batch is sent in parts below the topic's limit, each record once, also uncompressed", async () => {
    const topic = newTopic("parts");
    await makeTopic(broker.bootstrap, topic, { settings: { "max.message.bytes": "20000" } });
    for (const [compression, first] of [["none", 1], ["gzip", 301]] as const) {
      await using stand = standOf({ hosts, topic, compression });
      await stand.sink.open();
      const batch = Array.from({ length: 300 }, (_, index) => noisyRecord(first + index, 100 + (index * 37) % 5_000));
      const { refused, receipt } = await stand.sink.write(batch);
      assertEquals(refused, new Map());
      assertEquals(receipt, { topic, offsets: { "0": String(first - 1) } });
      assertEquals(stand.complaints, []);
    }
    assertEquals(await idsIn(broker, topic), Array.from({ length: 600 }, (_, index) => String(index + 1)));
  });

  await t.step("a record larger than the topic allows is refused in words, all others are written once", async () => {
    const topic = newTopic("large");
    await makeTopic(broker.bootstrap, topic, { partitions: 3, settings: { "max.message.bytes": "20000" } });
    await using stand = standOf({ hosts, topic });
    await stand.sink.open();
    const batch = [...recordsOf(1, 20), noisyRecord(21, 60_000), ...recordsOf(22, 40), noisyRecord(41, 90_000)];
    const written = await stand.sink.write(batch);
    assertEquals(written.refused, new Map([[20, TOO_LARGE], [40, TOO_LARGE]]));
    const taken = idsOf(batch).filter((id) => id !== "21" && id !== "41");
    assertEquals((await idsIn(broker, topic)).sort(), taken.toSorted());
    assertEquals(written.receipt, { ...await placesOf(broker, topic, taken) });
    // Compressed, it fits: the limit is on what is sent.
    const repetitive = recordsOf(42, 42).map((record) => ({ ...record, value: new Uint8Array(60_000).fill(32) }));
    assertEquals((await stand.sink.write(repetitive)).refused, new Map());
  });

  await t.step("a limit that is lowered while it runs costs one batch in halves, then it is known", async () => {
    const topic = newTopic("lowered");
    await makeTopic(broker.bootstrap, topic);
    await using stand = standOf({ hosts, topic, compression: "none" });
    await stand.sink.open();
    await administer(broker.bootstrap, (admin) =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [{
          type: ConfigResourceTypes.TOPIC,
          name: topic,
          configEntries: [{ name: "max.message.bytes", value: "20000" }],
        }],
      }));
    const batch = [
      ...Array.from({ length: 100 }, (_, index) => noisyRecord(index + 1, 1_000)),
      noisyRecord(101, 30_000),
    ];
    const { refused } = await stand.sink.write(batch);
    assertEquals(refused, new Map([[100, TOO_LARGE]]));
    assertEquals(new Set(await idsIn(broker, topic)), new Set(idsOf(batch.slice(0, 100))));
    assert(stand.complaints.length > 0);
    stand.complaints.length = 0;
    const next = Array.from({ length: 100 }, (_, index) => noisyRecord(index + 201, 1_000));
    await stand.sink.write(next);
    assertEquals(stand.complaints, []);
  });

  await t.step("a topic that is deleted while it runs is made again, and its offsets start over", async () => {
    const topic = newTopic("deleted");
    await using stand = standOf({ hosts, topic, partitions: 3 });
    await stand.sink.open();
    await stand.sink.write(recordsOf(1, 100));
    await administer(broker.bootstrap, (admin) => admin.deleteTopics({ topics: [topic] }));
    const { written } = await stand.persist(recordsOf(101, 200));
    assertEquals(written.receipt, { topic, offsets: { "0": "0", "1": "0", "2": "0" } });
    assertEquals((await idsIn(broker, topic)).sort(), idsOf(recordsOf(101, 200)).sort());
  });

  await t.step("a topic that somebody makes again with fewer partitions gets everything too", async () => {
    const topic = newTopic("smaller");
    await using stand = standOf({ hosts, topic, partitions: 6 });
    await stand.sink.open();
    await stand.sink.write(recordsOf(1, 100));
    await administer(broker.bootstrap, (admin) => admin.deleteTopics({ topics: [topic] }));
    await makeTopic(broker.bootstrap, topic, { partitions: 1 });
    const { written } = await stand.persist(recordsOf(101, 200));
    assertEquals(Object.keys((written.receipt as unknown as Receipt).offsets), ["0"]);
    assertEquals(new Set(await idsIn(broker, topic)), new Set(idsOf(recordsOf(101, 200))));
  });

  await t.step("KAFKA_COMPRESSION says how batches lie in the topic", async () => {
    const sizes: Record<string, number> = {};
    for (const compression of ["gzip", "none"] as const) {
      const topic = newTopic(compression);
      await makeTopic(broker.bootstrap, topic);
      await using stand = standOf({ hosts, topic, compression });
      await stand.sink.open();
      await stand.sink.write(recordsOf(1, 1_000));
      const segment = `${broker.process.folder}/data/${topic}-0/00000000000000000000.log`;
      const log = await Deno.readFile(segment);
      // The attributes of a batch end with its codec: 0 none, 1 gzip.
      assertEquals(log[22]! & 7, compression === "gzip" ? 1 : 0);
      // A segment may be made at its full length before.
      sizes[compression] = new DataView(log.buffer).getInt32(8);
    }
    assert(sizes["gzip"]! * 4 < sizes["none"]!, JSON.stringify(sizes));
  });

  await t.step("writing before it is opened and after it is closed is told, and nothing arrives", async () => {
    const topic = newTopic("closed");
    await makeTopic(broker.bootstrap, topic);
    const { sink } = standOf({ hosts, topic });
    for (const change of [() => Promise.resolve(), () => sink.open().then(() => sink.close())]) {
      await change();
      const words = await sink.write(recordsOf(1, 1)).then(() => "written", (error) => error.message);
      assertEquals(words, "Cannot deliver to Kafka: the sink is not open");
    }
    // Also where it was closed while it was opened.
    const opening = sink.open().then(() => "opened", (error) => error.message);
    await sink.close();
    assertEquals(await opening, "Cannot deliver to Kafka: the sink is not open");
    assertEquals(await idsIn(broker, topic), []);
  });
}
