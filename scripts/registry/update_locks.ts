/**
 * Writes both lock files anew after a change of `deno.json`'s imports or of the local registry, where JSR cannot be
 * reached: `deno run --no-config --no-lock -A scripts/registry/update_locks.ts`.
 *
 * `scripts/registry/deno.lock` is what Deno itself writes against the local registry. `deno.lock` gets the npm part of
 * it, without what only the local registry needs, and keeps its own entries for JSR, which only a run against jsr.io
 * can make. What of those is missing, such a run completes.
 *
 * @module
 */
import { runDeno } from "../run/deno_process.ts";
import { exists, inRoot } from "../run/paths.ts";
import { localRegistry } from "../run/registry.ts";

interface Lock {
  version: string;
  specifiers: Record<string, string>;
  jsr?: Record<string, unknown>;
  npm?: Record<string, unknown>;
  workspace: { dependencies: string[] };
}

const ONLY_LOCAL = /^(?:npm:)?deno-std@/;
const LOCAL_LOCK = inRoot("scripts/registry/deno.lock");
const REAL_LOCK = inRoot("deno.lock");

async function writeLocalLock(): Promise<Lock> {
  if (exists(LOCAL_LOCK)) await Deno.remove(LOCAL_LOCK);
  const { imports } = JSON.parse(await Deno.readTextFile(inRoot("deno.json"))) as { imports: Record<string, string> };
  const { args, env, name } = localRegistry();
  const code = await runDeno({
    subcommand: "cache",
    registry: { name, env, args: args.filter((argument) => argument !== "--frozen") },
    args: [
      inRoot("scripts/registry/surface.ts"),
      ...Object.values(imports).filter((specifier) => specifier.startsWith("npm:")),
    ],
  });
  if (code !== 0) Deno.exit(code);
  return readLock(LOCAL_LOCK);
}

async function readLock(path: string): Promise<Lock> {
  return JSON.parse(await Deno.readTextFile(path));
}

/** The entries whose names pass, in order of their names. */
function pick<T>(entries: Record<string, T> | undefined, passes: (name: string) => boolean): [string, T][] {
  return Object.entries(entries ?? {}).filter(([name]) => passes(name));
}

const local = await writeLocalLock();
const real = exists(REAL_LOCK) ? await readLock(REAL_LOCK) : undefined;
const specifiers = [
  ...pick(real?.specifiers, (name) => name.startsWith("jsr:")),
  ...pick(local.specifiers, (name) => name.startsWith("npm:") && !ONLY_LOCAL.test(name)),
];
const lock: Lock = {
  version: local.version,
  specifiers: Object.fromEntries(specifiers),
  ...real?.jsr && { jsr: real.jsr },
  npm: Object.fromEntries(pick(local.npm, (name) => !ONLY_LOCAL.test(name))),
  workspace: local.workspace,
};
await Deno.writeTextFile(REAL_LOCK, `${JSON.stringify(lock, null, 2)}\n`);
