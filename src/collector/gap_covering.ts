/**
 * Closes gaps of ours that the app's other connection has filled: whoever held that one listened all the time. That costs
 * nothing, and comes before any repair.
 *
 * It promises to close none of which that cannot be proven: the other holder's account goes from before the gap to after
 * it, without an end in between; and its own gaps, told in Redis after that was seen, do not meet ours.
 */

import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import { isRedisFailure } from "../base/redis_failure.ts";
import { diskTrouble } from "../base/sqlite.ts";
import type { AliveRecord } from "../fleet/alive_record.ts";
import type { GapMirror } from "../fleet/gap_mirror.ts";
import { endRepair, repairableGaps } from "../journal/gap_repairs.ts";
import type { Gap } from "../journal/gaps.ts";
import type { Journal } from "../journal/journal.ts";
import { fieldParts } from "../model/mirrored.ts";
import type { Companion } from "./collector.ts";

export interface GapCoveringOptions {
  readonly journal: Journal;
  readonly mirror: Pick<GapMirror, "othersGaps" | "toldAt">;
  /** The holders of the app's other connections, as they told last; undefined where Redis does not answer. */
  readonly besides: () => Promise<readonly AliveRecord[] | undefined>;
  readonly clockAhead: () => number;
  readonly onEnd: () => void;
  readonly clock: Clock;
  readonly events: Events;
}

const EVERY_MS = 5_000;
/** By how much clocks may differ, and how much longer the other one has to have listened. */
const MARGIN_MS = 2_000;

/** When it was first seen that an account goes beyond a gap, on Redis's clock. */
interface Sight {
  readonly instance: string;
  readonly process: string;
  readonly from: number;
  readonly at: number;
}

export class GapCovering implements Companion {
  readonly #options: GapCoveringOptions;
  readonly #sights = new Map<number, Sight>();

  constructor(options: GapCoveringOptions) {
    this.#options = options;
  }

  /** Looks now and then until the signal is aborted; rejects with its reason. What Redis and the disk refuse passes. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      while (true) {
        await this.#options.clock.sleep(EVERY_MS, signal);
        try {
          await this.look();
        } catch (error) {
          const isOfRedis = isRedisFailure(error);
          if (!isOfRedis && diskTrouble(error) === undefined) throw error;
        }
      }
    } finally {
      this.#options.onEnd();
    }
  }

  async look(): Promise<void> {
    const { besides, clock, clockAhead, journal } = this.#options;
    const gaps = journal.use(repairableGaps).filter(mayBeCovered);
    if (gaps.length === 0) return this.#sights.clear();
    const ahead = clockAhead();
    const others = await besides() ?? [];
    for (const gap of gaps) {
      const [from, to] = [gap.beganAt - ahead - MARGIN_MS, gap.endedAt! - ahead + MARGIN_MS];
      const other = others.find((one) => one.from !== undefined && one.from > 0 && one.from <= from && one.at >= to);
      if (!other) {
        this.#sights.delete(gap.number);
        continue;
      }
      const sight = this.#sights.get(gap.number);
      if (!sight || sight.process !== other.process || sight.from !== other.from) {
        const { instance, process } = other;
        this.#sights.set(gap.number, { instance, process, from: other.from!, at: clock.now() - ahead });
      } else if (await this.#isProven(sight, { from, to })) this.#close(gap, other);
    }
  }

  /** Whether all that the other one missed until it was seen is told, and none of it meets an interval. */
  async #isProven({ at, instance }: Sight, { from, to }: { from: number; to: number }): Promise<boolean> {
    const { mirror } = this.#options;
    const toldAt = await mirror.toldAt(instance);
    if (toldAt === undefined || toldAt < at + MARGIN_MS) return false;
    const gaps = await mirror.othersGaps();
    return !gaps.some(({ field, gap }) =>
      fieldParts(field)?.instance === instance && gap.cause !== "rules_uncovered" &&
      gap.began_at <= to && (gap.ended_at ?? Infinity) >= from
    );
  }

  #close({ number, reads }: Gap, { host, instance }: AliveRecord): void {
    const { events, journal } = this.#options;
    const outcome = `the other connection had it (${instance} on ${host})`;
    journal.use((database) => endRepair(database, number, { state: "closed", outcome }));
    this.#sights.delete(number);
    events.emit("gap_repaired", { gap: number, state: "closed", outcome, found: 0, reads, usd: "" });
  }
}

/** Nobody listened here, that is over, and nobody is at work on it. */
function mayBeCovered({ cause, endedAt, repair, state }: Gap): boolean {
  if (endedAt === undefined || cause === "journal_damaged" || cause === "rules_uncovered") return false;
  return state === "open" || repair === "backfill";
}
