/** Gzips a file that is finished, so that a crash at any moment leaves either the plain file or the whole gzipped one. */

const UNFINISHED = ".gz.unfinished";

/** Replaces `PATH` by `PATH.gz`. Throws what the system throws; the plain file is then still there. */
export async function compressFile(path: string): Promise<void> {
  const { size } = await Deno.stat(path);
  if (size === 0) return await Deno.remove(path);
  const unfinished = `${path}${UNFINISHED}`;
  const target = await Deno.open(unfinished, { create: true, write: true, truncate: true, mode: 0o600 });
  try {
    const source = await Deno.open(path, { read: true });
    await source.readable.pipeThrough(new CompressionStream("gzip")).pipeTo(target.writable, { preventClose: true });
    await target.syncData();
  } finally {
    target.close();
  }
  await Deno.rename(unfinished, `${path}.gz`);
  await syncDirectory(path.slice(0, path.lastIndexOf("/")));
  await Deno.remove(path);
}

/** Removes what a crash left of a file that was being gzipped; the plain file is still there. */
export async function removeUnfinished(directory: string): Promise<void> {
  for await (const entry of Deno.readDir(directory)) {
    if (entry.name.endsWith(UNFINISHED)) await Deno.remove(`${directory}/${entry.name}`);
  }
}

/** A rename is on disk only when its directory is; Windows keeps no such secret. */
async function syncDirectory(directory: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  const handle = await Deno.open(directory, { read: true });
  try {
    await handle.sync();
  } finally {
    handle.close();
  }
}
