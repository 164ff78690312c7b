/**
 * A copy of the source for mutants to live in, and the tests run there.
 *
 * @module
 */
import { root } from "../run/paths.ts";
import { chooseRegistry } from "../run/registry.ts";

const COPIED = ["src", "tests", "scripts", "main.ts", "deno.json", "deno.lock"];

/** Copies what tests need; the copy goes at the end of the `using` block. */
export async function copyOfSource(): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await Deno.makeTempDir({ prefix: "traptor-mutants-" });
  for (const name of COPIED) await copied(`${root}/${name}`, `${folder}/${name}`);
  // The jars of the servers that tests start; they are only read.
  await Deno.symlink(`${root}/.cache`, `${folder}/.cache`);
  return {
    folder,
    async [Symbol.asyncDispose]() {
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function copied(from: string, to: string): Promise<void> {
  if (!(await Deno.stat(from)).isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) await copied(`${from}/${name}`, `${to}/${name}`);
}

/** A mutant may make a test wait for what never comes: so much later it has failed. */
const LONGEST_MS = 10 * 60_000;

/** Runs test files of the copy until one fails; whether all passed, and whether any was run at all. */
export async function runTests(
  folder: string,
  tests: readonly string[],
): Promise<{ passed: boolean; ran: boolean; output: string }> {
  const registry = await chooseRegistry();
  const limit = AbortSignal.timeout(LONGEST_MS);
  const ofTheCopy = registry.args.map((argument) => argument.replace(root, folder));
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", "--fail-fast", ...ofTheCopy, ...tests],
    cwd: folder,
    stdin: "null",
    env: { ...registry.env, NO_COLOR: "1" },
    signal: limit,
  }).output();
  const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  return { passed: success, ran: limit.aborted || /\d+ (passed|failed)/.test(output), output };
}
