/**
 * `deno task faults`: runs `scripts/faults.ts` against the executable, and Kafka's jars fetched first.
 *
 * @module
 */
import { fetchKafkaJars } from "../../tests/support/kafka_jars.ts";
import { runDeno } from "./deno_process.ts";
import { executableVariable } from "./executable.ts";
import { inRoot } from "./paths.ts";
import { chooseRegistry } from "./registry.ts";

/** Hurts delivery for many rounds. */
export async function faults(args: readonly string[]): Promise<number> {
  const env = executableVariable("hurt");
  await fetchKafkaJars();
  return await runDeno({
    subcommand: "run",
    registry: await chooseRegistry(),
    args: ["-A", inRoot("scripts/faults.ts"), ...args],
    env,
  });
}
