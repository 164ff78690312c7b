/**
 * The journal's file for as long as it is held. What the disk refuses is a state, and not an error of who asked; a file
 * that turns out to be damaged is saved and opened again, as soon as the disk allows that.
 */

import type { Clock } from "../base/clock.ts";
import { DiskError } from "../base/errors.ts";
import type { Events } from "../base/events.ts";
import { type Sqlite, SqliteError } from "../base/sqlite.ts";
import type { Position } from "../model/backlog.ts";
import type { Totals } from "./group.ts";
import type { SinkPositions } from "./sink_positions.ts";
import type { Space } from "./space.ts";

/** A journal's file, open, with what it held then. */
export interface OpenedFile {
  readonly database: Sqlite;
  readonly sinks: SinkPositions;
  readonly space: Space;
  /** The last position that was handed out. */
  readonly last: Position;
  readonly waiting: Totals["waiting"];
}

export interface HeldFileOptions {
  /** Opens the file; after damage, what was saved of it. Throws DiskError where the disk does not allow it now. */
  readonly open: (damage?: string) => OpenedFile;
  /** Called when the file was opened again, before anything is done with it. */
  readonly onOpenedAgain: (now: OpenedFile, before: OpenedFile) => void;
  readonly clock: Clock;
  readonly events: Events;
}

/** What was to be done with the file. */
type Work = "read" | "write";

/** Saving a file again and again would fill the disk with damaged ones: a disk like that is a state. */
const SAVE_EVERY_MS = 60_000;

export class HeldFile {
  readonly #options: HeldFileOptions;
  #opened: OpenedFile;
  /** What could not be done the last time it was tried, and why. */
  readonly #troubles = new Map<Work, string>();
  /** The file has to be opened again before anything else, and why: it is damaged, or its disk has failed. */
  #broken: { readonly trouble: "damaged" | "disk"; readonly reason: string } | undefined;
  #savedAt = -Infinity;

  /** Throws what `open` throws. */
  constructor(options: HeldFileOptions) {
    this.#options = options;
    this.#opened = options.open();
  }

  /** What was opened last. Its database may be closed: `attempt` is the way to it. */
  get opened(): OpenedFile {
    return this.#opened;
  }

  /** Why something cannot be done now. */
  get trouble(): string | undefined {
    return this.#broken?.reason ?? this.#troubles.get("write") ?? this.#troubles.get("read");
  }

  get canRead(): boolean {
    return this.#broken === undefined && !this.#troubles.has("read");
  }

  get canWrite(): boolean {
    return this.#broken === undefined && !this.#troubles.has("write");
  }

  /** Does something with the file; undefined where that cannot be done now: `trouble` says why. Throws nothing but bugs. */
  attempt<Result>(what: Work, work: (file: OpenedFile) => Result): { readonly value: Result } | undefined {
    const before = this.trouble;
    let done: { value: Result } | undefined;
    try {
      done = { value: this.use(work) };
      this.#troubles.delete(what);
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
    if (this.#broken) this.#openAgain(this.#broken);
    try {
      return work(this.#opened);
    } catch (error) {
      if (!(error instanceof SqliteError)) throw error;
      const { message: reason, trouble } = error;
      // After a failure of the disk SQLite may hold on to what is there no more: a new look at the file does not.
      if (trouble === "disk" || trouble === "damaged") this.#broken = { trouble, reason };
      if (trouble !== "damaged") throw error;
    }
    this.#openAgain(this.#broken!);
    return work(this.#opened);
  }

  /** May be called twice. */
  close(): void {
    closeQuietly(this.#opened.database);
  }

  #openAgain({ reason, trouble }: { readonly trouble: "damaged" | "disk"; readonly reason: string }): void {
    const { clock, open, onOpenedAgain } = this.#options;
    this.close();
    const isDamaged = trouble === "damaged";
    if (isDamaged && clock.monotonic() - this.#savedAt < SAVE_EVERY_MS) {
      throw new DiskError(`it is damaged again: ${reason}`);
    }
    const before = this.#opened;
    const now = open(isDamaged ? reason : undefined);
    if (isDamaged) this.#savedAt = clock.monotonic();
    this.#opened = now;
    this.#broken = undefined;
    onOpenedAgain(now, before);
  }
}

/** The words of what may pass; throws what is a bug. */
function reasonOf(error: unknown): string {
  if (error instanceof DiskError) return error.message;
  if (error instanceof SqliteError && error.trouble !== "other") return error.message;
  throw error;
}

/** A damaged file may complain even about being closed. */
function closeQuietly(database: Sqlite): void {
  try {
    database.close();
  } catch (error) {
    if (!(error instanceof SqliteError)) throw error;
  }
}
