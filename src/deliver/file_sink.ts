/**
 * Records to files of JSON lines, one an hour (UTC): `tweets-2026-11-23T10Z.jsonl`, gzipped to `.jsonl.gz` when the
 * hour is over. The hour is that of writing.
 *
 * It promises: a record is acknowledged after fsync; a file keeps no torn last line, for what a crash left of one is
 * cut off at the next start (it was not acknowledged, so it is written again); a gzipped file takes the place of the
 * plain one only when it is whole and on disk, and is never written over. One process at a time has a directory.
 */

import type { Clock } from "../base/clock.ts";
import { SettingsError, TransientError, TryLaterError } from "../base/errors.ts";
import { writeFully } from "../base/file_access.ts";
import type { TweetRecord } from "../model/record.ts";
import {
  compressFile,
  endOfHour,
  hourOf,
  newNameFor,
  plainFiles,
  removeUnfinished,
  syncDirectory,
  unfinishedNameFor,
} from "./hour_file.ts";
import { joinLines } from "./line_writer.ts";
import type { Sink, Written } from "./sink.ts";
import { whySystemFailed } from "../base/system_failure.ts";
import { cutToWholeLines } from "./whole_lines.ts";

/** The file that is written to. */
interface OpenFile {
  readonly name: string;
  readonly hour: number;
  readonly file: Deno.FsFile;
  /** What of it is acknowledged, in bytes. */
  length: number;
  cancelEnd: () => void;
}

export class FileSink implements Sink {
  readonly name = "file";
  readonly target: string;
  readonly limits = { records: 1_000, bytes: 4_000_000 };
  readonly #directory: string;
  readonly #clock: Clock;
  #lock: Deno.FsFile | undefined;
  #current: OpenFile | undefined;
  /** The latest hour that was written for: it never goes back, though the clock may. */
  #hour = -Infinity;
  /** Writing, the end of an hour and closing wait for each other. */
  #turn: Promise<void> = Promise.resolve();
  #compressing: Promise<void> = Promise.resolve();
  #compressingEnds = new AbortController();
  #compressFailure: unknown;

  constructor(directory: string, clock: Clock) {
    this.#directory = directory;
    this.#clock = clock;
    this.target = `files in ${directory}`;
  }

  async open(): Promise<void> {
    await this.#inTurn(async () => {
      await Deno.mkdir(this.#directory, { recursive: true, mode: 0o700 });
      await this.#takeLock();
      await removeUnfinished(this.#directory);
      const name = await unfinishedNameFor(this.#hourNow(), this.#directory);
      if (name !== undefined) await this.#use(name);
      this.#compressingEnds = new AbortController();
      this.#compressFinished();
    });
  }

  async write(batch: readonly TweetRecord[]): Promise<Written> {
    await this.#inTurn(async () => {
      this.#tellCompressFailure();
      const current = await this.#fileOfNow();
      const lines = joinLines(batch.map((record) => record.value));
      try {
        await writeFully(current.file, lines);
        await current.file.syncData();
        current.length += lines.length;
      } catch (error) {
        // What was half written must not stay: the batch comes again.
        await this.#cutBack(current);
        throw error;
      }
    });
    return {};
  }

  /** A file that is being gzipped stays plain: the next start sees to it. */
  async close(): Promise<void> {
    this.#compressingEnds.abort();
    await this.#inTurn(async () => {
      this.#letGo();
      await this.#compressing;
      this.#lock?.close();
      this.#lock = undefined;
    });
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

  #hourNow(): number {
    return Math.max(this.#hour, hourOf(this.#clock.now()));
  }

  /** The file of this hour. The one before it is finished. */
  async #fileOfNow(): Promise<OpenFile> {
    this.#finishIfOver();
    return this.#current ?? await this.#use(await newNameFor(this.#hourNow(), this.#directory));
  }

  async #use(name: string): Promise<OpenFile> {
    const hour = this.#hourNow();
    const path = `${this.#directory}/${name}`;
    const file = await Deno.open(path, { create: true, read: true, write: true, mode: 0o600 });
    try {
      const length = await cutToWholeLines(file);
      await file.seek(length, Deno.SeekMode.Start);
      if (length === 0) await syncDirectory(this.#directory);
      this.#hour = hour;
      this.#current = { name, hour, file, length, cancelEnd: this.#awaitEndOf(hour) };
      return this.#current;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** A quiet hour is finished when it is over, too. */
  #awaitEndOf(hour: number): () => void {
    return this.#clock.after(endOfHour(hour) - this.#clock.now(), () => {
      this.#turn = this.#turn.then(() => {
        this.#finishIfOver();
        // A clock that was corrected meanwhile may say that the hour is not over yet.
        if (this.#current?.hour === hour) this.#current.cancelEnd = this.#awaitEndOf(hour);
      });
    });
  }

  #finishIfOver(): void {
    if (!this.#current || this.#hourNow() === this.#current.hour) return;
    this.#hour = this.#hourNow();
    this.#letGo();
    this.#compressFinished();
  }

  #letGo(): void {
    this.#current?.cancelEnd();
    this.#current?.file.close();
    this.#current = undefined;
  }

  /** Gzips all files but the one that is written to, one after the other, while writing goes on. */
  #compressFinished(): void {
    const { signal } = this.#compressingEnds;
    const note = (error: unknown) => {
      if (!signal.aborted) this.#compressFailure = error;
    };
    this.#compressing = this.#compressing.then(async () => {
      for (const name of await plainFiles(this.#directory)) {
        if (signal.aborted) return;
        if (name !== this.#current?.name) await compressFile(`${this.#directory}/${name}`, signal).catch(note);
      }
    }).catch(note);
  }

  /** The plain files are still there, and the next hour tries again; but somebody must be told, once. */
  #tellCompressFailure(): void {
    const failure = this.#compressFailure;
    this.#compressFailure = undefined;
    if (failure !== undefined) throw failure;
  }

  async #cutBack(current: OpenFile): Promise<void> {
    try {
      await current.file.truncate(current.length);
      await current.file.seek(current.length, Deno.SeekMode.Start);
    } catch {
      // The disk takes nothing at all: the batch goes to a further file, and this one is cut before it is gzipped.
      this.#letGo();
    }
  }

  async #inTurn(operation: () => Promise<void>): Promise<void> {
    const result = this.#turn.then(operation);
    // Who asked for it is told of its failure; who comes next must only wait.
    this.#turn = result.catch(() => undefined);
    try {
      await result;
    } catch (error) {
      throw this.#translated(error);
    }
  }

  /** What the system says is wrong with a disk may heal; a place that is no directory does not. */
  #translated(error: unknown): unknown {
    if (error instanceof Deno.errors.NotADirectory || error instanceof Deno.errors.AlreadyExists) {
      return new SettingsError(`Cannot write to ${this.#directory}: it is no directory`, {
        hint: "Name a directory with --sink file:DIR",
        cause: error,
      });
    }
    const words = whySystemFailed(error);
    return words === undefined ? error : new TransientError(words, { cause: error });
  }
}
