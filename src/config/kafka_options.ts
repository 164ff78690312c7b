/** The settings of Kafka. */

import { option } from "./option.ts";
import * as parse from "./parsers.ts";

export const KAFKA_OPTIONS = {
  kafkaHosts: option({
    name: "KAFKA_HOSTS",
    parse: parse.hostList,
    default: "localhost:9092",
    placeholder: "HOST:PORT,...",
    help: "brokers to begin with",
  }),
  kafkaTopic: option({
    name: "KAFKA_TOPIC",
    parse: parse.topic,
    default: "traptor",
    placeholder: "NAME",
    help: "the topic",
  }),
  kafkaTopicPartitions: option({
    name: "KAFKA_TOPIC_PARTITIONS",
    parse: parse.whole(1, 10_000),
    defaultShown: "as the brokers make topics",
    placeholder: "N",
    help: "make the topic with so many partitions when it is missing",
  }),
  kafkaCompression: option({
    name: "KAFKA_COMPRESSION",
    parse: parse.oneOf("gzip", "none"),
    default: "gzip",
    placeholder: "gzip|none",
    help: "how batches are compressed on their way and in the topic",
  }),
  kafkaSsl: option({
    name: "KAFKA_SSL",
    parse: parse.truth,
    default: "false",
    placeholder: "true",
    help: "TLS to Kafka",
  }),
  kafkaSslCa: option({
    name: "KAFKA_SSL_CA",
    parse: parse.path,
    placeholder: "PATH",
    help: "certificates (PEM) of a private CA for Kafka",
  }),
  kafkaSaslMechanism: option({
    name: "KAFKA_SASL_MECHANISM",
    parse: parse.oneOf("plain", "scram-sha-256", "scram-sha-512"),
    placeholder: "NAME",
    help: "how to log in to Kafka: plain, scram-sha-256, scram-sha-512",
  }),
  kafkaSaslUsername: option({
    name: "KAFKA_SASL_USERNAME",
    parse: parse.text,
    placeholder: "NAME",
    help: "as whom",
  }),
  kafkaSaslPassword: option({
    name: "KAFKA_SASL_PASSWORD",
    parse: parse.text,
    placeholder: "PASSWORD",
    secret: true,
    help: "with which password",
  }),
} as const;
