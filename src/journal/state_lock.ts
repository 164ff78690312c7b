/**
 * One process at a time has an app's state directory: two would fight for X's one connection, and change the rules at X
 * back and forth. The lock is the system's, so a crash releases it; the file says who holds it.
 */

import { DiskError, SettingsError, TryLaterError } from "../base/errors.ts";
import { mayPass, whySystemFailed } from "../base/system_failure.ts";

export interface StateLock {
  /** Writes into its file where the holder's status is served, for `traptor status`. A disk that takes nothing costs that alone. */
  noteStatus(address: string): Promise<void>;
  release(): void;
}

/** Who takes the lock, for the person whom the next one is refused. */
export interface Holder {
  readonly pid: number;
  /** ISO 8601. */
  readonly since: string;
  /** Where its status is served: `127.0.0.1:9464`. */
  readonly status?: string;
}

/** Takes the lock. Throws TryLaterError that names the holder where another process has it, else as `tryLockState`. */
export async function lockState(directory: string, holder: Holder): Promise<StateLock> {
  const lock = await tryLockState(directory, holder);
  if (lock) return lock;
  throw new TryLaterError(`Cannot collect: another traptor collects for this app${await holderShown(directory)}`, {
    hint: "Stop the other one first, or wait for its end with --wait: X grants an app one connection. " +
      "`traptor --test --simulate` needs none",
  });
}

/**
 * Takes the lock; undefined where another process has it. Throws SettingsError when the directory cannot be used,
 * DiskError when its disk does not allow it now.
 */
export async function tryLockState(directory: string, holder: Holder): Promise<StateLock | undefined> {
  try {
    await Deno.mkdir(directory, { recursive: true, mode: 0o700 });
    const file = await Deno.open(lockPath(directory), { create: true, read: true, write: true, mode: 0o600 });
    try {
      if (!await file.tryLock(true)) {
        file.close();
        return undefined;
      }
      await write(file, holder);
    } catch (error) {
      // The lock would go on being ours otherwise, and the next try find it taken.
      file.close();
      throw error;
    }
    return {
      noteStatus: async (status) => {
        try {
          await write(file, { ...holder, status });
        } catch (error) {
          if (!mayPass(error)) throw error;
        }
      },
      release: () => file.close(),
    };
  } catch (error) {
    if (mayPass(error)) throw new DiskError(`state cannot be kept in ${directory}: ${whySystemFailed(error)}`);
    throw new SettingsError(`Cannot keep state in ${directory}: ${(error as Error).message}`, {
      hint: "Name a directory that you may write to with --state-dir DIR",
      cause: error,
    });
  }
}

/** What the lock's file says of its holder, with a space before it; it may just be writing it. */
export async function holderShown(directory: string): Promise<string> {
  const holder = await holderIn(directory);
  return holder ? ` (process ${holder.pid}, since ${holder.since})` : "";
}

/** Who has the lock, or had it last; undefined where nobody had, and where it is just being written. */
export async function holderIn(directory: string): Promise<Partial<Holder> | undefined> {
  try {
    const holder: unknown = JSON.parse(await Deno.readTextFile(lockPath(directory)));
    return typeof holder === "object" && holder !== null ? holder : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function write(file: Deno.FsFile, holder: Holder): Promise<void> {
  await file.truncate();
  await file.seek(0, Deno.SeekMode.Start);
  await file.write(new TextEncoder().encode(`${JSON.stringify(holder)}\n`));
}

function lockPath(directory: string): string {
  return `${directory}/lock`;
}
