/**
 * `deno task bench`: runs `scripts/bench.ts`, which measures and prints a table.
 *
 * @module
 */
import { runDeno } from "./deno_process.ts";
import { inRoot } from "./paths.ts";
import { chooseRegistry } from "./registry.ts";

/** Measures speed and size. */
export async function bench(args: readonly string[]): Promise<number> {
  return await runDeno({
    subcommand: "run",
    registry: await chooseRegistry(),
    args: ["-A", inRoot("scripts/bench.ts"), ...args],
  });
}
