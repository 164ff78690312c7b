/**
 * Reads the ids in a topic back, for those who compare them with what was acknowledged.
 *
 * It reads from the given offsets up to the end that stood there when it began, then ends. It joins no consumer group
 * and commits nothing, so it leaves no trace on the brokers. What can no longer be read is not passed over in silence:
 * it is told among the records, as it is found, so that nobody takes it for lost.
 */

import { UnavailableError } from "../base/errors.ts";
import { KafkaClient, type KafkaConnection } from "./kafka_client.ts";
import type { KafkaCluster, KafkaMessage } from "./kafka_cluster.ts";
import { whyKafkaFailed } from "./kafka_failure.ts";

/** What is found in a partition, or what is not there any more. */
export type ReadBack =
  /** A record with a key. */
  | { readonly kind: "record"; readonly partition: number; readonly offset: bigint; readonly id: string }
  /** The offsets from `from` up to, not including, `to` are gone: retention, or somebody, has deleted them. */
  | { readonly kind: "removed"; readonly partition: number; readonly from: bigint; readonly to: bigint }
  /**
   * The partition ends at `end`, before the offset that was given: the topic was deleted and made again since. What it
   * has now is read from its beginning.
   */
  | { readonly kind: "restarted"; readonly partition: number; readonly from: bigint; readonly end: bigint }
  /** There is no such partition any more, or no such topic. */
  | { readonly kind: "gone"; readonly partition: number };

export interface ReadBackRange {
  readonly topic: string;
  /** The first offset to read, by partition; other partitions are not read. */
  readonly from: ReadonlyMap<number, bigint>;
}

const READ_UNCOMMITTED = 0;
const NO_REPLICA = -1;
const MOST_BYTES = 4 * 1024 ** 2;
const WAIT_MS = 500;

/** How often the same place is read again, where there is no answer, or one without records. */
const TRIES = 5;

/** A partition has another leader, or none for the moment. */
const STALE = new Set(["NOT_LEADER_FOR_PARTITION", "LEADER_NOT_AVAILABLE", "REPLICA_NOT_AVAILABLE"]);

/** Reads the ranges, partition by partition. Throws `UnavailableError` when Kafka cannot be read. */
export async function* readBack(connection: KafkaConnection, range: ReadBackRange): AsyncGenerator<ReadBack, void> {
  const client = new KafkaClient(connection);
  client.checkCertificates();
  const cluster = client.cluster();
  try {
    yield* read(cluster, range, connection.hosts);
  } catch (error) {
    const failure = client.whyFailed(error, range.topic);
    if (!failure) throw error;
    throw new UnavailableError(`Cannot read the topic ${range.topic} back: ${failure.words}`, {
      hint: "Start Kafka, or check the KAFKA settings; what was read so far is not the whole",
      cause: error,
    });
  } finally {
    await cluster.disconnect();
  }
}

async function* read(
  cluster: KafkaCluster,
  { topic, from }: ReadBackRange,
  hosts: readonly string[],
): AsyncGenerator<ReadBack, void> {
  await cluster.connect();
  const present = await partitionsOf(cluster, topic, hosts);
  const wanted = [...from].filter(([partition]) => present.has(partition));
  for (const partition of from.keys()) if (!present.has(partition)) yield { kind: "gone", partition };
  if (wanted.length === 0) return;
  const partitions = wanted.map(([partition]) => partition);
  // The end first: what is removed between the two questions is then removed, and not taken for a topic made again.
  const ends = await offsetsOf(cluster, topic, partitions, "end");
  const beginnings = await offsetsOf(cluster, topic, partitions, "beginning");
  for (const [partition, first] of wanted) {
    const [begin, end] = [beginnings.get(partition)!, ends.get(partition)!];
    let next = first;
    if (first > end) {
      yield { kind: "restarted", partition, from: first, end };
      next = begin;
    } else if (first < begin) {
      yield { kind: "removed", partition, from: first, to: begin };
      next = begin;
    }
    yield* readPartition(cluster, { topic, partition, next, end });
  }
}

interface Stretch {
  readonly topic: string;
  readonly partition: number;
  readonly next: bigint;
  readonly end: bigint;
}

async function* readPartition(cluster: KafkaCluster, stretch: Stretch): AsyncGenerator<ReadBack, void> {
  const { topic, partition, end } = stretch;
  let { next } = stretch;
  let emptyAnswers = 0;
  while (next < end) {
    const messages = await fetchAt(cluster, topic, partition, next);
    if (messages === "removed") {
      const begin = (await offsetsOf(cluster, topic, [partition], "beginning")).get(partition)!;
      const to = begin > next && begin < end ? begin : end;
      yield { kind: "removed", partition, from: next, to };
      next = to;
      continue;
    }
    const before = next;
    for (const { offset, key, isControlRecord } of messages) {
      const at = BigInt(offset);
      // A batch is given whole, also where only its end was asked for.
      if (at < next || at >= end) continue;
      next = at + 1n;
      if (key && !isControlRecord) yield { kind: "record", partition, offset: at, id: new TextDecoder().decode(key) };
    }
    emptyAnswers = next > before ? 0 : emptyAnswers + 1;
    if (emptyAnswers < TRIES) continue;
    // A broker that holds us back answers with nothing for a while; what stays empty was compacted away.
    yield { kind: "removed", partition, from: next, to: end };
    return;
  }
}

/** The messages at an offset and after it, also some before it; "removed" when it is no offset of the partition. */
async function fetchAt(
  cluster: KafkaCluster,
  topic: string,
  partition: number,
  offset: bigint,
): Promise<readonly KafkaMessage[] | "removed"> {
  for (let tries = 1;; tries++) {
    try {
      const { leader: nodeId } = cluster.findTopicPartitionMetadata(topic)
        .find(({ partitionId }) => partitionId === partition)!;
      const broker = await cluster.findBroker({ nodeId });
      const { responses } = await broker.fetch({
        replicaId: NO_REPLICA,
        isolationLevel: READ_UNCOMMITTED,
        maxWaitTime: WAIT_MS,
        minBytes: 1,
        maxBytes: MOST_BYTES,
        topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: MOST_BYTES }] }],
      });
      return responses.flatMap(({ partitions }) => partitions.flatMap(({ messages }) => messages));
    } catch (error) {
      const { name, type } = error as Error & { type?: string };
      if (type === "OFFSET_OUT_OF_RANGE") return "removed";
      const mayHeal = STALE.has(type ?? "") || name === "KafkaJSConnectionClosedError" ||
        name === "KafkaJSConnectionError" || name === "KafkaJSBrokerNotFound";
      if (!mayHeal || tries === TRIES) throw error;
      await cluster.refreshMetadata();
    }
  }
}

/** The topic's partitions, none when there is no such topic. */
async function partitionsOf(cluster: KafkaCluster, topic: string, hosts: readonly string[]): Promise<Set<number>> {
  try {
    await cluster.addTargetTopic(topic);
  } catch (error) {
    if (whyKafkaFailed(error, hosts, topic)?.type !== "UNKNOWN_TOPIC_OR_PARTITION") throw error;
    return new Set();
  }
  return new Set(cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId));
}

async function offsetsOf(
  cluster: KafkaCluster,
  topic: string,
  partitions: readonly number[],
  which: "beginning" | "end",
): Promise<Map<number, bigint>> {
  const answers = await cluster.fetchTopicsOffset([{
    topic,
    partitions: partitions.map((partition) => ({ partition })),
    fromBeginning: which === "beginning",
  }]);
  return new Map(answers.flatMap((answer) => answer.partitions.map((at) => [at.partition, BigInt(at.offset)])));
}
