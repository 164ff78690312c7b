/**
 * A broker that makes it hard: it makes no topic by itself, asks for a login, forbids, holds back,
 * loses answers, and dies. The sink has to get through, and to say what is wrong until it does.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { TransientError, UnavailableError } from "../../src/base/errors.ts";
import { Events } from "../../src/base/events.ts";
import { readBack } from "../../src/deliver/kafka_reader.ts";
import type { KafkaSink, KafkaSinkOptions } from "../../src/deliver/kafka_sink.ts";
import type { TweetRecord } from "../../src/model/record.ts";
import { freePort } from "../support/free_port.ts";
import { type KafkaBroker, startKafka } from "../support/kafka.ts";
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  administer,
  limitClient,
  makeTopic,
  ResourcePatternTypes,
} from "../support/kafka_admin.ts";
import { startKafkaProxy } from "../support/kafka_proxy.ts";
import { consumeAll } from "../support/kafka_records.ts";
import { recordsOf } from "../support/records.ts";
import { serviceTest } from "../support/services.ts";
import { newTopic, noisyRecord, standOf } from "./kafka_stand.ts";

const [SECURE, LOSSY, PROXY, CONTROLLER] = [freePort(), freePort(), freePort(), freePort()];
const PASSWORD = "a-password-of-the-test";
const LOGINS = "org.apache.kafka.common.security.plain.PlainLoginModule required " +
  `user_everything="${PASSWORD}" user_little="${PASSWORD}";`;

/** What an operator has to mend is tried again slowly. */
const SLOWLY_MS = 10_000;

function properties(port: number): Record<string, string> {
  const names = ["PLAINTEXT", "SECURE", "LOSSY", "CONTROLLER"];
  return {
    "listeners": [port, SECURE, LOSSY, CONTROLLER].map((at, index) => `${names[index]}://127.0.0.1:${at}`).join(","),
    "advertised.listeners": [port, SECURE, PROXY].map((at, index) => `${names[index]}://127.0.0.1:${at}`).join(","),
    "controller.quorum.voters": `1@127.0.0.1:${CONTROLLER}`,
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,SECURE:SASL_PLAINTEXT,LOSSY:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "sasl.enabled.mechanisms": "PLAIN",
    "listener.name.secure.plain.sasl.jaas.config": LOGINS,
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:ANONYMOUS;User:everything",
    "auto.create.topics.enable": "false",
  };
}

function login(username: string): Pick<KafkaSinkOptions, "hosts" | "sasl"> {
  return { hosts: [`127.0.0.1:${SECURE}`], sasl: { mechanism: "plain", username, password: PASSWORD } };
}

/** Changes the password of every login; the broker learns it when it starts. */
async function changePassword(broker: KafkaBroker, from: string, to: string): Promise<void> {
  const file = `${broker.process.folder}/server.properties`;
  await Deno.writeTextFile(file, (await Deno.readTextFile(file)).replaceAll(from, to));
}

function allow(
  broker: KafkaBroker,
  topic: string,
  ...operations: (keyof typeof AclOperationTypes)[]
): Promise<unknown> {
  const acl = operations.map((operation) => ({
    resourceType: AclResourceTypes.TOPIC,
    resourceName: topic,
    resourcePatternType: ResourcePatternTypes.LITERAL,
    principal: "User:little",
    host: "*",
    operation: AclOperationTypes[operation],
    permissionType: AclPermissionTypes.ALLOW,
  }));
  return administer(broker.bootstrap, (admin) => admin.createAcls({ acl }));
}

/** The words of a failure that somebody has to mend, which is therefore tried again slowly. */
async function waitsForOperator(act: () => Promise<unknown>): Promise<string> {
  const { message, retryAfterMs } = await assertRejects(act, TransientError);
  assertEquals(retryAfterMs, SLOWLY_MS, message);
  return message;
}

/** Opens it as soon as it can be: a change of permissions takes a moment to reach all of a broker. */
async function openSoon(sink: KafkaSink): Promise<void> {
  for (let tries = 0;; tries++) {
    try {
      return await sink.open();
    } catch (error) {
      if (!(error instanceof TransientError) || tries === 20) throw error;
    }
  }
}

async function idsIn(broker: KafkaBroker, topic: string): Promise<string[]> {
  return (await consumeAll(broker.bootstrap, topic)).map(({ id }) => id);
}

function idsOf(records: readonly TweetRecord[]): string[] {
  return records.map(({ id }) => id);
}

