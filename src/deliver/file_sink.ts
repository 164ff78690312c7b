/**
 * Records to files of JSON lines, one an hour (UTC): `tweets-2026-11-23T10Z.jsonl`, gzipped to `.jsonl.gz` when the
 * hour is over.
 *
 * It promises: a record is acknowledged after fsync; a file never keeps a torn last line, for what a crash left of one
 * is cut off at the next start (it was not acknowledged, so it is written again); a gzipped file takes the place of
 * the plain one only when it is whole and on disk. One process at a time has a directory.
 */

import type { Clock } from "../base/clock.ts";
import { SettingsError, TransientError, TryLaterError } from "../base/errors.ts";
import type { TweetRecord } from "../model/record.ts";
import { compressFile, removeUnfinished } from "./hour_file.ts";
import { joinLines } from "./line_writer.ts";
import type { Sink } from "./sink.ts";

const PLAIN = /^tweets-\d{4}-\d{2}-\d{2}T\d{2}Z\.jsonl$/;

const LINE_FEED = 10;

/** How far back the end of a line is looked for at a time. */
const LOOK_BACK = 65_536;

export class FileSink implements Sink {
  readonly name = "file";
  readonly target: string;
  readonly limits = { records: 1_000, bytes: 4_000_000 };
  readonly #directory: string;
  readonly #clock: Clock;
  #lock: Deno.FsFile | undefined;
  #current: { name: string; file: Deno.FsFile; length: number } | undefined;
  /** Files of past hours that are being gzipped, one after the other. */
  #compressing: Promise<void> = Promise.resolve();
  #compressFailed: unknown;

  constructor(directory: string, clock: Clock) {
    this.#directory = directory;
    this.#clock = clock;
    this.target = `files in ${directory}`;
  }

  async open(): Promise<void> {
    await this.#translating(async () => {
      await Deno.mkdir(this.#directory, { recursive: true, mode: 0o700 });
      await this.#takeLock();
      await removeUnfinished(this.#directory);
      await this.#useFile(this.#nameNow());
      for await (const entry of Deno.readDir(this.#directory)) {
        if (entry.isFile && PLAIN.test(entry.name) && entry.name !== this.#current?.name) this.#compress(entry.name);
      }
    });
  }

  async write(batch: readonly TweetRecord[]): Promise<void> {
    await this.#translating(async () => {
      await this.#useFile(this.#nameNow());
      const current = this.#current!;
      const lines = joinLines(batch.map((record) => record.value));
      try {
        for (let at = 0; at < lines.length;) at += await current.file.write(lines.subarray(at));
        await current.file.syncData();
        current.length += lines.length;
      } catch (error) {
        // What was half written must not stay: the batch comes again.
        await this.#cutBack(current);
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    this.#current?.file.close();
    this.#current = undefined;
    await this.#compressing;
    this.#lock?.close();
    this.#lock = undefined;
  }

  async #takeLock(): Promise<void> {
    if (this.#lock) return;
    const lock = await Deno.open(`${this.#directory}/.lock`, { create: true, write: true, mode: 0o600 });
    if (!await lock.tryLock(true)) {
      lock.close();
      throw new TryLaterError(`Cannot write to ${this.#directory}: another process writes there`, {
        hint: "Stop the other one, or name another directory",
      });
    }
    this.#lock = lock;
  }

  #nameNow(): string {
    return `tweets-${new Date(this.#clock.now()).toISOString().slice(0, 13)}Z.jsonl`;
  }

  /** Makes a file the one that is written to; the one before it is gzipped. */
  async #useFile(name: string): Promise<void> {
    if (this.#current?.name === name) return;
    if (this.#compressFailed !== undefined) throw this.#compressFailed;
    const file = await Deno.open(`${this.#directory}/${name}`, { create: true, read: true, write: true, mode: 0o600 });
    let length: number;
    try {
      length = await wholeLines(file);
      await file.truncate(length);
      await file.seek(length, Deno.SeekMode.Start);
    } catch (error) {
      file.close();
      throw error;
    }
    const before = this.#current;
    this.#current = { name, file, length };
    if (before) {
      before.file.close();
      this.#compress(before.name);
    }
  }

  #compress(name: string): void {
    this.#compressing = this.#compressing.then(async () => {
      try {
        await compressFile(`${this.#directory}/${name}`);
        this.#compressFailed = undefined;
      } catch (error) {
        // The plain file is still there and whole; the next start tries again. The next hour's file tells.
        this.#compressFailed = error;
      }
    });
  }

  async #cutBack(current: { file: Deno.FsFile; length: number }): Promise<void> {
    try {
      await current.file.truncate(current.length);
      await current.file.seek(current.length, Deno.SeekMode.Start);
    } catch {
      // The disk takes nothing at all: opening the file anew cuts it back.
      current.file.close();
      this.#current = undefined;
    }
  }

  /** Runs an operation; what the system says is wrong with the disk may heal, wrong settings do not. */
  async #translating(operation: () => Promise<void>): Promise<void> {
    try {
      await operation();
    } catch (error) {
      if (error instanceof Deno.errors.NotADirectory || error instanceof Deno.errors.AlreadyExists) {
        throw new SettingsError(`Cannot write to ${this.#directory}: it is no directory`, {
          hint: "Name a directory with --sink file:DIR",
          cause: error,
        });
      }
      if (error instanceof Error && !(error instanceof TryLaterError) && isFromSystem(error)) {
        throw new TransientError(`Cannot write to ${this.#directory}: ${error.message}`, { cause: error });
      }
      throw error;
    }
  }
}

/** Whether the operating system made an error: Deno's error classes and bare errors with a system's code. */
function isFromSystem(error: Error): boolean {
  return Object.values(Deno.errors).some((kind) => error instanceof kind) || "code" in error ||
    /os error/.test(error.message);
}

/** The length of a file up to the end of its last whole line. */
async function wholeLines(file: Deno.FsFile): Promise<number> {
  const { size } = await file.stat();
  const block = new Uint8Array(LOOK_BACK);
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - LOOK_BACK);
    await file.seek(start, Deno.SeekMode.Start);
    const length = await readFully(file, block.subarray(0, end - start));
    const last = block.subarray(0, length).lastIndexOf(LINE_FEED);
    if (last >= 0) return start + last + 1;
    end = start;
  }
  return 0;
}

async function readFully(file: Deno.FsFile, into: Uint8Array): Promise<number> {
  let at = 0;
  while (at < into.length) {
    const read = await file.read(into.subarray(at));
    if (read === null) break;
    at += read;
  }
  return at;
}
