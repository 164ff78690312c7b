/**
 * `deno task soak`: runs `scripts/soak.ts` with the executable.
 *
 * @module
 */
import { runDeno } from "./deno_process.ts";
import { executableVariable } from "./executable.ts";
import { inRoot } from "./paths.ts";
import { chooseRegistry } from "./registry.ts";

/** Lets the program run for hours while the stream is being hurt. */
export async function soak(args: readonly string[]): Promise<number> {
  return await runDeno({
    subcommand: "run",
    registry: await chooseRegistry(),
    args: ["-A", inRoot("scripts/soak.ts"), ...args],
    env: executableVariable("watch"),
  });
}
