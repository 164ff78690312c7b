/**
 * What the repair of one gap may still cost, by X's list of prices: within a limit for a gap and one for a UTC day, or
 * within what a person has allowed for it.
 *
 * It promises that what was read is in the register at once, and that no page is asked for that would exceed the limit
 * at one and a half times the price of the dearest page so far: what is included beside a tweet is not known before.
 */

import type { Clock } from "../base/clock.ts";
import { averageCost, noteReads, spentOnDayOf, UNTIL_ASKED } from "../journal/gap_repairs.ts";
import type { Gap } from "../journal/gaps.ts";
import type { Journal } from "../journal/journal.ts";
import { DOLLAR, dollars, GUESSED_PRICE } from "../model/prices.ts";
import { LEAST_PAGE, MOST_PAGE } from "../stream/search_api.ts";

export interface PurseOptions {
  readonly journal: Journal;
  /** What the repair of one gap, and all of one UTC day, may cost without a person's word, in millionths of a dollar. */
  readonly mostPerGap: number;
  readonly mostPerDay: number;
  readonly clock: Clock;
}

/** A repair has to wait: for a person, for another day, for X. */
export class Postponed extends Error {
  override readonly name = "Postponed";

  /** Until when, in milliseconds since 1970, why, and what goes on with it then, for people. */
  constructor(readonly until: number, reason: string, readonly hint: string) {
    super(reason);
  }
}

/** What is kept ready for each tweet of a page before it is read, at least. */
const LEAST_RESERVE = 2 * GUESSED_PRICE;
const DAY_MS = 24 * 3_600_000;

export class RepairPurse {
  readonly #gap: Gap;
  readonly #options: PurseOptions;
  /** What a tweet of the dearest page cost so far. */
  #dearest = 0;
  /** Tweets that were read for the gap, and what they cost. */
  reads: number;
  cost: number;

  constructor(gap: Gap, options: PurseOptions) {
    this.#gap = gap;
    this.#options = options;
    this.cost = gap.cost;
    this.reads = gap.reads;
  }

  /** Throws Postponed where the repair will cost more than is allowed, by the tweets that are likely to be missed. */
  checkEstimate(): void {
    const { allowed, missed } = this.#gap;
    if (missed === undefined || allowed !== undefined) return;
    const cost = missed * (this.#options.journal.use(averageCost) ?? GUESSED_PRICE) - this.cost;
    if (cost > this.#allowance()) throw this.#tooDear(`it would cost about ${dollars(cost)}`, cost);
  }

  /** How many tweets the next page may have. Throws Postponed where the limit is reached. */
  pageSize(): number {
    const reserve = Math.max(LEAST_RESERVE, this.#dearest * 1.5);
    const size = Math.min(MOST_PAGE, Math.floor(this.#allowance() / reserve));
    if (size >= LEAST_PAGE) return size;
    throw this.#tooDear(`${dollars(this.cost)} is spent on it, and there may be more`, this.cost);
  }

  /** Writes down what a page cost, in millionths of a dollar. */
  book(reads: number, cost: number): void {
    if (reads === 0) return;
    const { clock, journal } = this.#options;
    journal.use((database) => noteReads(database, this.#gap.number, { reads, cost, now: clock.now() }));
    this.cost += cost;
    this.reads += reads;
    this.#dearest = Math.max(this.#dearest, cost / reads);
  }

  /** What may still be spent now. */
  #allowance(): number {
    const { allowed } = this.#gap;
    return allowed !== undefined ? allowed - this.cost : Math.min(this.#leftOfGap(), this.#leftOfDay());
  }

  #leftOfGap(): number {
    return this.#options.mostPerGap - this.cost;
  }

  #leftOfDay(): number {
    const { clock, journal, mostPerDay } = this.#options;
    return mostPerDay - journal.use((database) => spentOnDayOf(database, clock.now()));
  }

  /** `cost`: what may be enough, in millionths of a dollar. */
  #tooDear(words: string, cost: number): Postponed {
    const { clock, mostPerDay, mostPerGap } = this.#options;
    const { allowed, number } = this.#gap;
    const hint = `\`traptor gaps repair ${number} --max-usd ${Math.ceil(cost * 1.5 / DOLLAR)}\` goes on with it`;
    if (allowed !== undefined) {
      return new Postponed(UNTIL_ASKED, `${words}: more than the ${dollars(allowed)} that are allowed`, hint);
    }
    if (this.#leftOfGap() <= this.#leftOfDay()) {
      return new Postponed(UNTIL_ASKED, `${words}: GAP_REPAIR_MAX_USD allows ${dollars(mostPerGap)}`, hint);
    }
    const tomorrow = (Math.floor(clock.now() / DAY_MS) + 1) * DAY_MS;
    const limit = `GAP_REPAIR_MAX_USD_A_DAY allows ${dollars(mostPerDay)} a day`;
    return new Postponed(tomorrow, `${words}: ${limit}`, `It is done tomorrow (UTC); ${hint} now`);
  }
}
