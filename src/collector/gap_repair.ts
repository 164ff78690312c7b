/**
 * Sees to gaps once they are over: where the app may ask X to send again what was missed it does so, for everyone else it
 * is searched for. One gap at a time, the oldest first, a while after it has ended, for X's index lags behind.
 *
 * It promises that no gap is repaired that a person has to decide about, and that whatever is in the way (X, the disk)
 * leaves the gap in the register, to be tried again. It never stops collecting.
 */

import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import { Flag } from "../base/flag.ts";
import { diskTrouble } from "../base/sqlite.ts";
import {
  beginBackfill,
  beginRepair,
  chooseAnother,
  endRepair,
  isBackfillBroken,
  nextToRepair,
  noteSearches,
} from "../journal/gap_repairs.ts";
import type { Gap, GapRepair as Way } from "../journal/gaps.ts";
import type { Journal } from "../journal/journal.ts";
import { recover, RECOVERY_REACH_MS, type RecoveryOptions } from "../stream/recovery.ts";
import { XFailure } from "../stream/x_failure.ts";
import type { Companion } from "./collector.ts";
import type { Intake } from "./intake.ts";
import { missedInterval } from "./missed_interval.ts";
import { SearchRepair, type SearchRepairOptions } from "./search_repair.ts";

export interface GapRepairOptions extends SearchRepairOptions {
  readonly journal: Journal;
  readonly intake: Intake;
  /** `auto`: within the price; `ask`: only what a person asks for. */
  readonly mode: "auto" | "ask";
  /** Where the app may ask X to send again what was missed: how the stream is asked for. */
  readonly recovery: RecoveryOptions | undefined;
  readonly clock: Clock;
  readonly events: Events;
}

/** How long after its end a gap is repaired: the index of X's search lags behind (no figure is published). */
const SETTLED_MS = 60_000;
const POLL_MS = 5_000;
/** The most that X sends again with a connect. Source: docs.x.com, Recovery and redundancy. */
const MOST_BACKFILL_MS = 5 * 60_000;
/** How often a recovery that breaks off is tried before the gap is searched for. */
const MOST_RECOVERIES = 3;

export class GapRepair implements Companion {
  readonly #options: GapRepairOptions;
  readonly #asked = new Flag();
  /** How many tweets had come by backfill when it was last looked. */
  #backfilled = 0;
  #recoveries = new Map<number, number>();

  constructor(options: GapRepairOptions) {
    this.#options = options;
  }

  /** A person has asked for a repair: there is no need to wait for the next look. */
  hurry(): void {
    this.#asked.raise();
  }

  /** For how many minutes X is to send again what was missed, on a connect that begins now; noted in the register. */
  readonly backfillMinutes = (): number => {
    const { clock, journal, mode, recovery } = this.#options;
    if (!recovery || mode !== "auto") return 0;
    const request = { mostMs: MOST_BACKFILL_MS - SECONDS_AROUND_MS, now: clock.now() + SECONDS_AROUND_MS };
    return this.#tried(() => journal.use((database) => beginBackfill(database, request))) ?? 0;
  };

  /** Repairs gaps until the signal is aborted; rejects with its reason then. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, journal, mode, search } = this.#options;
    while (true) {
      const now = clock.now();
      const wanted = { endedBefore: now - SETTLED_MS, isAuto: mode === "auto", now };
      // What X is asked for is told by its clock, which its first answer tells.
      const gap = search.aheadMs === undefined
        ? undefined
        : this.#tried(() => journal.use((database) => nextToRepair(database, wanted)));
      if (gap && await this.#repair(gap, signal)) continue;
      const cancel = clock.after(POLL_MS, () => this.#asked.raise());
      try {
        await this.#asked.lowered(signal);
      } finally {
        cancel();
      }
    }
  }

  /** Answers whether to go on with the next one at once. */
  async #repair(gap: Gap, signal: AbortSignal): Promise<boolean> {
    try {
      if (gap.repair === "backfill") this.#settleBackfill(gap);
      else if (this.#mayRecover(gap)) await this.#recover(gap, signal);
      else await new SearchRepair(gap, this.#options).run(signal);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      this.#told(error);
      return false;
    }
  }

  /** X was asked for it with the connect that ended the gap: it came if that connection stood long enough. */
  #settleBackfill(gap: Gap): void {
    const { intake, journal } = this.#options;
    if (journal.use((database) => isBackfillBroken(database, gap, SETTLED_MS))) {
      journal.use((database) => chooseAnother(database, gap.number, ""));
      return;
    }
    const found = intake.backfilled - this.#backfilled;
    this.#backfilled = intake.backfilled;
    this.#close(gap, "backfill", found);
  }

  #mayRecover({ beganAt, repair }: Gap): boolean {
    const { clock, recovery } = this.#options;
    return recovery !== undefined && repair !== "search" && beganAt > clock.now() - RECOVERY_REACH_MS;
  }

  async #recover(gap: Gap, signal: AbortSignal): Promise<void> {
    const { events, intake, journal, recovery } = this.#options;
    const { number } = gap;
    const tries = (this.#recoveries.get(number) ?? 0) + 1;
    this.#recoveries.set(number, tries);
    journal.use((database) => beginRepair(database, number, "recovery"));
    events.emit("gap_repairing", { gap: number, by: "recovery" });
    const before = intake.backfilled;
    const interval = missedInterval(gap, recovery!.transport.aheadMs ?? 0);
    let failure: unknown;
    try {
      await recover(recovery!, interval, (...tweets) => intake.take(...tweets), signal);
    } catch (error) {
      failure = error;
    }
    const found = intake.backfilled - before;
    this.#backfilled += found;
    if (failure === undefined) {
      this.#recoveries.delete(number);
      return this.#close(gap, "recovery", found);
    }
    journal.use((database) => noteSearches(database, number, { found, searches: [] }));
    if (!(failure instanceof XFailure)) throw failure;
    events.emit("gap_search_failed", { gap: number, reason: failure.message, waitMs: POLL_MS });
    if (tries < MOST_RECOVERIES && failure.mayHeal) throw failure;
    this.#recoveries.delete(number);
    journal.use((database) => chooseAnother(database, number, "search"));
  }

  #close({ number, reads }: Gap, way: Way, found: number): void {
    const { events, journal } = this.#options;
    journal.settle();
    journal.use((database) => endRepair(database, number, { state: "closed", outcome: way, found }));
    events.emit("gap_repaired", { gap: number, state: "closed", outcome: way, found, reads, usd: "" });
  }

  /** What the register says; undefined where it cannot be read or written now. */
  #tried<Result>(look: () => Result): Result | undefined {
    try {
      return look();
    } catch (error) {
      this.#told(error);
      return undefined;
    }
  }

  /** Failures that pass: of X, and of the disk. */
  #told(error: unknown): void {
    if (error instanceof XFailure) return; // told where it happened
    const reason = diskTrouble(error);
    if (reason === undefined) throw error;
    this.#options.events.emit("journal_failed", { reason });
  }
}

/** Tweets made shortly before a gap were still on their way to us. */
const SECONDS_AROUND_MS = 10_000;
