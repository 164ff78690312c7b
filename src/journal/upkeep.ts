/**
 * What is done for the journal after groups that are written anyway: tidying, looking at how much room there is, the
 * second copy of the counts, and word of dead letters that have become many. What fails is done again the next time.
 */

import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import type { Sqlite } from "../base/sqlite.ts";
import { whySystemFailed } from "../base/system_failure.ts";
import type { Position } from "../model/backlog.ts";
import { COPY_EVERY_MS, countsToCopy, writeCopy } from "./counter_copy.ts";
import type { HeldFile } from "./held_file.ts";
import { Housekeeping } from "./housekeeping.ts";
import { deadBytes } from "./state_values.ts";

export interface UpkeepOptions {
  /** Where the second copy of the counts is kept. */
  readonly copyPath: string;
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly events: Events;
}

/** The part of the journal that dead letters may take before somebody has to look at them. */
const DEAD_PART = 0.1;

export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #housekeeping: Housekeeping;
  #copiedAt: number;
  #deadBytes: number;

  constructor(options: UpkeepOptions, database: Sqlite) {
    const { clock, events, maxBytes } = options;
    this.#options = options;
    this.#housekeeping = new Housekeeping(clock, events, maxBytes);
    this.#copiedAt = clock.monotonic();
    this.#deadBytes = deadBytes(database);
  }

  /** Why a person should look at the dead letters; undefined when nobody has to. */
  get deadFault(): string | undefined {
    if (this.#deadBytes <= this.#options.maxBytes * DEAD_PART) return undefined;
    return `dead letters take ${this.#deadBytes} bytes, more than ${DEAD_PART * 100} % of JOURNAL_MAX_BYTES`;
  }

  /** Looks at a journal that was written up to a position. */
  after(held: HeldFile, committed: Position): void {
    held.attempt("write", ({ database, space }) => {
      this.#lookAtDead(database);
      this.#housekeeping.tidy(database);
      space.look();
    });
    this.#copyCounts(held, committed);
  }

  #lookAtDead(database: Sqlite): void {
    const before = this.deadFault;
    this.#deadBytes = deadBytes(database);
    const reason = this.deadFault;
    if (reason !== undefined && before === undefined) this.#options.events.emit("dead_too_many", { reason });
  }

  #copyCounts(held: HeldFile, lastPosition: Position): void {
    const { clock, copyPath: path, events } = this.#options;
    if (clock.monotonic() - this.#copiedAt < COPY_EVERY_MS) return;
    this.#copiedAt = clock.monotonic();
    const counts = held.attempt("read", ({ database }) => countsToCopy(database))?.value;
    if (!counts) return;
    try {
      writeCopy(path, { at: clock.now(), lastPosition, counts });
    } catch (error) {
      const reason = whySystemFailed(error);
      if (reason === undefined) throw error;
      events.emit("counter_copy_failed", { path, reason });
    }
  }
}
