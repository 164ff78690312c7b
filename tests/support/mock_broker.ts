/**
 * librdkafka's mock cluster inside kcat, for machines that cannot have a real broker: kafkajs produces to it without
 * idempotence, and consumers read from it. It keeps nothing over a restart, on which its port changes.
 *
 * @module
 */
import type { KafkaBroker } from "./kafka.ts";
import { findProgram } from "./programs.ts";
import { ServerProcess } from "./server_process.ts";

/** Starts a mock cluster with one broker. */
export async function startMockBroker(): Promise<KafkaBroker> {
  const folder = await Deno.makeTempDir({ prefix: "traptor-mock-broker-" });
  const address = async (): Promise<string | undefined> => {
    const log = await Deno.readTextFile(`${folder}/server.log`);
    return /bootstrap\.servers=(127\.0\.0\.1:\d+|localhost:\d+)/.exec(log)?.[1];
  };
  const process = await ServerProcess.start({
    name: "kcat's mock cluster",
    folder,
    command: [
      findProgram("kcat") ?? "kcat",
      ...["-b", "x", "-X", "test.mock.num.brokers=1", "-d", "mock", "-C", "-t", "traptor"],
    ],
    isReady: async () => await address() !== undefined,
  });
  const bootstrap = await address() ?? "";
  return {
    bootstrap,
    port: Number(bootstrap.split(":")[1]),
    version: "mock",
    isMock: true,
    process,
    stop: () => process.stop(),
  };
}
