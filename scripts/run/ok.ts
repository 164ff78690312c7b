/**
 * `deno task ok [--without-tests]`: the daily command. Every check runs, whatever the earlier ones said; a table of
 * what passed and what failed comes last.
 *
 * @module
 */
import { runDeno } from "./deno_process.ts";
import { exists, inRoot } from "./paths.ts";
import { chooseRegistry, type Registry } from "./registry.ts";
import { TaskError } from "./task_error.ts";
import { test } from "./test.ts";

interface Check {
  readonly name: string;
  readonly run: () => Promise<number>;
}

const USAGE = 64;

/** Runs all checks; 1 if any failed. */
export async function ok(args: readonly string[]): Promise<number> {
  const unknown = args.find((argument) => argument !== "--without-tests");
  if (unknown !== undefined) {
    throw new TaskError(`\`ok\` has no argument ${unknown}.`, "Try `deno task ok --without-tests`.", USAGE);
  }
  const checks = checksOf(await chooseRegistry());
  if (!args.includes("--without-tests")) checks.push({ name: "tests", run: () => test([]) });
  const results: { name: string; passed: boolean }[] = [];
  for (const { name, run } of checks) {
    console.error(`\n— ${name}`);
    results.push({ name, passed: await run() === 0 });
  }
  console.log(`\n${results.map(({ name, passed }) => `${passed ? "passed" : "FAILED"}  ${name}`).join("\n")}`);
  return results.every(({ passed }) => passed) ? 0 : 1;
}

function checksOf(registry: Registry): Check[] {
  const typed = ["main.ts", "src", "scripts", "tests"].filter((path) => exists(inRoot(path)));
  const script = (path: string): Promise<number> =>
    runDeno({ subcommand: "run", registry, args: ["-A", inRoot(path)] });
  const checks: Check[] = [
    { name: "format", run: () => runDeno({ subcommand: "fmt", args: ["--check"] }) },
    { name: "lint", run: () => runDeno({ subcommand: "lint", args: [] }) },
    { name: "types", run: () => runDeno({ subcommand: "check", registry, args: typed }) },
    { name: "layers", run: () => script("scripts/check_layers.ts") },
  ];
  if (exists(inRoot("scripts/check_docs.ts"))) {
    checks.push({ name: "documents", run: () => script("scripts/check_docs.ts") });
  }
  return checks;
}
