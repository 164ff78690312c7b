/**
 * The record of a journal's life: what its writer did to the disk and said meanwhile, in order, through several
 * processes of which only the last ends by itself.
 *
 * @module
 */
import { assert } from "@std/assert";
import { fileURLToPath } from "node:url";
import { type Contents, Disk } from "./power_cut_disk.ts";
import { type Traced, traced } from "./power_cut_trace.ts";

/** One thing that happened; after a power cut the next process goes on with what was left on the disk. */
export type Recorded = Traced | { readonly kind: "power_cut"; readonly left: Contents };

export interface LifeOptions {
  readonly chance: () => number;
  /** How many processes lead it, one after the other. */
  readonly processes: number;
  /** How much each of them does. */
  readonly steps: number;
  /** Another value for SQLite's `synchronous` than the journal's own. */
  readonly synchronous?: string;
}

const WRITER = fileURLToPath(new URL("./journal_writer.ts", import.meta.url));
const CONFIGURATION = fileURLToPath(new URL("../../deno.json", import.meta.url));
/** Shared memory: no part of what is on disk, and made anew. */
const SHARED_MEMORY = "-shm";
/** How many writes a step takes, about. */
const WRITES_A_STEP = 18;

/** Leads a life and records it. Throws when the record is not all that happened to the files. */
export async function recordLife({ chance, processes, steps, synchronous }: LifeOptions): Promise<Recorded[]> {
  const directory = await Deno.realPath(await Deno.makeTempDir({ prefix: "traptor-test-" }));
  try {
    const record: Recorded[] = [];
    for (let left = processes; left > 0; left--) {
      const seed = Math.floor(chance() * 2 ** 31);
      const args = [directory, String(seed), String(steps), ...synchronous === undefined ? [] : [synchronous]];
      record.push(
        ...await traced({
          command: [Deno.execPath(), "run", "-A", "--no-lock", "--config", CONFIGURATION, WRITER, ...args],
          directory,
          ignored: SHARED_MEMORY,
          ...left > 1 && { killedAtWrite: Math.ceil(chance() * steps * WRITES_A_STEP) },
        }),
      );
      const disk = record.reduce(diskAfter, new Disk());
      assert(isSame(disk.contents, await contentsOf(directory)), "the record is not all that was written");
      // Some of the killed are killed by a power cut.
      if (left > 1 && chance() < 0.5) record.push(await cutPower(disk, directory, chance));
    }
    return record;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** The disk after something more has happened. */
export function diskAfter(disk: Disk, event: Recorded): Disk {
  if (event.kind === "power_cut") return new Disk(event.left);
  if (event.kind !== "said") disk.do(event);
  return disk;
}

/** Writes files into an empty directory. */
export async function writeContents(directory: string, contents: Contents): Promise<void> {
  for (const [name, bytes] of contents) await Deno.writeFile(`${directory}/${name}`, bytes, { mode: 0o600 });
}

export function isSame(one: Contents, other: Contents): boolean {
  return one.size === other.size && [...one].every(([name, bytes]) => {
    const others = other.get(name);
    return others?.length === bytes.length && bytes.every((byte, at) => byte === others[at]);
  });
}

async function cutPower(disk: Disk, directory: string, chance: () => number): Promise<Recorded> {
  const left = disk.afterPowerCut(chance);
  for await (const { name } of Deno.readDir(directory)) await Deno.remove(`${directory}/${name}`);
  await writeContents(directory, left);
  return { kind: "power_cut", left };
}

async function contentsOf(directory: string): Promise<Contents> {
  const contents = new Map<string, Uint8Array>();
  for await (const { name } of Deno.readDir(directory)) {
    if (!name.endsWith(SHARED_MEMORY)) contents.set(name, await Deno.readFile(`${directory}/${name}`));
  }
  return contents;
}
