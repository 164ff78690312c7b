/**
 * Records to a Kafka topic, over npm:kafkajs, whose only importer this is. Key: the tweet's id.
 *
 * It promises: a batch is acknowledged by all in-sync replicas before `write` resolves. The producer is not idempotent:
 * kafkajs's idempotent one, after a send without an answer, uses the same sequence numbers for other messages, which a
 * broker may then drop as duplicates. A record may so arrive twice; its key tells.
 */

import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import { promisify } from "node:util";
import { constants, gunzip, gzip } from "node:zlib";
import {
  CompressionCodecs,
  CompressionTypes,
  Kafka,
  type KafkaConfig,
  type LogEntry,
  logLevel,
  type Message,
  Partitioners,
  type Producer,
  type SASLOptions,
} from "kafkajs";
import RequestQueue from "kafkajs/src/network/requestQueue/index.js";
import { SettingsError, TransientError } from "../base/errors.ts";
import type { Events } from "../base/events.ts";
import type { TweetRecord } from "../model/record.ts";
import { whyKafkaFailed } from "./kafka_failure.ts";
import { mendRequestQueue } from "./kafka_request_queue.ts";
import type { Sink, Written } from "./sink.ts";

export interface KafkaSinkOptions {
  hosts: readonly string[];
  topic: string;
  clientId: string;
  /** TLS, with the certificates (PEM) of a private CA if there is one. */
  ssl?: { readonly ca?: string };
  sasl?: {
    readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
    readonly username: string;
    readonly password: string;
  };
  events: Events;
}

/** Finding brokers, and a topic that is just being made: kafkajs gives up soon, the outbox owns the long wait. */
const OWN_RETRIES = { retries: 2, initialRetryTime: 200, maxRetryTime: 2_000 };

/**
 * Sending: none. When one of several brokers fails, kafkajs sends again to those alone that have not answered; what was
 * theirs and is meanwhile led by one that has answered would be left out, and called sent.
 */
const NO_RETRIES = { retries: 0 };

/** A batch is below what a broker takes at once unless told otherwise (1 MB), even where gzip gains nothing. */
const LIMITS = { records: 1_000, bytes: 900_000 };

const ALL_REPLICAS = -1;

const PRODUCING = {
  // Named, or kafkajs prints a notice about its change of the default one.
  createPartitioner: Partitioners.DefaultPartitioner,
  allowAutoTopicCreation: true,
  idempotent: false,
};

/** What became of a batch so far. */
interface Outcome {
  /** By the place in the batch. */
  readonly refused: Map<number, string>;
  /** The first offset of what was written, by partition. */
  readonly offsets: Map<number, string>;
}

export class KafkaSink implements Sink {
  readonly name = "kafka";
  readonly target: string;
  readonly limits = LIMITS;
  readonly #options: KafkaSinkOptions;
  #producer: Producer | undefined;

  constructor(options: KafkaSinkOptions) {
    this.#options = options;
    this.target = `Kafka ${options.hosts.join(",")}, topic ${options.topic}`;
    mendRequestQueue(RequestQueue);
    useFastGzip();
  }

