/**
 * One process at a time has an app's state directory: two would fight for X's one connection, and change the rules at X
 * back and forth. The lock is the system's, so a crash releases it; the file says who holds it.
 */

import { SettingsError, TryLaterError } from "../base/errors.ts";

export interface StateLock {
  release(): void;
}

/** Who takes the lock, for the person whom the next one is refused. */
export interface Holder {
  readonly pid: number;
  /** ISO 8601. */
  readonly since: string;
}

/** Takes the lock. Throws TryLaterError that names the holder, SettingsError when the directory cannot be used. */
export async function lockState(directory: string, holder: Holder): Promise<StateLock> {
  const path = `${directory}/lock`;
  let file: Deno.FsFile;
  try {
    await Deno.mkdir(directory, { recursive: true, mode: 0o700 });
    file = await Deno.open(path, { create: true, read: true, write: true, mode: 0o600 });
  } catch (error) {
    throw new SettingsError(`Cannot keep state in ${directory}: ${(error as Error).message}`, {
      hint: "Name a directory that you may write to with --state-dir DIR",
      cause: error,
    });
  }
  if (!await file.tryLock(true)) {
    file.close();
    throw new TryLaterError(`Cannot collect: another traptor collects for this app${await nameOfHolder(path)}`, {
      hint: "Stop the other one first: X grants an app one connection. `traptor --test --simulate` needs none",
    });
  }
  await file.truncate();
  await file.write(new TextEncoder().encode(`${JSON.stringify(holder)}\n`));
  return { release: () => file.close() };
}

/** What the file says of the holder; it may just be writing it. */
async function nameOfHolder(path: string): Promise<string> {
  try {
    const { pid, since } = JSON.parse(await Deno.readTextFile(path)) as Partial<Holder>;
    return ` (process ${pid}, since ${since})`;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
