/**
 * The bytes of the journal's files, past SQLite: whether the disk gives them at all, and takes new ones. SQLite's words do
 * not tell: a disk that cannot be read makes it say "malformed", and a file that was cut off "I/O error".
 *
 * The file is kept open as long as SQLite has it: the system takes a process's locks on a file away as soon as the process
 * closes it anywhere.
 */

import { openIfThere, writeFullySync } from "../base/file_access.ts";
import { whySystemFailed } from "../base/system_failure.ts";

const BLOCK = 1024 * 1024;

export class FileBytes {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  #isOpen = true;

  /** Throws what the system says. */
  constructor(path: string) {
    this.#path = path;
    this.#file = Deno.openSync(path, { read: true });
  }

  /** What the system says when it is asked for all of them, or to take some; undefined where it does both. */
  whyDiskFails(): string | undefined {
    try {
      writeBeside(this.#path);
      this.#file.seekSync(0, Deno.SeekMode.Start);
      readThrough(this.#file);
      const log = openIfThere(`${this.#path}-wal`, { read: true });
      if (!log) return undefined;
      try {
        readThrough(log);
      } finally {
        log.close();
      }
      return undefined;
    } catch (error) {
      const reason = whySystemFailed(error);
      if (reason === undefined) throw error;
      return reason;
    }
  }

  /** After SQLite has closed it. May be called twice. */
  close(): void {
    if (this.#isOpen) this.#file.close();
    this.#isOpen = false;
  }
}

function readThrough(file: Deno.FsFile): void {
  const block = new Uint8Array(BLOCK);
  while (file.readSync(block) !== null);
}

const PROBE_BYTES = 65_536;

function writeBeside(path: string): void {
  const probe = `${path}.probe`;
  const file = Deno.openSync(probe, { create: true, truncate: true, write: true, mode: 0o600 });
  try {
    writeFullySync(file, new Uint8Array(PROBE_BYTES));
    file.syncDataSync();
  } finally {
    file.close();
    Deno.removeSync(probe);
  }
}
