/**
 * Records to a Kafka topic. Key: the tweet's id.
 *
 * It promises: a batch is acknowledged by all in-sync replicas before `write` resolves. The producer is not idempotent
 * (`kafka_client.ts` says why), so after a send without an answer a record may arrive twice; its key tells. After
 * every failure the next write begins anew: new connections, the brokers, leaders and topic as they are then.
 */

import { Buffer } from "node:buffer";
import { TransientError } from "../base/errors.ts";
import type { TweetRecord } from "../model/record.ts";
import { CompressionTypes, KafkaClient, type KafkaConnection, type Producer } from "./kafka_client.ts";
import { AFTER_AN_OPERATOR_MS } from "./kafka_failure.ts";
import { partsOf } from "./kafka_parts.ts";
import { findTopic } from "./kafka_topic.ts";
import type { Sink, Written } from "./sink.ts";

export interface KafkaSinkOptions extends KafkaConnection {
  readonly topic: string;
  /** gzip unless given. */
  readonly compression?: "gzip" | "none";
  /** With how many partitions the topic is made when it is missing; otherwise the brokers do as they do. */
  readonly partitions?: number | undefined;
}

/** A batch is below what a topic takes at once unless told otherwise (1 MB), even where gzip gains nothing. */
const LIMITS = { records: 1_000, bytes: 900_000 };

const ALL_REPLICAS = -1;

/** A producer, and what was learned of the topic when it was connected. */
interface Line {
  readonly producer: Producer;
  readonly mostBytes: number | undefined;
}

/** What became of a batch so far. */
interface Outcome {
  /** By the place in the batch. */
  readonly refused: Map<number, string>;
  /** The first offset of what was written, by partition. */
  readonly offsets: Map<number, string>;
  /** Whether the topic takes less at a time than was known. */
  wasHalved: boolean;
}

export class KafkaSink implements Sink {
  readonly name = "kafka";
  readonly target: string;
  readonly limits = LIMITS;
  readonly #options: KafkaSinkOptions;
  readonly #client: KafkaClient;
  readonly #leaving = new Set<Promise<void>>();
  #isOpen = false;
  #line: Line | undefined;

  constructor(options: KafkaSinkOptions) {
    this.#options = options;
    this.#client = new KafkaClient(options);
    this.target = `Kafka ${options.hosts.join(",")}, topic ${options.topic}`;
  }

  async open(): Promise<void> {
    this.#client.checkCertificates();
    this.#isOpen = true;
    try {
      await this.#connected();
    } catch (error) {
      throw this.#translated(error);
    }
  }

  async write(batch: readonly TweetRecord[]): Promise<Written> {
    if (!this.#isOpen) throw notOpen();
    const outcome: Outcome = { refused: new Map(), offsets: new Map(), wasHalved: false };
    try {
      const line = await this.#connected();
      for (const { from, records } of partsOf(batch, line.mostBytes)) await this.#send(line, records, from, outcome);
      // What was written of a refused part was written twice: the next batch is to know better.
      if (outcome.wasHalved) this.#leaveLine();
    } catch (error) {
      this.#leaveLine();
      throw this.#translated(error);
    }
    const { topic } = this.#options;
    return { refused: outcome.refused, receipt: { topic, offsets: Object.fromEntries(outcome.offsets) } };
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    this.#leaveLine();
    await Promise.all(this.#leaving);
  }

  async #connected(): Promise<Line> {
    const line = this.#line ??= await this.#connect();
    if (this.#isOpen) return line;
    // It was closed meanwhile.
    this.#leaveLine();
    throw notOpen();
  }

  async #connect(): Promise<Line> {
    const { topic: name, partitions } = this.#options;
    const { mostBytes } = await findTopic(this.#client, { name, partitions });
    const producer = this.#client.producer({ makesTopics: partitions === undefined });
    try {
      await producer.connect();
    } catch (error) {
      await producer.disconnect();
      throw error;
    }
    return { producer, mostBytes };
  }

  /** Lets go of the connections, which may take a while where a request has no answer: nobody waits for that. */
  #leaveLine(): void {
    const line = this.#line;
    if (!line) return;
    this.#line = undefined;
    const left = line.producer.disconnect().catch(() => undefined).finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }

  /** Sends records; halves them where the broker finds them too large, until a single one is. `from` is their place. */
  async #send(line: Line, records: readonly TweetRecord[], from: number, outcome: Outcome): Promise<void> {
    try {
      const answers = await line.producer.send({
        topic: this.#options.topic,
        acks: ALL_REPLICAS,
        compression: this.#options.compression === "none" ? CompressionTypes.None : CompressionTypes.GZIP,
        messages: records.map(messageOf),
      });
      for (const { partition, baseOffset } of answers) {
        if (baseOffset !== undefined && !outcome.offsets.has(partition)) outcome.offsets.set(partition, baseOffset);
      }
    } catch (error) {
      const failure = this.#client.whyFailed(error, this.#options.topic);
      if (failure?.kind !== "refused") throw error;
      if (records.length === 1) {
        outcome.refused.set(from, failure.words);
        return;
      }
      outcome.wasHalved = true;
      const half = Math.ceil(records.length / 2);
      await this.#send(line, records.slice(0, half), from, outcome);
      await this.#send(line, records.slice(half), from + half, outcome);
    }
  }

  /** A vendor's error as ours; what is none of the vendor's surfaces as it is. */
  #translated(error: unknown): unknown {
    // Ours has the vendor's for a cause, which would be taken for it.
    if (error instanceof TransientError) return error;
    const failure = this.#client.whyFailed(error, this.#options.topic);
    if (!failure) return error;
    const wait = failure.kind === "operator" ? { retryAfterMs: AFTER_AN_OPERATOR_MS } : {};
    return new TransientError(failure.words, { cause: error, ...wait });
  }
}

function notOpen(): TransientError {
  return new TransientError("Cannot deliver to Kafka: the sink is not open");
}

function messageOf(record: TweetRecord): { key: string; value: Buffer; headers: Record<string, string> } {
  const { buffer, byteOffset, byteLength } = record.value;
  const value = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
  return { key: record.id, value, headers: { ...record.headers } };
}
