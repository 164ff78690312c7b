/** The sinks that the settings name. Making one opens nothing. */

import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import type { Settings } from "../config/options.ts";
import { ElasticsearchSink } from "../deliver/elasticsearch_sink.ts";
import { FileSink } from "../deliver/file_sink.ts";
import type { KafkaConnection } from "../deliver/kafka_client.ts";
import { KafkaSink } from "../deliver/kafka_sink.ts";
import type { Sink } from "../deliver/sink.ts";
import { SqliteSink } from "../deliver/sqlite_sink.ts";
import { StdoutSink } from "../deliver/stdout_sink.ts";

export interface SinkSurroundings {
  settings: Settings;
  /** The certificates of Kafka's private CA, read. */
  kafkaCa: string | undefined;
  /** The app's name, for brokers to know the client by. */
  app: string;
  clock: Clock;
  events: Events;
}

/** All sinks of the settings, in their order. */
export function sinksOf(surroundings: SinkSurroundings): Sink[] {
  return surroundings.settings.sink.map((place) => sinkFor(place, surroundings));
}

function sinkFor(place: Settings["sink"][number], { app, clock, events, kafkaCa, settings }: SinkSurroundings): Sink {
  if (place.kind === "stdout") return new StdoutSink();
  if (place.kind === "file") return new FileSink(place.directory, clock);
  if (place.kind === "sqlite") return new SqliteSink(place.path);
  if (place.kind === "elasticsearch") return new ElasticsearchSink(place.place, clock);
  const { kafkaCompression: compression, kafkaTopic: topic, kafkaTopicPartitions: partitions } = settings;
  return new KafkaSink({
    ...kafkaConnectionOf({ app, events, kafkaCa, settings }),
    topic,
    compression,
    partitions,
  });
}

/** How the brokers of the settings are reached. */
export function kafkaConnectionOf(
  { app, events, kafkaCa, settings }: Omit<SinkSurroundings, "clock">,
): KafkaConnection {
  return {
    hosts: settings.kafkaHosts,
    clientId: `traptor-${app}`,
    events,
    ...(settings.kafkaSsl || kafkaCa !== undefined ? { ssl: kafkaCa === undefined ? {} : { ca: kafkaCa } } : {}),
    ...saslOf(settings),
  };
}

function saslOf(settings: Settings): Pick<KafkaConnection, "sasl"> {
  const { kafkaSaslMechanism: mechanism, kafkaSaslUsername: username, kafkaSaslPassword: password } = settings;
  if (mechanism === undefined || username === undefined || password === undefined) return {};
  return { sasl: { mechanism, username, password } };
}
