/** The sinks that the settings name. Making one opens nothing. */

import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import type { Settings } from "../config/options.ts";
import { FileSink } from "../deliver/file_sink.ts";
import { KafkaSink, type KafkaSinkOptions } from "../deliver/kafka_sink.ts";
import type { Sink } from "../deliver/sink.ts";
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
  return new KafkaSink({
    hosts: settings.kafkaHosts,
    topic: settings.kafkaTopic,
    clientId: `traptor-${app}`,
    events,
    ...(settings.kafkaSsl || kafkaCa !== undefined ? { ssl: kafkaCa === undefined ? {} : { ca: kafkaCa } } : {}),
    ...saslOf(settings),
  });
}

function saslOf(settings: Settings): Pick<KafkaSinkOptions, "sasl"> {
  const { kafkaSaslMechanism: mechanism, kafkaSaslUsername: username, kafkaSaslPassword: password } = settings;
  if (mechanism === undefined || username === undefined || password === undefined) return {};
  return { sasl: { mechanism, username, password } };
}