async function checkTrouble(t: Deno.TestContext, broker: KafkaBroker): Promise<void> {
  await t.step("no topic, and none that the broker makes by itself: told, until somebody makes it", async () => {
    const topic = newTopic("absent");
    await using stand = standOf({ hosts: [broker.bootstrap], topic });
    assertEquals(
      await waitsForOperator(() => stand.sink.open()),
      `there is no topic ${topic}, and the brokers make none by themselves: make it, or set KAFKA_TOPIC_PARTITIONS`,
    );
    await makeTopic(broker.bootstrap, topic);
    await stand.sink.open();
    await stand.sink.write(recordsOf(1, 3));
    // Deleted while it runs, it is told as well, by a write.
    await administer(broker.bootstrap, (admin) => admin.deleteTopics({ topics: [topic] }));
    await assertRejects(() => stand.sink.write(recordsOf(4, 6)), TransientError);
    assert((await waitsForOperator(() => stand.sink.write(recordsOf(4, 6)))).startsWith(`there is no topic ${topic},`));
    await makeTopic(broker.bootstrap, topic);
    await stand.persist(recordsOf(4, 6));
    assertEquals(await idsIn(broker, topic), ["4", "5", "6"]);
  });

  await t.step("a login that may not make the topic, then may not write, then may", async () => {
    const topic = newTopic("forbidden");
    await using stand = standOf({ ...login("little"), topic, partitions: 2 });
    const forbidden = `Kafka at 127.0.0.1:${SECURE} does not let this login use the topic ${topic}`;
    const unmade = "Kafka does not let us make it: make it, or allow this login to create topics";
    assertEquals(await waitsForOperator(() => stand.sink.open()), forbidden);
    await allow(broker, topic, "DESCRIBE");
    assertEquals(await waitsForOperator(() => stand.sink.open()), `there is no topic ${topic}, and ${unmade}`);
    await allow(broker, topic, "CREATE");
    await openSoon(stand.sink);
    assertEquals(await waitsForOperator(() => stand.sink.write(recordsOf(1, 20))), forbidden);
    await allow(broker, topic, "WRITE");
    const { written } = await stand.persist(recordsOf(1, 20));
    assertEquals(written.refused, new Map());
    assertEquals((await idsIn(broker, topic)).sort(), idsOf(recordsOf(1, 20)).sort());
    const reading = () => Array.fromAsync(readBack({ ...connection("little") }, { topic, from: new Map([[0, 0n]]) }));
    const { message } = await assertRejects(reading, UnavailableError);
    assertEquals(message, `Cannot read the topic ${topic} back: ${forbidden}`);
  });

  await t.step("a limit that the login may not know: the batch is halved until what fits is written", async () => {
    const topic = newTopic("unknown");
    await makeTopic(broker.bootstrap, topic, { settings: { "max.message.bytes": "20000" } });
    await allow(broker, topic, "DESCRIBE", "WRITE", "READ");
    await using stand = standOf({ ...login("little"), topic, compression: "none" });
    await openSoon(stand.sink);
    const batch = [...Array.from({ length: 60 }, (_, index) => noisyRecord(index + 1, 1_000)), noisyRecord(61, 30_000)];
    assertEquals([...(await stand.sink.write(batch)).refused!.keys()], [60]);
    assertEquals(await idsIn(broker, topic), idsOf(batch.slice(0, 60)));
    const found = await Array.fromAsync(readBack(connection("little"), { topic, from: new Map([[0, 58n]]) }));
    assertEquals(found, [
      { kind: "record", partition: 0, offset: 58n, id: "59" },
      { kind: "record", partition: 0, offset: 59n, id: "60" },
    ]);
  });

  await t.step("an answer that is lost: the same records are sent again, and none is left out", async () => {
    await using proxy = startKafkaProxy(PROXY, LOSSY);
    const topic = newTopic("lost");
    await using stand = standOf({ hosts: [`127.0.0.1:${PROXY}`], topic, partitions: 1 });
    await stand.sink.open();
    await stand.sink.write(recordsOf(1, 5));
    const swallowed = proxy.swallowNext();
    await assertRejects(() => stand.sink.write(recordsOf(6, 8)), TransientError);
    await swallowed;
    assertEquals((await stand.sink.write(recordsOf(6, 8))).receipt, { topic, offsets: { "0": "8" } });
    await stand.sink.write(recordsOf(9, 9));
    assertEquals(await idsIn(broker, topic), ["1", "2", "3", "4", "5", "6", "7", "8", "6", "7", "8", "9"]);
  });

  await t.step("a broker that holds us back slows it down, and nothing fails", async () => {
    const topic = newTopic("quota");
    await limitClient(broker.port, "traptor-held", 50_000);
    await using stand = standOf({ hosts: [broker.bootstrap], topic, partitions: 1, clientId: "traptor-held" });
    await stand.sink.open();
    stand.complaints.length = 0;
    const batch = (from: number) => Array.from({ length: 50 }, (_, index) => noisyRecord(from + index, 8_000));
    const start = performance.now();
    for (const from of [1, 51, 101]) await stand.sink.write(batch(from));
    // That it was held back at all; without it this takes some milliseconds.
    assert(performance.now() - start > 1_000);
    assertEquals(stand.complaints, []);
    assertEquals(await idsIn(broker, topic), Array.from({ length: 150 }, (_, index) => String(index + 1)));
  });

  await t.step(
    "a broker that dies, and comes back with another password: told in words, until it fits again",
    async () => {
      const topic = newTopic("killed");
      await using stand = standOf({ ...login("everything"), topic, partitions: 3 });
      await stand.sink.open();
      await stand.sink.write(recordsOf(1, 50));
      await broker.process.kill();
      await assertRejects(() => stand.sink.write(recordsOf(51, 90)), TransientError);
      const away = await assertRejects(() => stand.sink.write(recordsOf(51, 90)), TransientError);
      assertEquals(away.message, `no broker answers at 127.0.0.1:${SECURE}: the connection is refused`);
      assertEquals(away.retryAfterMs, undefined);
      await changePassword(broker, PASSWORD, "another-password");
      await broker.process.start();
      assertEquals(
        await waitsForOperator(() => stand.sink.write(recordsOf(51, 90))),
        `Kafka at 127.0.0.1:${SECURE} refuses the login: ` +
          "check KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD",
      );
      assert(!stand.complaints.join().includes(PASSWORD));
      await broker.process.kill();
      await changePassword(broker, "another-password", PASSWORD);
      await broker.process.start();
      await stand.persist(recordsOf(51, 90));
      assertEquals((await idsIn(broker, topic)).sort(), idsOf(recordsOf(1, 90)).sort());
    },
  );
}

function connection(username: string) {
  return { ...login(username), clientId: "traptor-verify", events: new Events() };
}

serviceTest({
  name: "a Kafka that forbids, holds back, loses answers and dies gets everything in the end",
  needs: ["kafka", "kcat"],
  async fn(t) {
    const broker = await startKafka({ properties });
    try {
      await checkTrouble(t, broker);
    } finally {
      await broker.stop();
    }
  },
});
