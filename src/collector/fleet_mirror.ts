/**
 * Keeps the fleet told of this instance's journal, and the journal of what the fleet does: every few seconds what has
 * changed of its gaps and totals goes to Redis; gaps that others have taken over are closed here; whoever has the app's
 * connection takes over what others missed.
 *
 * It promises that a gap is repaired by one instance at a time, whatever crashes between its steps, as long as whoever gets
 * the connection waits for `mayRepair` first; and that a Redis that is away is tried again later, and stops no collecting.
 */

import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import { Flag } from "../base/flag.ts";
import type { Random } from "../base/random.ts";
import { isRedisFailure } from "../base/redis_failure.ts";
import { BACKOFF, Backoff } from "../base/retry.ts";
import { untilAborted } from "../base/signals.ts";
import { diskTrouble } from "../base/sqlite.ts";
import type { GapMirror } from "../fleet/gap_mirror.ts";
import { gapsToTake } from "../fleet/gaps_to_take.ts";
import type { GapCause } from "../journal/gaps.ts";
import type { Journal } from "../journal/journal.ts";
import { countsOfTweets, waitingRecords } from "../journal/mirror_rows.ts";
import { DAY_MS } from "../journal/tally.ts";
import type { Companion } from "./collector.ts";
import { GapTaking } from "./gap_taking.ts";
import { ToldGaps } from "./told_gaps.ts";
import { toldHours, toldJournal } from "./told_journal.ts";

export interface FleetMirrorOptions {
  readonly mirror: GapMirror;
  /** Called when `run` ends: nothing is asked of Redis any more. */
  readonly onEnd: () => void;
  readonly journal: Journal;
  readonly instance: string;
  readonly host: string;
  /** Whether this instance has the app's connection to X now. */
  readonly isHolder: () => boolean;
  /** How far our clock is ahead of Redis's, in milliseconds. */
  readonly clockAhead: () => number;
  /** `auto`: what needs no asking is taken; `ask`: only what a person has asked for; `off`: nothing. */
  readonly mode: "auto" | "ask" | "off";
  /** Causes that a person has: what was missed then is taken only when a person has asked for it. */
  readonly askedFor: readonly GapCause[];
  readonly clock: Clock;
  readonly random: Random;
  readonly events: Events;
}

const EVERY_MS = 5_000;
/** How often totals are told, and others' gaps are looked for. */
const TOTALS_MS = 15_000;
const TAKE_MS = 30_000;
/** How many gaps are taken over in one look: the next one goes on. */
const MOST_AT_ONCE = 50;
/** How long gaps and hours are there for others. */
const TOLD_MS = 8 * DAY_MS;
/** Our clock drifts, and so does what is known of it: what was told is told again only where it matters. */
const SAME_CLOCK_MS = 500;

export class FleetMirror implements Companion {
  readonly #options: FleetMirrorOptions;
  readonly #told: ToldGaps;
  readonly #taking: GapTaking;
  #aheadMs = 0;
  #totalsAt = -Infinity;
  #takenAt = -Infinity;
  readonly #wanted = new Flag();
  /** Looks that have begun, and who waits for one that begins later. */
  #looks = 0;
  #waiting: { readonly after: number; readonly go: () => void }[] = [];
  /** Redis does not answer, and that was told. */
  #isUntold = false;

  constructor(options: FleetMirrorOptions) {
    this.#options = options;
    this.#told = new ToldGaps(options);
    this.#taking = new GapTaking({
      ...options,
      told: async (number) => (await this.#toldGaps()).get(String(number)) ?? "",
      here: (at) => Math.round(at + this.#aheadMs),
    });
  }

  /**
   * Waits, once this instance has got the connection, until it is known what others have taken of its gaps before, and
   * nobody is about to take one: until then none is repaired. Rejects with the signal's reason.
   */
  mayRepair(signal: AbortSignal): Promise<void> {
    const { promise, resolve: go } = Promise.withResolvers<void>();
    this.#waiting.push({ after: this.#looks, go });
    this.#wanted.raise();
    return untilAborted(promise, signal);
  }

