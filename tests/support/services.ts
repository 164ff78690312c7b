/**
 * Tests that need a real service. `serviceTest` registers a test that is ignored where the service is not to be had,
 * with the reason in its name, or fails there if TEST_SERVICES=require; the `shared...` functions start a service when
 * the first test of a file asks for it, and stop it after the file's last test.
 *
 * Where only Maven Central is out of reach, a test that needs a real broker or OpenSearch is ignored even under `require`;
 * so is one that needs strace where no process may look at another.
 *
 * @module
 */
import { type KafkaBroker, startKafka } from "./kafka.ts";
import { kafkaAbsence } from "./kafka_jars.ts";
import { type MariadbServer, startMariadb } from "./mariadb.ts";
import type { Absence } from "./maven_jars.ts";
import { startMockBroker } from "./mock_broker.ts";
import { openSearchAbsence, type OpenSearchServer, startOpenSearch } from "./opensearch.ts";
import { straceAbsence } from "./power_cut_trace.ts";
import { findProgram } from "./programs.ts";
import { type RedisServer, startRedis } from "./redis.ts";

/**
 * What a test may need: `kafka` and `kafka-3.9` are real brokers, `broker` is a real one or librdkafka's mock cluster,
 * `kcat` and `strace` are the programs.
 */
export type Service = "redis" | "mariadb" | "kafka" | "kafka-3.9" | "broker" | "kcat" | "opensearch" | "strace";

/** A test with its needs. */
export interface ServiceTest {
  readonly name: string;
  readonly needs: readonly Service[];
  readonly fn: (t: Deno.TestContext) => void | Promise<void>;
  /** Ignored for a reason of its own, beside absent services. */
  readonly ignoredBecause?: string | undefined;
}

/** Registers the test, ignored or failing where a service that it needs is absent. */
export function serviceTest({ name, needs, fn, ignoredBecause }: ServiceTest): void {
  const absences = needs.map(absenceOf).filter((absence) => absence !== undefined);
  const isRequired = Deno.env.get("TEST_SERVICES") === "require";
  const unexcused = absences.find(({ isExcused }) => !isExcused);
  if (isRequired && unexcused !== undefined && ignoredBecause === undefined) {
    const complain = () => Promise.reject(new Error(`${unexcused.reason}, and TEST_SERVICES=require`));
    Deno.test({ name, fn: complain });
    return;
  }
  const reason = ignoredBecause ?? absences.map((absence) => absence.reason).join("; ");
  if (reason !== "") {
    Deno.test({ name: `${name} (ignored: ${reason})`, ignore: true, fn });
    return;
  }
  const onMock = needs.includes("broker") && absenceOf("kafka") !== undefined;
  Deno.test({ name: onMock ? `${name} (mock broker)` : name, fn });
}

/** Why a service is not to be had on this machine, or undefined if it is. */
export function absenceOf(service: Service): Absence | undefined {
  switch (service) {
    case "redis":
      return programAbsence("redis-server");
    case "mariadb":
      return programAbsence("mariadbd") ?? programAbsence("mariadb-install-db");
    case "kcat":
      return programAbsence("kcat");
    case "kafka":
      return kafkaAbsence("current");
    case "kafka-3.9":
      return kafkaAbsence("previous");
    case "opensearch":
      return openSearchAbsence();
    case "strace":
      return straceAbsence();
    case "broker":
      return kafkaAbsence("current") && (programAbsence("kcat") ?? programAbsence("sh"));
  }
}

/** The Redis of this file's tests. They share it: keys need a prefix of their own. */
export const sharedRedis: () => Promise<RedisServer> = shared(() => startRedis());

/** The MariaDB of this file's tests. */
export const sharedMariadb: () => Promise<MariadbServer> = shared(startMariadb);

/** The real broker, Kafka 4.x, of this file's tests. They share it: topics need names of their own. */
export const sharedKafka: () => Promise<KafkaBroker> = shared(() => startKafka());

/** The real broker, Kafka 3.9.x, of this file's tests. */
export const sharedPreviousKafka: () => Promise<KafkaBroker> = shared(() => startKafka({ line: "previous" }));

/** The OpenSearch of this file's tests. They share it: indices need names of their own. */
export const sharedOpenSearch: () => Promise<OpenSearchServer> = shared(startOpenSearch);

/** The real broker of this file's tests, or a mock where there can be none (`isMock` tells). */
export function sharedBroker(): Promise<KafkaBroker> {
  return kafkaAbsence("current") === undefined ? sharedKafka() : sharedMockBroker();
}

const sharedMockBroker = shared(startMockBroker);

function programAbsence(name: string): Absence | undefined {
  return findProgram(name) === undefined ? { reason: `${name} is not installed`, isExcused: false } : undefined;
}

/** Starts a server once, when it is first asked for, and stops it after the last test of the file. */
function shared<T extends { stop(): Promise<void> }>(start: () => Promise<T>): () => Promise<T> {
  let started: Promise<T> | undefined;
  Deno.test.afterAll(async () => {
    await (await started?.catch(() => undefined))?.stop();
  });
  return () => started ??= start();
}
