/**
 * A Kafka broker of the tests' own: one node, KRaft, on free loopback ports, nothing left behind. It takes five to ten
 * seconds to start, so a file's tests share one (`services.ts`) unless they hurt it.
 *
 * @module
 */
import { freePort } from "./free_port.ts";
import { jarsFolder, KAFKA_VERSIONS, type KafkaLine } from "./kafka_jars.ts";
import { findProgram, runProgram } from "./programs.ts";
import { ServerProcess } from "./server_process.ts";
import { askOverTcp } from "./tcp.ts";

/** A running broker. */
export interface KafkaBroker {
  /** `host:port`. */
  readonly bootstrap: string;
  readonly port: number;
  readonly version: string;
  /** Whether it is librdkafka's mock cluster, which knows no idempotence and keeps nothing. */
  readonly isMock: boolean;
  /** Its process: `kill`, `end`, `start` (same port, same data), `pause`, `resume`. */
  readonly process: ServerProcess;
  /** Ends it for good. */
  stop(): Promise<void>;
}

/** What a broker may be told. */
export interface KafkaOptions {
  /** The newest 4.x unless given. */
  readonly line?: KafkaLine;
  /** Further lines of `server.properties`, or others instead of ours: for TLS, SASL, small limits. */
  readonly properties?: (port: number) => Readonly<Record<string, string>>;
  /** Further arguments of the storage's format: for SCRAM users. */
  readonly formatArguments?: readonly string[];
  /** The cluster that it belongs to; one of its own unless given. */
  readonly cluster?: string;
}

/** Starts a broker; its jars must be there (`kafka_jars.ts`). */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaBroker> {
  const { line = "current", properties = () => ({}), formatArguments = [], cluster = newClusterId() } = options;
  const java = [findProgram("java") ?? "java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
  const kafka = [...java, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", `${jarsFolder(line)}/*`];
  const folder = await Deno.makeTempDir({ prefix: "traptor-kafka-" });
  const [port, controllerPort] = [freePort(), freePort()];
  const configuration = `${folder}/server.properties`;
  try {
    const all = { ...ownProperties(folder, port, controllerPort), ...properties(port) };
    await Deno.writeTextFile(configuration, Object.entries(all).map(([name, value]) => `${name}=${value}\n`).join(""));
    await runProgram([
      ...[...kafka, "kafka.tools.StorageTool", "format", `--cluster-id=${cluster}`, `--config=${configuration}`],
      ...formatArguments,
    ]);
  } catch (error) {
    await Deno.remove(folder, { recursive: true });
    throw error;
  }
  const process = await ServerProcess.start({
    name: `Kafka ${KAFKA_VERSIONS[line]}`,
    folder,
    command: [...kafka, "kafka.Kafka", configuration],
    isReady: () => kafkaAnswers(port),
    readyWithinMs: 60_000,
  });
  return {
    bootstrap: `127.0.0.1:${port}`,
    port,
    version: KAFKA_VERSIONS[line],
    isMock: false,
    process,
    stop: () => process.stop(),
  };
}

/** The name of a cluster, as Kafka wants one: 16 bytes in base64 for addresses. */
function newClusterId(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toBase64({ alphabet: "base64url", omitPadding: true });
}

/**
 * Starts two brokers of one cluster, with replicas on both. The first is the controller too, so it is the second that
 * can be hurt.
 */
export async function startKafkaPair(): Promise<readonly [KafkaBroker, KafkaBroker]> {
  const cluster = newClusterId();
  const controllerPort = freePort();
  const voters = { "controller.quorum.voters": `1@127.0.0.1:${controllerPort}` };
  const starting = [
    startKafka({
      cluster,
      properties: (port) => ({
        ...voters,
        "listeners": `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
      }),
    }),
    startKafka({
      cluster,
      properties: (port) => ({
        ...voters,
        "process.roles": "broker",
        "node.id": "2",
        "listeners": `PLAINTEXT://127.0.0.1:${port}`,
      }),
    }),
  ] as const;
  try {
    return await Promise.all(starting);
  } catch (error) {
    for (const broker of await Promise.allSettled(starting)) {
      if (broker.status === "fulfilled") await broker.value.stop();
    }
    throw error;
  }
}

/** Whether the broker on this port is one that takes work: it names itself in the cluster's metadata. */
export async function kafkaAnswers(port: number): Promise<boolean> {
  // Metadata, version 1, request 1, no client's name, about no topics.
  const request = new Uint8Array([0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 1, 255, 255, 0, 0, 0, 0]);
  const answer = await askOverTcp(port, request);
  return answer.length >= 12 && new DataView(answer.buffer, answer.byteOffset).getUint32(8) > 0;
}

function ownProperties(folder: string, port: number, controllerPort: number): Record<string, string> {
  return {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
    "controller.listener.names": "CONTROLLER",
    "listeners": `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${port}`,
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "log.dirs": `${folder}/data`,
    "num.partitions": "3",
    "offsets.topic.num.partitions": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    // After a kill the broker waits for its own former session to run out, nine seconds unless told otherwise.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "group.initial.rebalance.delay.ms": "0",
    "log.cleaner.dedupe.buffer.size": "4194304",
    "controlled.shutdown.enable": "false",
  };
}
