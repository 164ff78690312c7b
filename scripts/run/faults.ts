/**
 * `deno task faults`: runs `scripts/faults.ts` against the executable, and Kafka's jars fetched first.
 *
 * @module
 */
import { fetchKafkaJars } from "../../tests/support/kafka_jars.ts";
import { runDeno } from "./deno_process.ts";
import { exists, inRoot } from "./paths.ts";
import { chooseRegistry } from "./registry.ts";
import { TaskError } from "./task_error.ts";

const UNAVAILABLE = 69;

/** Hurts delivery for many rounds. */
export async function faults(args: readonly string[]): Promise<number> {
  const executable = inRoot("dist/traptor");
  if (!exists(executable)) {
    throw new TaskError(
      "There is no executable to hurt: dist/traptor is not there.",
      "Try `deno task compile`.",
      UNAVAILABLE,
    );
  }
  await fetchKafkaJars();
  return await runDeno({
    subcommand: "run",
    registry: await chooseRegistry(),
    args: ["-A", inRoot("scripts/faults.ts"), ...args],
    env: { TRAPTOR_EXECUTABLE: executable },
  });
}
