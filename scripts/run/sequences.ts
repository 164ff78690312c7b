/**
 * `deno task sequences`: runs `scripts/sequences.ts` against the executable.
 *
 * @module
 */
import { runDeno } from "./deno_process.ts";
import { executableVariable } from "./executable.ts";
import { inRoot } from "./paths.ts";
import { chooseRegistry } from "./registry.ts";

/** Hurts the stream in many random ways. */
export async function sequences(args: readonly string[]): Promise<number> {
  return await runDeno({
    subcommand: "run",
    registry: await chooseRegistry(),
    args: ["-A", inRoot("scripts/sequences.ts"), ...args],
    env: executableVariable("hurt"),
  });
}
