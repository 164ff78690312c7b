/**
 * The files of the file sink: their names, and how one that is finished is gzipped, so that a crash at any moment
 * leaves the plain file, or the whole gzipped one, or both with the same lines.
 */

import { writeFully } from "../base/file_access.ts";
import { cutToWholeLines } from "./whole_lines.ts";

/** A plain file: `tweets-2026-11-23T10Z.jsonl`, or `...T10Z-2.jsonl` where that one is gzipped already. */
const PLAIN = /^tweets-\d{4}-\d{2}-\d{2}T\d{2}Z(-\d+)?\.jsonl$/;

const UNFINISHED = ".gz.unfinished";

const HOUR_MS = 3_600_000;

/** How much is read of a file at a time. */
const BLOCK = 65_536;

/** When the hour of a moment began; both in milliseconds since 1970. */
export function hourOf(moment: number): number {
  return Math.floor(moment / HOUR_MS) * HOUR_MS;
}

/** The hour in a file's name. */
export function hourIn(name: string): number {
  const [, day, hour] = /^tweets-(\d{4}-\d{2}-\d{2})T(\d{2})Z/.exec(name)!;
  return Date.parse(`${day}T${hour}:00:00Z`);
}

/** When the hour is over. */
export function endOfHour(hour: number): number {
  return hour + HOUR_MS;
}

/** The name for a new file of an hour: no file is ever written over, nor one that is being gzipped written to. */
export async function newNameFor(hour: number, directory: string): Promise<string> {
  for (let part = 1;; part++) {
    const name = part === 1 ? `${stemOf(hour)}.jsonl` : `${stemOf(hour)}-${part}.jsonl`;
    if (!await exists(`${directory}/${name}`) && !await exists(`${directory}/${name}.gz`)) return name;
  }
}

/** The plain file of an hour that can be written on: one beside which lies a gzipped one is only still to be removed. */
export async function unfinishedNameFor(hour: number, directory: string): Promise<string | undefined> {
  for (const name of await plainFiles(directory)) {
    if (name.startsWith(stemOf(hour)) && !await exists(`${directory}/${name}.gz`)) return name;
  }
  return undefined;
}

/** The names of all plain files of a directory, in order. */
export async function plainFiles(directory: string): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(directory)) if (entry.isFile && PLAIN.test(entry.name)) names.push(entry.name);
  return names.sort();
}

/** The names of all whole files of a directory, in order: where a gzipped one lies beside a plain one, that one. */
export async function tweetFiles(directory: string): Promise<string[]> {
  const names = new Set<string>();
  for await (const { isFile, name } of Deno.readDir(directory)) {
    if (isFile && PLAIN.test(name.replace(/\.gz$/, ""))) names.add(name);
  }
  return [...names].filter((name) => !names.has(`${name}.gz`)).sort();
}

/**
 * Replaces the plain file `path` by `path.gz`, without the torn line that a crash may have left; an empty one is just
 * removed. Throws what the system throws, and the signal's reason; the plain file is then still there.
 */
export async function compressFile(path: string, signal: AbortSignal): Promise<void> {
  const source = await Deno.open(path, { read: true, write: true });
  const unfinished = `${path}${UNFINISHED}`;
  try {
    if (await cutToWholeLines(source) === 0) return await Deno.remove(path);
    await source.seek(0, Deno.SeekMode.Start);
    await writeCompressed(source, unfinished, signal);
  } catch (error) {
    // A full disk needs the room.
    if (await exists(unfinished)) await Deno.remove(unfinished);
    throw error;
  } finally {
    source.close();
  }
  await Deno.rename(unfinished, `${path}.gz`);
  await syncDirectory(path.slice(0, path.lastIndexOf("/")));
  await Deno.remove(path);
}

/** Removes what a crash left of files that were being gzipped; the plain files are still there. */
export async function removeUnfinished(directory: string): Promise<void> {
  for await (const entry of Deno.readDir(directory)) {
    if (entry.name.endsWith(UNFINISHED)) await Deno.remove(`${directory}/${entry.name}`);
  }
}

/** Puts on disk which files a directory holds. Windows does so by itself, and cannot be asked. */
export async function syncDirectory(directory: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  const handle = await Deno.open(directory, { read: true });
  try {
    await handle.sync();
  } finally {
    handle.close();
  }
}

async function writeCompressed(source: Deno.FsFile, path: string, signal: AbortSignal): Promise<void> {
  const target = await Deno.open(path, { create: true, write: true, truncate: true, mode: 0o600 });
  try {
    const compressed = ReadableStream.from(contentOf(source)).pipeThrough(new CompressionStream("gzip"));
    for await (const chunk of compressed) {
      signal.throwIfAborted();
      await writeFully(target, chunk);
    }
    await target.sync();
  } finally {
    target.close();
  }
}

async function* contentOf(file: Deno.FsFile): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const block = new Uint8Array(BLOCK);
  for (let read = await file.read(block); read !== null; read = await file.read(block)) yield block.slice(0, read);
}

function stemOf(hour: number): string {
  return `tweets-${new Date(hour).toISOString().slice(0, 13)}Z`;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