  async open(): Promise<void> {
    this.#checkCertificates();
    const kafka = new Kafka(this.#config());
    await this.#findTopic(kafka);
    const producer = kafka.producer({ ...PRODUCING, retry: NO_RETRIES });
    try {
      await producer.connect();
    } catch (error) {
      await producer.disconnect();
      throw this.#translated(error);
    }
    this.#producer = producer;
  }

  async write(batch: readonly TweetRecord[]): Promise<Written> {
    const outcome: Outcome = { refused: new Map(), offsets: new Map() };
    await this.#send(batch, 0, outcome);
    const { topic } = this.#options;
    return { refused: outcome.refused, receipt: { topic, offsets: Object.fromEntries(outcome.offsets) } };
  }

  async close(): Promise<void> {
    await this.#producer?.disconnect();
    this.#producer = undefined;
  }

  /**
   * Brokers that make topics by themselves do so when one is asked for, and take a moment in which sending would fail.
   * So the topic is asked for first, with kafkajs's own few tries, by sending nothing to it.
   */
  async #findTopic(kafka: Kafka): Promise<void> {
    const asking = kafka.producer({ ...PRODUCING, retry: OWN_RETRIES });
    try {
      await asking.connect();
      await asking.send({ topic: this.#options.topic, messages: [] });
    } catch (error) {
      throw this.#translated(error);
    } finally {
      await asking.disconnect();
    }
  }

  /** Sends a batch; halves it where the broker finds it too large, until a single record is. `from` is its place. */
  async #send(batch: readonly TweetRecord[], from: number, outcome: Outcome): Promise<void> {
    if (!this.#producer) throw new TransientError("Cannot deliver to Kafka: the sink is not open");
    try {
      const answers = await this.#producer.send({
        topic: this.#options.topic,
        acks: ALL_REPLICAS,
        compression: CompressionTypes.GZIP,
        messages: batch.map(messageOf),
      });
      for (const { partition, baseOffset } of answers) {
        if (baseOffset !== undefined && !outcome.offsets.has(partition)) outcome.offsets.set(partition, baseOffset);
      }
    } catch (error) {
      const failure = whyKafkaFailed(error, this.#options.hosts, this.#options.topic);
      if (failure?.kind !== "refused") throw this.#translated(error);
      if (batch.length === 1) {
        outcome.refused.set(from, failure.words);
        return;
      }
      const half = Math.ceil(batch.length / 2);
      await this.#send(batch.slice(0, half), from, outcome);
      await this.#send(batch.slice(half), from + half, outcome);
    }
  }

  /** The TLS of the platform passes over certificates that it cannot read. */
  #checkCertificates(): void {
    const { ca } = this.#options.ssl ?? {};
    if (ca === undefined) return;
    try {
      new X509Certificate(ca);
    } catch (error) {
      throw new SettingsError("Cannot deliver to Kafka: the file of KAFKA_SSL_CA holds no certificate", {
        hint: "Name a file with certificates in PEM form, which begin with -----BEGIN CERTIFICATE-----",
        cause: error,
      });
    }
  }

  /** A vendor's error as ours; what is none of the vendor's surfaces as it is. */
  #translated(error: unknown): unknown {
    const failure = whyKafkaFailed(error, this.#options.hosts, this.#options.topic);
    return failure ? new TransientError(failure.words, { cause: error }) : error;
  }

  #config(): KafkaConfig {
    const { hosts, clientId, ssl, sasl, events } = this.#options;
    return {
      brokers: [...hosts],
      clientId,
      connectionTimeout: 5_000,
      requestTimeout: 30_000,
      retry: OWN_RETRIES,
      ...(ssl ? { ssl: ssl.ca === undefined ? true : { ca: [ssl.ca] } } : {}),
      ...(sasl ? { sasl: sasl as SASLOptions } : {}),
      logLevel: logLevel.WARN,
      // Its own lines are ours to write: our log knows the level, the form, and what must be made safe.
      logCreator: () => ({ level, log }: LogEntry) => {
        const error = typeof log["error"] === "string" ? `: ${log["error"]}` : "";
        events.emit("vendor_line", {
          vendor: "kafkajs",
          text: `${log.message}${error}`,
          severe: level <= logLevel.ERROR,
        });
      },
    };
  }
}

function messageOf(record: TweetRecord): Message {
  const { buffer, byteOffset, byteLength } = record.value;
  return { key: record.id, value: Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength), headers: record.headers };
}

/**
 * gzip at its fastest level: at the default one it, not Kafka, would be what a core is busy with. The codecs are a
 * table of the vendor's, the same for all producers of a process.
 */
function useFastGzip(): void {
  const options = { level: constants.Z_BEST_SPEED };
  CompressionCodecs[CompressionTypes.GZIP] = () => ({
    compress: (encoder: { buffer: Buffer }) => promisify(gzip)(encoder.buffer, options),
    decompress: (buffer: Buffer) => promisify(gunzip)(buffer),
  });
}