  /** Tells until the signal is aborted, then once more, and rejects with the signal's reason. */
  async run(signal: AbortSignal): Promise<void> {
    const { random } = this.#options;
    const backoff = new Backoff(BACKOFF.redis, random);
    try {
      while (true) {
        signal.throwIfAborted();
        const isDone = await this.#tried(() => this.look(signal));
        if (isDone) backoff.reset();
        await this.#pause(isDone ? EVERY_MS : backoff.next(), signal);
      }
    } finally {
      this.#totalsAt = -Infinity;
      await this.#tried(() => this.#tell());
      this.#options.onEnd();
    }
  }

  /** One look: what others have taken, what is to be told, what is to be taken. Throws what Redis and the disk say. */
  async look(signal: AbortSignal): Promise<void> {
    const { isHolder, mirror } = this.#options;
    const look = ++this.#looks;
    const asHolder = isHolder();
    if (!asHolder) this.#takenAt = -Infinity;
    this.#noteClock();
    const marks = await mirror.marks();
    const instances = await mirror.instances();
    const fleet = { marks, instances, now: this.#inRedis(this.#options.clock.now()) };
    const isSettled = await this.#taking.settle(fleet, asHolder);
    await this.#tell();
    if (!asHolder || !isHolder()) return;
    if (isSettled) {
      for (const { after, go } of this.#waiting) if (after < look) go();
      this.#waiting = this.#waiting.filter(({ after }) => after >= look);
    }
    await this.#take(fleet, signal);
  }

  /** Until it is time for another look, or one is wanted at once. */
  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    const cancel = this.#options.clock.after(ms, () => this.#wanted.raise());
    try {
      await this.#wanted.lowered(signal);
    } finally {
      cancel();
    }
  }

  async #tell(): Promise<void> {
    const { clock, host, journal, mirror } = this.#options;
    await mirror.writeGaps(await this.#toldGaps());
    const now = clock.monotonic();
    if (now - this.#totalsAt < TOTALS_MS) return;
    const [counts, waiting] = journal.use((database) => [countsOfTweets(database), waitingRecords(database)] as const);
    const hours = toldHours(counts, clock.now() - TOLD_MS);
    const total = toldJournal(counts, { at: this.#inRedis(clock.now()), host, waiting });
    const told = [...hours, ["total", total] as const];
    await mirror.writeHours(new Map(told.map(([name, totals]) => [name, JSON.stringify(totals)])));
    this.#totalsAt = now;
  }

  async #take(fleet: Parameters<GapTaking["settle"]>[0], signal: AbortSignal): Promise<void> {
    const { askedFor, clock, instance, isHolder, mirror, mode } = this.#options;
    const now = clock.monotonic();
    if (mode === "off" || now - this.#takenAt < TAKE_MS) return;
    const gaps = gapsToTake({
      ...fleet,
      gaps: await mirror.othersGaps(),
      instance,
      askedFor: mode === "auto" ? askedFor : undefined,
    });
    for (const gap of gaps.slice(0, MOST_AT_ONCE)) {
      signal.throwIfAborted();
      if (!isHolder()) return;
      await this.#taking.take(gap, fleet.marks.get(gap.field));
    }
    if (gaps.length <= MOST_AT_ONCE) this.#takenAt = now;
  }

  #toldGaps(): Promise<Map<string, string>> {
    return this.#told.since(this.#options.clock.now() - TOLD_MS, (at) => this.#inRedis(at));
  }

  #noteClock(): void {
    const ahead = this.#options.clockAhead();
    if (Math.abs(ahead - this.#aheadMs) > SAME_CLOCK_MS) this.#aheadMs = ahead;
  }

  #inRedis(at: number): number {
    return Math.round(at - this.#aheadMs);
  }

  /** Answers whether it could be done. What Redis and the disk refuse is told, once until they do it again. */
  async #tried(work: () => Promise<void>): Promise<boolean> {
    const { events } = this.#options;
    try {
      await work();
      this.#isUntold = false;
      return true;
    } catch (error) {
      const isRedis = isRedisFailure(error);
      const reason = diskTrouble(error) ?? (isRedis ? error.message : undefined);
      if (reason === undefined) throw error;
      if (!this.#isUntold) events.emit("fleet_untold", { reason });
      this.#isUntold = true;
      return false;
    }
  }
}
