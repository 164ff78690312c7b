/** The sinks that the settings name. Making one opens nothing. */

import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import type { Settings } from "../config/options.ts";
import type { ElasticsearchPlace } from "../deliver/elasticsearch_place.ts";
import { ElasticsearchSink } from "../deliver/elasticsearch_sink.ts";
import { FileSink } from "../deliver/file_sink.ts";
import type { KafkaConnection } from "../deliver/kafka_client.ts";
import { KafkaSink } from "../deliver/kafka_sink.ts";
import type { Sink } from "../deliver/sink.ts";
import { SqliteSink } from "../deliver/sqlite_sink.ts";
import { StdoutSink } from "../deliver/stdout_sink.ts";

export interface SinkSurroundings {
  settings: Settings;
  certificates: SinkCertificates;
  /** The app's name, for brokers to know the client by. */
  app: string;
  clock: Clock;
  events: Events;
}

/** The certificates (PEM) of private CAs; undefined where there is none. */
export interface SinkCertificates {
  readonly kafka: string | undefined;
  readonly elasticsearch: string | undefined;
}

/** Reads the certificates that the settings name. */
export async function readCertificates(settings: Settings): Promise<SinkCertificates> {
  const read = async (path: string | undefined) => path === undefined ? undefined : await Deno.readTextFile(path);
  return { kafka: await read(settings.kafkaSslCa), elasticsearch: await read(settings.elasticsearchCaFile) };
}

/** A place with the certificates that the way to it needs. */
export function withCertificates(
  place: ElasticsearchPlace,
  { elasticsearch: ca }: SinkCertificates,
): ElasticsearchPlace {
  return ca === undefined ? place : { ...place, ca };
}

/** All sinks of the settings, in their order. */
export function sinksOf(surroundings: SinkSurroundings): Sink[] {
  return surroundings.settings.sink.map((place) => sinkFor(place, surroundings));
}

function sinkFor(place: Settings["sink"][number], surroundings: SinkSurroundings): Sink {
  const { certificates, clock, settings } = surroundings;
  if (place.kind === "stdout") return new StdoutSink();
  if (place.kind === "file") return new FileSink(place.directory, clock);
  if (place.kind === "sqlite") return new SqliteSink(place.path);
  if (place.kind === "elasticsearch") return new ElasticsearchSink(withCertificates(place.place, certificates), clock);
  const { kafkaCompression: compression, kafkaTopic: topic, kafkaTopicPartitions: partitions } = settings;
  return new KafkaSink({
    ...kafkaConnectionOf(surroundings),
    topic,
    compression,
    partitions,
  });
}

/** How the brokers of the settings are reached. */
export function kafkaConnectionOf(
  { app, certificates: { kafka: ca }, events, settings }: Omit<SinkSurroundings, "clock">,
): KafkaConnection {
  return {
    hosts: settings.kafkaHosts,
    clientId: `traptor-${app}`,
    events,
    ...(settings.kafkaSsl || ca !== undefined ? { ssl: ca === undefined ? {} : { ca } } : {}),
    ...saslOf(settings),
  };
}

function saslOf(settings: Settings): Pick<KafkaConnection, "sasl"> {
  const { kafkaSaslMechanism: mechanism, kafkaSaslUsername: username, kafkaSaslPassword: password } = settings;
  if (mechanism === undefined || username === undefined || password === undefined) return {};
  return { sasl: { mechanism, username, password } };
}
