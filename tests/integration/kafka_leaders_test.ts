/** Leaders that move in a cluster of two brokers, because an operator says so. */

import { assertEquals } from "@std/assert";
import { Events } from "../../src/base/events.ts";
import { readBack } from "../../src/deliver/kafka_reader.ts";
import { type KafkaBroker, startKafkaPair } from "../support/kafka.ts";
import { administer, makeTopic } from "../support/kafka_admin.ts";
import { consumeAll } from "../support/kafka_records.ts";
import { recordsOf } from "../support/records.ts";
import { serviceTest } from "../support/services.ts";
import { waitUntil } from "../support/wait_until.ts";
import { newTopic, standOf } from "./kafka_stand.ts";

/** The leader of each partition, in order. */
async function leadersOf({ bootstrap }: KafkaBroker, topic: string): Promise<number[]> {
  const { topics } = await administer(bootstrap, (admin) => admin.fetchTopicMetadata({ topics: [topic] }));
  return topics[0]!.partitions.toSorted((a, b) => a.partitionId - b.partitionId).map(({ leader }) => leader);
}

async function assertHasAll(broker: KafkaBroker, topic: string, count: number): Promise<void> {
  const ids = new Set((await consumeAll(broker.bootstrap, topic)).map(({ id }) => id));
  assertEquals(ids, new Set(recordsOf(1, count).map(({ id }) => id)));
}

async function checkLeaders(t: Deno.TestContext, [first, second]: readonly [KafkaBroker, KafkaBroker]): Promise<void> {
  await t.step("an operator moves every partition to another broker while it runs: nothing is left out", async () => {
    const topic = newTopic("moved");
    await makeTopic(first.bootstrap, topic, { partitions: 4 });
    await using stand = standOf({ hosts: [first.bootstrap], topic });
    await stand.sink.open();
    const before = await leadersOf(first, topic);
    const after = before.map((leader) => 3 - leader);
    const partitionAssignment = after.map((replica, partition) => ({ partition, replicas: [replica] }));
    await stand.sink.write(recordsOf(1, 20));
    await administer(
      first.bootstrap,
      (admin) => admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment }] }),
    );
    let count = 20;
    await waitUntil(async () => {
      await stand.persist(recordsOf(count + 1, count + 20));
      count += 20;
      return (await leadersOf(first, topic)).join() === after.join();
    }, { what: "the partitions are moved", withinMs: 30_000 });
    await stand.persist(recordsOf(count + 1, count + 20));
    await assertHasAll(first, topic, count + 20);
    const from = new Map(after.map((_, partition) => [partition, 0n]));
    const reading = { hosts: [second.bootstrap], clientId: "traptor-verify", events: new Events() };
    const found = new Set<string>();
    for await (const one of readBack(reading, { topic, from })) if (one.kind === "record") found.add(one.id);
    assertEquals(found, new Set(recordsOf(1, count + 20).map(({ id }) => id)));
  });
}

serviceTest({
  name: "leaders that move between two brokers",
  needs: ["kafka", "kcat"],
  async fn(t) {
    const pair = await startKafkaPair();
    try {
      await checkLeaders(t, pair);
    } finally {
      for (const broker of pair) await broker.stop();
    }
  },
});
