/**
 * The way to Kafka's brokers, over npm:kafkajs, whose only importer this is: connecting with TLS and a login, its log
 * lines as ours, what its defects need, its errors in our words. Who sends and who reads stands upon it.
 */

import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { promisify } from "node:util";
import { constants, gunzip, gzip, zstdDecompress } from "node:zlib";
import {
  type Admin,
  CompressionCodecs,
  CompressionTypes,
  ConfigResourceTypes,
  type ISocketFactoryArgs,
  Kafka,
  type KafkaConfig,
  type LogEntry,
  logLevel,
  Partitioners,
  type Producer,
  type SASLOptions,
} from "kafkajs";
import Cluster from "kafkajs/src/cluster/index.js";
import loggers from "kafkajs/src/loggers/index.js";
import RequestQueue from "kafkajs/src/network/requestQueue/index.js";
import { SettingsError } from "../base/errors.ts";
import type { Events } from "../base/events.ts";
import type { KafkaCluster } from "./kafka_cluster.ts";
import { type KafkaFailure, whyKafkaFailed } from "./kafka_failure.ts";
import { mendRequestQueue } from "./kafka_request_queue.ts";

export { CompressionTypes, ConfigResourceTypes };
export type { Admin, Producer };

/** How the brokers are reached. */
export interface KafkaConnection {
  readonly hosts: readonly string[];
  readonly clientId: string;
  /** TLS, with the certificates (PEM) of a private CA if there is one. */
  readonly ssl?: { readonly ca?: string };
  readonly sasl?: {
    readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
    readonly username: string;
    readonly password: string;
  };
  readonly events: Events;
}

/** Finding brokers and what they know: kafkajs gives up soon, whoever asks owns the long wait. */
const OWN_RETRIES = { retries: 2, initialRetryTime: 200, maxRetryTime: 2_000 };

/**
 * Sending: none. When one of several brokers fails, kafkajs sends again to those alone that have not answered; what was
 * theirs and is meanwhile led by one that has answered would be left out, and called sent.
 */
const NO_RETRIES = { retries: 0 };

const CONNECT_WITHIN_MS = 5_000;
const ANSWER_WITHIN_MS = 30_000;
const KEEP_ALIVE_AFTER_MS = 60_000;

/** Of transactions that others may write, everything is read. */
const READ_UNCOMMITTED = 0;

export class KafkaClient {
  readonly #connection: KafkaConnection;
  /** Brokers that the cluster named, beside those of the settings, which may be the ones that are away. */
  readonly #learned = new Set<string>();

  constructor(connection: KafkaConnection) {
    this.#connection = connection;
    mendRequestQueue(RequestQueue);
    useOurCodecs();
  }

  /**
   * A producer that is not idempotent: kafkajs's idempotent one, after a send without an answer, uses the same sequence
   * numbers for other messages, which a broker may then drop as duplicates. It is not connected yet.
   */
  producer(options: { makesTopics: boolean; forAsking?: boolean }): Producer {
    return new Kafka(this.#config()).producer({
      // Named, or kafkajs prints a notice about its change of the default one.
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: options.makesTopics,
      idempotent: false,
      retry: options.forAsking ? OWN_RETRIES : NO_RETRIES,
    });
  }

  /** What asks and orders; never makes a topic by asking for it. It is not connected yet. */
  admin(): Admin {
    return new Kafka(this.#config()).admin();
  }

  /**
   * The brokers themselves, for reading without a consumer group: kafkajs's own consumer joins one always. It is not
   * connected yet.
   */
  cluster(): KafkaCluster {
    const { logCreator, logLevel: level, ...config } = this.#config();
    return new Cluster({
      ...config,
      logger: loggers.createLogger({ level, logCreator }),
      metadataMaxAge: ANSWER_WITHIN_MS,
      allowAutoTopicCreation: false,
      maxInFlightRequests: null,
      enforceRequestTimeout: true,
      isolationLevel: READ_UNCOMMITTED,
    }) as KafkaCluster;
  }

  /** Remembers the brokers that the cluster has, so that they are found even when those of the settings are away. */
  learn(brokers: readonly { readonly host: string; readonly port: number }[]): void {
    this.#learned.clear();
    // kafkajs cannot be told an IPv6 address.
    for (const { host, port } of brokers) if (!host.includes(":")) this.#learned.add(`${host}:${port}`);
  }

  /** What went wrong; undefined when it is no error of kafkajs. */
  whyFailed(error: unknown, topic: string): KafkaFailure | undefined {
    return whyKafkaFailed(error, this.#connection.hosts, topic);
  }

  /** The TLS of the platform passes over certificates that it cannot read. */
  checkCertificates(): void {
    const { ca } = this.#connection.ssl ?? {};
    if (ca === undefined) return;
    try {
      new X509Certificate(ca);
    } catch (error) {
      throw new SettingsError("Cannot talk to Kafka: the file of KAFKA_SSL_CA holds no certificate", {
        hint: "Name a file with certificates in PEM form, which begin with -----BEGIN CERTIFICATE-----",
        cause: error,
      });
    }
  }

  #config(): KafkaConfig & Required<Pick<KafkaConfig, "logCreator" | "logLevel">> {
    const { hosts, clientId, ssl, sasl, events } = this.#connection;
    return {
      brokers: [...new Set([...hosts, ...this.#learned])],
      clientId,
      connectionTimeout: CONNECT_WITHIN_MS,
      requestTimeout: ANSWER_WITHIN_MS,
      retry: OWN_RETRIES,
      socketFactory: promptSocket,
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

/**
 * A connection that sends what it is given at once. kafkajs's own leaves Nagle's algorithm on, with which the last
 * packet of a request waits for the acknowledgement of those before it.
 */
function promptSocket({ host, port, ssl, onConnect }: ISocketFactoryArgs): Socket {
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const socket = ssl
    ? connectTls({ host, port, ...servername, ...ssl as ConnectionOptions }, onConnect)
    : connectTcp({ host, port }, onConnect);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_AFTER_MS);
  return socket;
}

/**
 * gzip at its fastest level: at the default one it, not Kafka, would be what a core is busy with. What a broker has
 * compressed anew with zstd can be read back. The codecs are a table of the vendor's, the same for a whole process.
 */
function useOurCodecs(): void {
  const options = { level: constants.Z_BEST_SPEED };
  CompressionCodecs[CompressionTypes.GZIP] = () => ({
    compress: (encoder: { buffer: Buffer }) => promisify(gzip)(encoder.buffer, options),
    decompress: (buffer: Buffer) => promisify(gunzip)(buffer),
  });
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: () => Promise.reject(new RangeError("Nothing is sent with zstd")),
    decompress: (buffer: Buffer) => promisify(zstdDecompress)(buffer),
  });
}
