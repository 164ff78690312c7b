/**
 * Whether the journal may grow: the pages that it uses (not the size of its file, which never shrinks by itself) stay
 * below a limit, and a part of the disk stays free.
 */

import { statfsSync } from "node:fs";
import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import type { Sqlite } from "../base/sqlite.ts";
import { whySystemFailed } from "../base/system_failure.ts";

/** The part of the disk that stays free. */
const FREE_PART = 0.05;
/** Full begins at the limit and ends when so much of it is free again, so that it does not come and go. */
const ROOM_AGAIN = 0.98;
/** How often the disk is asked. */
const DISK_MS = 1_000;

/** How much of a disk is free, and how large it is, in bytes. */
export interface Disk {
  readonly free: number;
  readonly size: number;
}

export interface SpaceOptions {
  readonly database: Sqlite;
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly events: Events;
  /** How much of the journal's disk is free. */
  readonly disk?: () => Disk;
}

export class Space {
  readonly #options: SpaceOptions;
  readonly #disk: () => Disk;
  #full: string | undefined;
  #usedBytes = 0;
  #diskFault: string | undefined;
  #askedAt = -Infinity;

  constructor(options: SpaceOptions) {
    this.#options = options;
    this.#disk = options.disk ?? (() => diskOf(options.database.path));
    this.look();
  }

  get isFull(): boolean {
    return this.#full !== undefined;
  }

  /** Why it is full, for people; undefined when there is room. */
  get reason(): string | undefined {
    return this.#full;
  }

  get maxBytes(): number {
    return this.#options.maxBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Looks again: after each group, and whenever somebody waits for room. Throws SqliteError. */
  look(): void {
    const { clock, events, maxBytes } = this.#options;
    this.#usedBytes = usedBytes(this.#options.database);
    if (clock.monotonic() - this.#askedAt >= DISK_MS) {
      this.#askedAt = clock.monotonic();
      this.#diskFault = this.#faultOfDisk();
    }
    const limit = this.#full === undefined ? maxBytes : maxBytes * ROOM_AGAIN;
    const now = this.#diskFault !== undefined
      ? this.#diskFault
      : this.#usedBytes >= limit
      ? `it has reached JOURNAL_MAX_BYTES (${maxBytes} bytes)`
      : undefined;
    if (now !== undefined && this.#full === undefined) events.emit("journal_full", { reason: now });
    if (now === undefined && this.#full !== undefined) events.emit("journal_has_room");
    this.#full = now;
  }

  #faultOfDisk(): string | undefined {
    try {
      const { free, size } = this.#disk();
      return free < size * FREE_PART ? "less than 5 % of its disk is free" : undefined;
    } catch (error) {
      const reason = whySystemFailed(error);
      if (reason === undefined) throw error;
      return `its disk does not tell how much is free: ${reason}`;
    }
  }
}

function usedBytes(database: Sqlite): number {
  const one = (pragma: string) => Object.values(database.get<Record<string, number>>(`PRAGMA ${pragma}`)!)[0]!;
  return (one("page_count") - one("freelist_count")) * one("page_size");
}

function diskOf(path: string): Disk {
  const { bavail, blocks, bsize } = statfsSync(path);
  return { free: bavail * bsize, size: blocks * bsize };
}
