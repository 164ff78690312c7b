/**
 * Sees to gaps once they are over: where the app may ask X to send again what was missed it does so, for everyone else it
 * is searched for. One gap at a time, the longest first, a while after it has ended, for X's index lags behind.
 *
 * It promises that no gap is repaired that a person has to decide about, and that whatever is in the way (X, the disk)
 * leaves the gap in the register, to be tried again. It never stops collecting.
 */

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
  postpone,
} from "../journal/gap_repairs.ts";
import type { Gap, GapCause, GapRepair as Way } from "../journal/gaps.ts";
import { recover, RECOVERY_REACH_MS, type RecoveryOptions } from "../stream/recovery.ts";
import { XBackoff } from "../stream/x_backoff.ts";
import { XFailure } from "../stream/x_failure.ts";
import type { Companion } from "./collector.ts";
import { missedInterval } from "./missed_interval.ts";
import { AllPostponed, LEFT_HINT, LEFT_MS, Postponed } from "./repair_waits.ts";
import { SearchRepair, type SearchRepairOptions } from "./search_repair.ts";

export interface GapRepairOptions extends SearchRepairOptions {
  /** `auto`: within the price; `ask`: only what a person asks for. */
  readonly mode: "auto" | "ask";
  /** Causes that a person has: what was missed then is fetched only when a person asks for it. */
  readonly askedFor: readonly GapCause[];
  /** Where the app may ask X to send again what was missed: how the stream is asked for. */
  readonly recovery: RecoveryOptions | undefined;
}

/** How long after its end a gap is repaired: the index of X's search lags behind (no figure is published). */
const SETTLED_MS = 60_000;
const POLL_MS = 5_000;
/** The most that X sends again with a connect. Source: docs.x.com, Recovery and redundancy. */
const MOST_BACKFILL_MS = 5 * 60_000;
/** Tweets made shortly before a gap were still on their way to us. */
const ON_THE_WAY_MS = 10_000;
/** How often a recovery that breaks off is tried before the gap is left for a while. */
const MOST_RECOVERIES = 4;

export class GapRepair implements Companion {
  readonly #options: GapRepairOptions;
  readonly #asked = new Flag();
  /** X refuses whoever asks: nothing is tried until then. */
  #restsUntil = -Infinity;
  /** How many tweets had come by backfill when it was last looked. */
  #backfilled = 0;

  constructor(options: GapRepairOptions) {
    this.#options = options;
  }

  /** A person has asked for a repair: there is no need to wait for the next look. */
  hurry(): void {
    this.#restsUntil = -Infinity;
    this.#asked.raise();
  }

  /** Whether X itself sends again what was missed, for no price. */
  isFree({ beganAt, repair }: Gap): boolean {
    const { clock, recovery } = this.#options;
    return recovery !== undefined && repair !== "search" && beganAt > clock.now() - RECOVERY_REACH_MS;
  }

  /** For how many minutes X is to send again what was missed, on a connect that begins now; noted in the register. */
  readonly backfillMinutes = (): number => {
    const { clock, journal, mode, recovery } = this.#options;
    if (!recovery || mode !== "auto") return 0;
    const request = { mostMs: MOST_BACKFILL_MS, now: clock.now() + ON_THE_WAY_MS };
    return this.#tried(() => journal.use((database) => beginBackfill(database, request))) ?? 0;
  };

  /** Repairs gaps until the signal is aborted; rejects with its reason then. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (true) {
      signal.throwIfAborted();
      const gap = this.#next();
      if (gap && await this.#repair(gap, signal)) {
        await clock.sleep(0, signal);
        continue;
      }
      const cancel = clock.after(POLL_MS, () => this.#asked.raise());
      try {
        await this.#asked.lowered(signal);
      } finally {
        cancel();
      }
    }
  }

  #next(): Gap | undefined {
    const { askedFor, clock, journal, mode, search } = this.#options;
    const now = clock.now();
    // What X is asked for is told by its clock, which its first answer tells.
    if (search.aheadMs === undefined || now < this.#restsUntil) return undefined;
    const choice = { endedBefore: now - SETTLED_MS, askedFor: mode === "auto" ? askedFor : undefined, now };
    return this.#tried(() => journal.use((database) => nextToRepair(database, choice)));
  }

  /** Answers whether to go on with the next one at once. */
  async #repair(gap: Gap, signal: AbortSignal): Promise<boolean> {
    try {
      if (gap.repair === "backfill") this.#settleBackfill(gap);
      else if (this.isFree(gap)) await this.#recover(gap, signal);
      else await new SearchRepair(gap, this.#options).run(signal);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Postponed) return this.#tried(() => this.#postpone(gap, error)) ?? false;
      this.#told(error);
      return false;
    }
  }

  /** Answers whether others may go on. */
  #postpone(gap: Gap, error: Postponed): boolean {
    const { clock, events, journal } = this.#options;
    const { hint, message: reason, until } = error;
    if (!journal.use((database) => postpone(database, gap, until, reason))) return true;
    if (!(error instanceof AllPostponed)) {
      events.emit("gap_repair_waits", { gap: gap.number, reason, hint });
      return true;
    }
    this.#restsUntil = clock.now() + LEFT_MS;
    events.emit("gap_repairs_wait", { reason, waitMs: LEFT_MS });
    return false;
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

  async #recover(gap: Gap, signal: AbortSignal): Promise<void> {
    const { events, intake, journal, recovery } = this.#options;
    journal.use((database) => beginRepair(database, gap.number, "recovery"));
    events.emit("gap_repairing", { gap: gap.number, by: "recovery" });
    const interval = missedInterval(gap, recovery!.transport.aheadMs ?? 0);
    const before = intake.backfilled;
    let found = 0;
    try {
      await this.#readAgain(gap, interval, signal).finally(() => found = intake.backfilled - before);
    } catch (error) {
      journal.use((database) => noteSearches(database, gap.number, { found, searches: [] }));
      if (!(error instanceof XFailure)) throw error;
      events.emit("gap_search_failed", { gap: gap.number, reason: error.message, waitMs: 0 });
      return journal.use((database) => chooseAnother(database, gap.number, "search"));
    } finally {
      this.#backfilled += found;
    }
    this.#close(gap, "recovery", found);
  }

  /** Has X send an interval again. Throws XFailure where it will not, and Postponed. */
  async #readAgain(gap: Gap, interval: { from: number; to: number }, signal: AbortSignal): Promise<void> {
    const { clock, events, intake, random, recovery } = this.#options;
    const backoff = new XBackoff(random);
    for (let tries = 1;; tries++) {
      try {
        return await recover(recovery!, interval, (...tweets) => intake.take(...tweets), signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof XFailure)) throw error;
        const { kind, message: reason } = error;
        const until = clock.now() + LEFT_MS;
        if (kind === "unauthorized" || kind === "depleted") throw new AllPostponed(until, reason, LEFT_HINT);
        if (!error.mayHeal) throw error;
        if (tries === MOST_RECOVERIES) throw new Postponed(until, reason, LEFT_HINT);
        const waitMs = backoff.next(error);
        events.emit("gap_search_failed", { gap: gap.number, reason, waitMs });
        await clock.sleep(waitMs, signal);
      }
    }
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

  /** The disk's failures pass. */
  #told(error: unknown): void {
    const reason = diskTrouble(error);
    if (reason === undefined) throw error;
    this.#options.events.emit("journal_failed", { reason });
  }
}
