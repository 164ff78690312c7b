/**
 * `deno task mutants`: runs `scripts/mutants.ts`.
 *
 * @module
 */
import { runDeno } from "./deno_process.ts";
import { inRoot } from "./paths.ts";
import { chooseRegistry } from "./registry.ts";

/** Shows that tests fail for each of some edits. */
export async function mutants(args: readonly string[]): Promise<number> {
  return await runDeno({
    subcommand: "run",
    registry: await chooseRegistry(),
    args: ["-A", inRoot("scripts/mutants.ts"), ...args],
  });
}
