/**
 * Which registry the `jsr:` packages come from, decided once a run: the user's `JSR_URL`; else jsr.io if it answers;
 * else the real packages if Deno's cache has them; else the local registry of typed faces (`scripts/registry`).
 * The local registry has a lock file of its own, for its entries must never reach `deno.lock`.
 *
 * @module
 */
import { inRoot, root, rootUrl } from "./paths.ts";

/** What a `deno` that is started by a task needs to find its packages. */
export interface Registry {
  /** For people: which one it is. */
  readonly name: string;
  /** Arguments for the subcommands that load modules. */
  readonly args: readonly string[];
  /** Variables to set. */
  readonly env: Readonly<Record<string, string>>;
}

const LOCAL_URL = new URL("scripts/registry/", rootUrl).href;
const ANSWER_WITHIN_MS = 2_000;
const CONFIG_ARGUMENT = `--config=${inRoot("deno.json")}`;
const REAL_ARGS = [CONFIG_ARGUMENT, `--lock=${inRoot("deno.lock")}`];

/** The registry to use now. */
export async function chooseRegistry(): Promise<Registry> {
  const asked = Deno.env.get("JSR_URL");
  if (asked !== undefined && asked !== "") {
    return asked.replace(/\/*$/, "/") === LOCAL_URL ? localRegistry() : { name: asked, args: REAL_ARGS, env: {} };
  }
  if (await jsrAnswers()) return { name: "jsr.io", args: REAL_ARGS, env: {} };
  if (await realPackagesAreCached()) return { name: "jsr.io, from Deno's cache", args: REAL_ARGS, env: {} };
  return localRegistry();
}

/** The local registry, whatever answers. */
export function localRegistry(): Registry {
  return {
    name: "the local registry (JSR does not answer)",
    args: [CONFIG_ARGUMENT, `--lock=${inRoot("scripts/registry/deno.lock")}`, "--frozen"],
    env: { JSR_URL: LOCAL_URL },
  };
}

async function jsrAnswers(): Promise<boolean> {
  try {
    const response = await fetch("https://jsr.io/@std/assert/meta.json", {
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      headers: { accept: "application/json" },
    });
    // A closed network may answer with a page of its own: only the package's own words count.
    const meta = await response.json();
    return response.ok && typeof meta?.versions === "object";
  } catch {
    return false;
  }
}

async function realPackagesAreCached(): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["cache", "--cached-only", "--no-lock", CONFIG_ARGUMENT, inRoot("scripts/registry/surface.ts")],
    cwd: root,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}
