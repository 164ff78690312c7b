/**
 * The journal's file for as long as it is held. What the disk refuses is a state, and not an error of who asked; a file
 * that turns out to be damaged is saved and opened again, as soon as the disk allows that.
 */

import type { Clock } from "../base/clock.ts";
import { DiskError } from "../base/errors.ts";
import type { Events } from "../base/events.ts";
import { type Sqlite, SqliteError } from "../base/sqlite.ts";
import type { Position } from "../model/backlog.ts";
import type { FileBytes } from "./file_bytes.ts";
import type { Amount } from "./record_rows.ts";
import type { SinkPositions } from "./sink_positions.ts";
import type { Space } from "./space.ts";

/** A journal's file, open, with what it held then. */
export interface OpenedFile {
  readonly database: Sqlite;
  readonly bytes: FileBytes;
  readonly sinks: SinkPositions;
  readonly space: Space;
  /** The last position that was handed out. */
  readonly last: Position;
  /** The number of the last group that was written. */
  readonly lastGroup: number;
  /** Whether a gap of listening lasts. */
  readonly gapSince: number | undefined;
  readonly waiting: Amount;
}

export interface HeldFileOptions {
  /** Opens the file. Throws DiskError where the disk does not allow it now. */
  readonly open: (when: "first" | "again") => OpenedFile;
  /** Puts what can be read of a damaged file in its place, given why it is called damaged. Throws DiskError likewise. */
  readonly save: (damage: string) => void;
  /** Called with what was saved, before anything is done with it. */
  readonly onSaved: (saved: OpenedFile, before: OpenedFile) => void;
  readonly clock: Clock;
  readonly events: Events;
}

/** What was to be done with the file. */
type Work = "read" | "write";

/** Saving a file again and again would fill the disk with damaged ones: a disk like that is a state. */
const SAVE_EVERY_MS = 60_000;
/** The next try, where saving failed. */
const SAVE_AGAIN_MS = 10_000;
/** How long SQLite may say that the disk fails before the disk is asked; and the disk itself, before it is given up. */
const PATIENCE_MS = 60_000;
const GIVEN_UP_MS = 5 * 60_000;

export class HeldFile {
  readonly #options: HeldFileOptions;
  #opened: OpenedFile;
  /** What could not be done the last time it was tried, and why. */
  readonly #troubles = new Map<Work, string>();
  /** Why the file has to be saved before anything else; its database is closed then. */
  #damage: string | undefined;
  #isSaved = false;
  #nextSaveAt = -Infinity;
  /** Since when SQLite says that the disk fails, or the file. */
  #failingSince: number | undefined;

  /** Throws what `open` throws. */
  constructor(options: HeldFileOptions) {
    this.#options = options;
    this.#opened = options.open("first");
  }

  /** What was opened last. Its database may be closed: `attempt` and `use` are the ways to it. */
  get opened(): OpenedFile {
    return this.#opened;
  }

  /** Why something cannot be done now. */
  get trouble(): string | undefined {
    return this.#damage ?? this.#troubles.get("write") ?? this.#troubles.get("read");
  }

  get canRead(): boolean {
    return this.#damage === undefined && !this.#troubles.has("read");
  }

  get canWrite(): boolean {
    return this.#damage === undefined && !this.#troubles.has("write");
  }

  /** Does something with the file; undefined where that cannot be done now: `trouble` says why. Throws nothing but bugs. */
  attempt<Result>(what: Work, work: (file: OpenedFile) => Result): { readonly value: Result } | undefined {
    const before = this.trouble;
    let done: { value: Result } | undefined;
    try {
      done = { value: this.use(work) };
      this.#troubles.delete(what);
      if (this.#troubles.size === 0) this.#failingSince = undefined;
    } catch (error) {
      this.#troubles.set(what, reasonOf(error));
    }
    const { events } = this.#options;
    const { trouble } = this;
    if (trouble !== undefined && trouble !== before) events.emit("journal_failed", { reason: trouble });
    if (trouble === undefined && before !== undefined) events.emit("journal_recovered");
    return done;
  }

  /** Does something with the file, or throws SqliteError or DiskError where that cannot be done now. */
  use<Result>(work: (file: OpenedFile) => Result): Result {
    if (this.#damage !== undefined) this.#save(this.#damage);
    try {
      return work(this.#opened);
    } catch (error) {
      if (!(error instanceof SqliteError) || !this.#isDamage(error)) throw error;
      this.#damage = error.message;
    }
    this.#save(this.#damage);
    return work(this.#opened);
  }

  /** May be called twice. */
  close(): void {
    this.#opened.database.closeQuietly();
    this.#opened.bytes.close();
  }

  /**
   * Whether an error is the file's fault. SQLite calls a file malformed that its disk does not let it read, and says "I/O
   * error" of one that was cut off: the disk itself is asked. Where it fails for long, what it holds is given up.
   */
  #isDamage({ trouble }: SqliteError): boolean {
    if (trouble !== "damaged" && trouble !== "disk") return false;
    const now = this.#options.clock.monotonic();
    this.#failingSince ??= now;
    const forMs = now - this.#failingSince;
    if (trouble === "disk" && forMs < PATIENCE_MS) return false;
    const reason = this.#opened.bytes.whyDiskFails();
    if (reason !== undefined && forMs < GIVEN_UP_MS) throw new DiskError(`its disk fails: ${reason}`);
    return true;
  }

  #save(damage: string): void {
    const { clock, open, onSaved, save } = this.#options;
    this.close();
    if (!this.#isSaved) {
      const now = clock.monotonic();
      if (now < this.#nextSaveAt) throw new DiskError(`it is damaged: ${damage}`);
      this.#nextSaveAt = now + SAVE_AGAIN_MS;
      save(damage);
      this.#nextSaveAt = now + SAVE_EVERY_MS;
      this.#isSaved = true;
    }
    // What was saved is saved, though opening it may take several tries.
    const before = this.#opened;
    this.#opened = open("again");
    this.#isSaved = false;
    this.#damage = undefined;
    onSaved(this.#opened, before);
  }
}

/** The words of what may pass; throws what is a bug. */
function reasonOf(error: unknown): string {
  if (error instanceof DiskError) return error.message;
  if (error instanceof SqliteError && error.trouble !== "other") return error.message;
  throw error;
}
