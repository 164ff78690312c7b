/**
 * The topic: finding it, making it when it is missing and that is allowed, and how large a batch it takes.
 *
 * Without a number of partitions the brokers are left to make the topic as they make any that is asked for, or not to;
 * with one it is made with that many, and the brokers' default for replicas.
 */

import { TransientError } from "../base/errors.ts";
import { type Admin, ConfigResourceTypes, type KafkaClient } from "./kafka_client.ts";
import { AFTER_AN_OPERATOR_MS } from "./kafka_failure.ts";

export interface WantedTopic {
  readonly name: string;
  /** With how many partitions it is made when it is missing. */
  readonly partitions?: number | undefined;
}

/** The topic as it is. */
export interface FoundTopic {
  /** The most bytes of a batch after compression; undefined when we may not know. */
  readonly mostBytes: number | undefined;
}

/** The brokers' own default, in Kafka's protocol. */
const AS_THE_BROKERS_DO = -1;

/**
 * Finds the topic, or makes it. Throws what kafkajs throws, and a `TransientError` when there is no topic and none can
 * be made.
 */
export async function findTopic(client: KafkaClient, wanted: WantedTopic): Promise<FoundTopic> {
  if (wanted.partitions === undefined) await askForTopic(client, wanted.name);
  const admin = client.admin();
  try {
    await admin.connect();
    if (wanted.partitions !== undefined) await makeIfMissing(admin, client, wanted.name, wanted.partitions);
    client.learn((await answered(() => admin.describeCluster())).brokers);
    return { mostBytes: await mostBytesOf(admin, client, wanted.name) };
  } finally {
    await admin.disconnect();
  }
}

/**
 * Brokers that make topics by themselves do so when one is asked for, and take a moment in which sending would fail.
 * So the topic is asked for first, with kafkajs's own few tries, by sending nothing to it.
 */
async function askForTopic(client: KafkaClient, topic: string): Promise<void> {
  const asking = client.producer({ makesTopics: true, forAsking: true });
  try {
    await asking.connect();
    await asking.send({ topic, messages: [] });
  } catch (error) {
    if (client.whyFailed(error, topic)?.type !== "UNKNOWN_TOPIC_OR_PARTITION") throw error;
    throw missing(topic, "the brokers make none by themselves: make it, or set KAFKA_TOPIC_PARTITIONS", error);
  } finally {
    await asking.disconnect();
  }
}

async function makeIfMissing(admin: Admin, client: KafkaClient, topic: string, partitions: number): Promise<void> {
  if (await isThere(admin, client, topic)) return;
  try {
    const topics = [{ topic, numPartitions: partitions, replicationFactor: AS_THE_BROKERS_DO }];
    await admin.createTopics({ topics, waitForLeaders: true });
  } catch (error) {
    // Of several topics there may be several errors; here it is one.
    const first = error instanceof Error && "errors" in error ? (error.errors as unknown[])[0] : error;
    const failure = client.whyFailed(first, topic);
    // Somebody else may have been faster.
    if (failure === undefined || failure.type === "TOPIC_ALREADY_EXISTS") {
      if (failure === undefined) throw first;
      return;
    }
    if (/AUTHORIZATION_FAILED$/.test(failure.type ?? "")) {
      throw missing(topic, "Kafka does not let us make it: make it, or allow this login to create topics", error);
    }
    throw missing(topic, `making it failed: ${failure.words}`, error);
  }
}

async function isThere(admin: Admin, client: KafkaClient, topic: string): Promise<boolean> {
  try {
    await answered(() => admin.fetchTopicMetadata({ topics: [topic] }));
    return true;
  } catch (error) {
    if (client.whyFailed(error, topic)?.type === "UNKNOWN_TOPIC_OR_PARTITION") return false;
    throw error;
  }
}

/** Brokers that do not say it, or do not let us know it, have the last word when they are sent a batch. */
async function mostBytesOf(admin: Admin, client: KafkaClient, topic: string): Promise<number | undefined> {
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: ["max.message.bytes"] }],
    });
    const value = Number(resources[0]?.configEntries[0]?.configValue);
    return Number.isSafeInteger(value) && value > 0 ? value : undefined;
  } catch (error) {
    if (client.whyFailed(error, topic) === undefined) throw error;
    return undefined;
  }
}

/**
 * Asks for something of the cluster's. Where a connection is cut while kafkajs waits, it passes over that, has no answer,
 * and takes that apart as if it were one: what it throws is a TypeError (2.2.4).
 */
async function answered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new TransientError("Kafka breaks off the connection before it answers", { cause: error });
  }
}

/** An operator has to do something first, so there is no hurry. */
function missing(topic: string, why: string, cause: unknown): TransientError {
  return new TransientError(`there is no topic ${topic}, and ${why}`, { cause, retryAfterMs: AFTER_AN_OPERATOR_MS });
}
