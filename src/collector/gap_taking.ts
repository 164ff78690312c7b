/**
 * The steps by which a gap goes from one journal into another (`fleet/gap_mirror.ts` has the whole): marked by the taker,
 * written into its journal, confirmed, closed in the owner's. Each step may be the last one of a process, and the next
 * look goes on from there.
 */

import type { Events } from "../base/events.ts";
import type { FleetGap, GapMirror } from "../fleet/gap_mirror.ts";
import { isGone, isLiveHolder } from "../fleet/gaps_to_take.ts";
import { GAP_CAUSES, type GapCause } from "../journal/gaps.ts";
import type { Journal } from "../journal/journal.ts";
import { type ForeignGap, gapFrom, gapsToSettle, giveGap, takenGaps } from "../journal/taken_gaps.ts";
import type { InstanceReport } from "../model/instance.ts";
import { fieldParts, type MirroredGap, type MirroredRule, type TakenMark } from "../model/mirrored.ts";
import type { Rule } from "../model/rule.ts";
import { parseSlotName } from "../model/slot.ts";

export interface GapTakingOptions {
  readonly mirror: GapMirror;
  readonly journal: Journal;
  readonly instance: string;
  readonly host: string;
  /** What the fleet is told of a gap of ours. */
  readonly told: (number: number) => Promise<string>;
  /** A moment of Redis's clock on ours. */
  readonly here: (at: number) => number;
  readonly events: Events;
}

/** What is known of the others; `now` is on Redis's clock. */
export interface Fleet {
  readonly marks: ReadonlyMap<string, TakenMark>;
  readonly instances: ReadonlyMap<string, InstanceReport>;
  readonly now: number;
}

export class GapTaking {
  readonly #options: GapTakingOptions;

  constructor(options: GapTakingOptions) {
    this.#options = options;
  }

  /**
   * Sees to what was begun: closes gaps of ours that others have, confirms what is in our journal, gives back what is not.
   * Answers whether nobody is about to take a gap of ours.
   */
  async settle(fleet: Fleet, isHolder: boolean): Promise<boolean> {
    await this.#settleTaken(fleet, isHolder);
    return await this.#settleOwn(fleet, isHolder);
  }

  /** Takes a gap over. Answers its number in our journal; undefined where another was first, or its rules are not there. */
  async take({ field, gap }: FleetGap, known: TakenMark | undefined): Promise<number | undefined> {
    const { host, instance, journal, mirror } = this.#options;
    const foreign = this.#foreign(field, gap);
    const rules = foreign && await mirror.rules(gap.rules);
    if (!foreign || !rules) return undefined;
    const mark = { by: instance, host, number: 0 };
    if (!await mirror.mark(field, known, mark)) return undefined;
    const number = journal.takeGap(foreign, rules.flatMap(ruleOf));
    return await this.#confirm(field, mark, number) ? number : undefined;
  }

  /** What we have taken, or were about to. */
  async #settleTaken({ instances, marks, now }: Fleet, isHolder: boolean): Promise<void> {
    const { instance, journal, mirror } = this.#options;
    const open = journal.use(takenGaps);
    for (const { number, origin } of open) {
      const mark = marks.get(origin);
      if (mark && mark.by !== instance && mark.number !== 0) this.#give(number, mark);
      else if (mark?.by === instance && mark.number === number) continue;
      // Redis has lost the mark: where the owner has the connection by now it may be at work on the gap.
      else if (!isLiveHolder(fieldParts(origin)?.instance ?? "", instances, now)) {
        await this.#confirm(origin, mark, number);
      }
    }
    for (const [field, mark] of marks) {
      if (mark.by !== instance || mark.number !== 0) continue;
      if (open.some(({ origin }) => origin === field)) continue;
      const number = journal.use((database) => gapFrom(database, field));
      // It was repaired before it could be confirmed.
      if (number !== undefined) await this.#confirm(field, mark, number);
      else if (!isHolder) await mirror.mark(field, mark, undefined);
    }
  }

  /** What others have taken of ours, or are about to; where they are gone it is ours again. */
  async #settleOwn({ instances, marks, now }: Fleet, isHolder: boolean): Promise<boolean> {
    const { host, instance, journal, mirror } = this.#options;
    let isSettled = true;
    for (const number of journal.use(gapsToSettle)) {
      const field = `${instance}:${number}`;
      const mark = marks.get(field);
      if (!mark || mark.by === instance) continue;
      if (mark.number !== 0) this.#give(number, mark);
      else if (!isHolder || !isGone(mark.by, instances, now)) isSettled = false;
      else if (!await mirror.mark(field, mark, { by: instance, host, number })) isSettled = false;
    }
    return isSettled;
  }

  async #confirm(field: string, known: TakenMark | undefined, number: number): Promise<boolean> {
    const { events, host, instance, mirror, told } = this.#options;
    const isOurs = await mirror.confirm(field, known, { by: instance, host, number }, await told(number));
    const owner = fieldParts(field);
    if (isOurs && owner) {
      events.emit("gap_taken_over", { gap: number, instance: owner.instance, number: Number(owner.rest) });
    }
    return isOurs;
  }

  #give(number: number, { by, host }: TakenMark): void {
    const { events, journal } = this.#options;
    const outcome = `taken over by ${host} (${by})`;
    if (journal.use((database) => giveGap(database, number, outcome))) {
      events.emit("gap_given", { gap: number, host, instance: by });
    }
  }

  /** Undefined for a gap that this program knows nothing of. */
  #foreign(field: string, gap: MirroredGap): ForeignGap | undefined {
    const { here } = this.#options;
    const { allowed, cause, ended_at, last_id, missed } = gap;
    const number = fieldParts(field)?.rest;
    if (!isCause(cause) || ended_at === null || number === undefined) return undefined;
    const taken = `taken over from ${gap.host}'s journal, gap ${number}`;
    return {
      origin: field,
      beganAt: here(gap.began_at),
      endedAt: here(ended_at),
      cause,
      detail: gap.detail === "" ? taken : `${gap.detail}; ${taken}`,
      missed: missed ?? undefined,
      lastId: last_id ?? undefined,
      // What X was asked for with a connect of another instance never comes here.
      repair: gap.repair === "search" ? "search" : "",
      allowed: allowed ?? undefined,
      searches: gap.searches.map(({ until_id, ...search }) => ({ ...search, untilId: until_id ?? undefined })),
    };
  }
}

function isCause(cause: string): cause is GapCause {
  return Object.hasOwn(GAP_CAUSES, cause);
}

function ruleOf({ rule_id: ruleId, slot, tag, value }: MirroredRule): Rule[] {
  const address = parseSlotName(slot);
  return address ? [{ ruleId, slot: address, value, tag, extra: {} }] : [];
}
