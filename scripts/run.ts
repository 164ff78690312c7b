/**
 * The runner behind every task of `deno.json`: `deno run --no-config --no-lock -A scripts/run.ts TASK ARGS`.
 * It imports nothing but local files, so that it starts on a fresh machine without a network, finds out where packages
 * come from, and starts `deno` accordingly. Its exit code is that of what it started.
 *
 * @module
 */
import { bench } from "./run/bench.ts";
import { compile } from "./run/compile.ts";
import { faults } from "./run/faults.ts";
import { mutants } from "./run/mutants.ts";
import { ok } from "./run/ok.ts";
import { demo, start } from "./run/program.ts";
import { sequences } from "./run/sequences.ts";
import { soak } from "./run/soak.ts";
import { TaskError } from "./run/task_error.ts";
import { test } from "./run/test.ts";

type Task = (args: readonly string[]) => Promise<number>;

const USAGE = 64;

const tasks: Readonly<Record<string, Task>> = {
  demo,
  start,
  test,
  ok,
  compile,
  bench,
  faults,
  sequences,
  soak,
  mutants,
  "rules:gnip": (args) => start(["rules", "gnip", ...args]),
  "rules:mysql": (args) => start(["rules", "mysql", ...args]),
};

async function main([name = "", ...args]: readonly string[]): Promise<number> {
  const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
  if (task === undefined) {
    throw new TaskError(
      `There is no task ${JSON.stringify(name)}.`,
      `Try one of: ${Object.keys(tasks).join(", ")}.`,
      USAGE,
    );
  }
  return await task(args);
}

try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  if (!(error instanceof TaskError)) throw error;
  console.error(`${error.message}\n${error.hint}`);
  Deno.exit(error.exitCode);
}
