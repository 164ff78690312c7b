/**
 * What a compiled executable knows of its build: `dist/build_info.json`, which `deno compile` takes inside.
 *
 * The file is `{"version": "3.0.0", "commit": "0123456789ab", "builtAt": "2026-11-23T10:00:00.000Z"}`; `commit` ends
 * with `-changed` if the checkout had changes, and is `unknown` without git. `builtAt` obeys SOURCE_DATE_EPOCH.
 * The program reads it only when compiled (`Deno.build.standalone`), from `dist/build_info.json` beside `main.ts` in
 * the executable's own files; from source a file that an earlier build left there says nothing.
 *
 * @module
 */
import { inRoot, root } from "./paths.ts";
import { TaskError } from "./task_error.ts";

/** The facts of a build. */
export interface BuildInfo {
  readonly version: string;
  readonly commit: string;
  readonly builtAt: string;
}

/** Writes the file; its path. */
export async function writeBuildInfo(): Promise<string> {
  const path = inRoot("dist/build_info.json");
  const info: BuildInfo = { version: await version(), commit: await commit(), builtAt: builtAt() };
  await Deno.mkdir(inRoot("dist"), { recursive: true });
  await Deno.writeTextFile(path, `${JSON.stringify(info)}\n`);
  return path;
}

async function version(): Promise<string> {
  return JSON.parse(await Deno.readTextFile(inRoot("deno.json"))).version;
}

async function commit(): Promise<string> {
  const head = await git("rev-parse", "--short=12", "HEAD");
  if (head === undefined) return "unknown";
  // A first build where JSR answers completes the lock file: that alone is no change.
  const isUnchanged = await git("status", "--porcelain", "--", ".", ":!deno.lock") === "";
  return isUnchanged ? head : `${head}-changed`;
}

async function git(...args: string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command("git", { args, cwd: root, stdin: "null", stderr: "null" })
      .output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function builtAt(): string {
  const epoch = Deno.env.get("SOURCE_DATE_EPOCH");
  if (epoch === undefined || epoch === "") return new Date().toISOString();
  if (!/^\d{1,11}$/.test(epoch)) {
    throw new TaskError(
      `SOURCE_DATE_EPOCH is ${JSON.stringify(epoch)}, which is no number of seconds since 1970.`,
      "Try SOURCE_DATE_EPOCH=$(git log -1 --format=%ct), or leave it unset.",
      64,
    );
  }
  return new Date(Number(epoch) * 1000).toISOString();
}
