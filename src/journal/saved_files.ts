/**
 * The files of a journal that is being saved: the damaged one, a new one that is not whole yet, a new one that is. Names
 * change in an order that leaves, at any crash, the damaged journal or a whole new one, never a part.
 */

/** Puts what was saved in its place, where a crash came before that. Throws what the system says. */
export function finishSalvage(path: string, now: number): void {
  if (!isThere(savedPath(path))) return;
  syncDirectoryOf(path);
  const aside = asideOf(path, now);
  // The log first: beside another file than its own it would be taken for that one's.
  for (const ending of ["-wal", "-shm", ""]) moveAside(`${path}${ending}`, `${aside}${ending}`);
  Deno.renameSync(savedPath(path), path);
  syncDirectoryOf(path);
  forgetOldest(path);
}

/** A new journal that is not whole yet, and one that is. */
export function savingPath(path: string): string {
  return `${path}.saving`;
}

export function savedPath(path: string): string {
  return `${path}.saved`;
}

/** Where a damaged journal is kept. */
export function asideOf(path: string, now: number): string {
  return `${path}.damaged-${new Date(now).toISOString().replace(/[:.]/g, "")}`;
}

function moveAside(from: string, to: string): void {
  if (isThere(from)) Deno.renameSync(from, to);
}

/** Whether there is something of a name. */
export function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Names in a directory are on disk when the directory is. */
function syncDirectoryOf(path: string): void {
  const directory = Deno.openSync(path.slice(0, path.lastIndexOf("/")), { read: true });
  try {
    directory.syncSync();
  } finally {
    directory.close();
  }
}

/** How many damaged files are kept, the newest. */
const MOST_KEPT = 3;

function forgetOldest(path: string): void {
  const [directory, name] = [path.slice(0, path.lastIndexOf("/")), path.slice(path.lastIndexOf("/") + 1)];
  const kept = [...Deno.readDirSync(directory)].map((entry) => entry.name)
    .filter((other) => other.startsWith(`${name}.damaged-`) && !/-(wal|shm)$/.test(other)).sort();
  for (const old of kept.slice(0, -MOST_KEPT)) removeAll(`${directory}/${old}`);
}

/** A file of SQLite with what belongs to it. */
export function removeAll(path: string): void {
  for (const ending of ["", "-wal", "-shm"]) {
    if (isThere(`${path}${ending}`)) Deno.removeSync(`${path}${ending}`);
  }
}
