/**
 * `deno task start` and `deno task demo`: the program from source, with the permissions of the compiled executable, in
 * the folder of whoever calls.
 *
 * @module
 */
import { PROGRAM_PERMISSIONS } from "../permissions.ts";
import { runDeno } from "./deno_process.ts";
import { callersFolder, inRoot } from "./paths.ts";
import { chooseRegistry } from "./registry.ts";

/** `deno task start ARGS` equals `./traptor ARGS`. */
export async function start(args: readonly string[]): Promise<number> {
  return await runDeno({
    subcommand: "run",
    registry: await chooseRegistry(),
    args: [...PROGRAM_PERMISSIONS, inRoot("main.ts"), ...args],
    cwd: callersFolder(),
    ownSession: true,
  });
}

/** The simulator and the collector with an example rules file, until 25 tweets are on the screen. */
export function demo(args: readonly string[]): Promise<number> {
  const rules = `file:${inRoot("src/templates/example_rules.json")}`;
  return start(["--test", "--simulate", "--limit", "25", "--rules", rules, ...args]);
}
