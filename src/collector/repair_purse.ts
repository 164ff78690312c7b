/**
 * What the repair of one gap may still cost, by X's list of prices: within a limit for a gap and one for a UTC day, or
 * within what a person has allowed for it.
 *
 * It promises that what was read is in the register at once, and that no page is asked for that would exceed the limit
 * at one and a half times the price of the dearest page so far: what is included beside a tweet is not known before.
 */

import type { Clock } from "../base/clock.ts";
import type { Sqlite } from "../base/sqlite.ts";
import { averageCost, noteReads, spentOnDayOf, UNTIL_ASKED } from "../journal/gap_repairs.ts";
import type { Gap } from "../journal/gaps.ts";
import type { Journal } from "../journal/journal.ts";
import { DAY_MS } from "../journal/tally.ts";
import { DOLLAR, dollars, GUESSED_PRICE } from "../model/prices.ts";
import { LEAST_PAGE, MOST_PAGE } from "../stream/search_api.ts";
import { missedLength } from "./missed_interval.ts";
import { Postponed } from "./repair_waits.ts";

export interface PurseOptions {
  readonly journal: Journal;
  /** What the repair of one gap, and all of one UTC day, may cost without a person's word, in millionths of a dollar. */
  readonly mostPerGap: number;
  readonly mostPerDay: number;
  readonly clock: Clock;
}

/** What is kept ready for each tweet of a page before it is read, at least. */
const LEAST_RESERVE = 2 * GUESSED_PRICE;

/**
 * What the whole repair of a gap is likely to cost, in millionths of a dollar: all that came in so long an interval is
 * read, also what is there already. Undefined where nothing tells. The rate is that which was reckoned when the gap ended:
 * what has been counted since then is not of the time before it.
 */
export function likelyCost(database: Sqlite, gap: Gap): number | undefined {
  const { beganAt, endedAt = beganAt, missed } = gap;
  if (missed === undefined || endedAt <= beganAt) return undefined;
  const tweets = Math.round(missed * missedLength(gap) / (endedAt - beganAt));
  return tweets * (averageCost(database) ?? GUESSED_PRICE);
}

export class RepairPurse {
  readonly #gap: Gap;
  readonly #options: PurseOptions;
  /** What a tweet of the dearest page cost so far. */
  #dearest: number;
  /** Tweets that were read for the gap, and what they cost. */
  reads: number;
  cost: number;

  constructor(gap: Gap, options: PurseOptions) {
    this.#gap = gap;
    this.#options = options;
    this.cost = gap.cost;
    this.reads = gap.reads;
    this.#dearest = gap.reads > 0 ? gap.cost / gap.reads : 0;
  }

  /** Throws Postponed where the repair is likely to cost more than is allowed. */
  checkEstimate(): void {
    if (this.#gap.allowed !== undefined) return;
    const cost = this.#options.journal.use((database) => likelyCost(database, this.#gap));
    if (cost === undefined || cost - this.cost <= this.#allowance()) return;
    throw this.#tooDear(`it would cost about ${dollars(cost)}`, cost);
  }

  /** How many tweets the next page may have. Throws Postponed where the limit is reached. */
  pageSize(): number {
    const reserve = Math.max(LEAST_RESERVE, this.#dearest * 1.5);
    const size = Math.min(MOST_PAGE, Math.floor(this.#allowance() / reserve));
    if (size >= LEAST_PAGE) return size;
    const page = `a page of ${LEAST_PAGE} tweets may cost ${dollars(LEAST_PAGE * reserve)}`;
    const spent = this.cost === 0 ? page : `${dollars(this.cost)} is spent on it, and ${page}`;
    throw this.#tooDear(spent, this.cost + LEAST_PAGE * reserve);
  }

  /** Writes down what a page cost, in millionths of a dollar. */
  book(reads: number, cost: number): void {
    if (cost === 0) return;
    const { clock, journal } = this.#options;
    journal.use((database) => noteReads(database, this.#gap.number, { reads, cost, now: clock.now() }));
    this.cost += cost;
    this.reads += reads;
    this.#dearest = Math.max(this.#dearest, cost / Math.max(reads, 1));
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

  /** `cost`: what may be enough for the gap, in millionths of a dollar. */
  #tooDear(words: string, cost: number): Postponed {
    const { clock, mostPerDay, mostPerGap } = this.#options;
    const { allowed, number } = this.#gap;
    const price = Math.max(1, Math.ceil(cost * 1.5 / DOLLAR));
    const hint = `\`traptor gaps repair ${number} --max-usd ${price}\` goes on with it`;
    if (allowed !== undefined) {
      return new Postponed(UNTIL_ASKED, `${words}: more than the ${dollars(allowed)} that are allowed`, hint);
    }
    if (this.#leftOfGap() <= this.#leftOfDay()) {
      return new Postponed(UNTIL_ASKED, `${words}: GAP_REPAIR_MAX_USD allows ${dollars(mostPerGap)}`, hint);
    }
    const limit = `GAP_REPAIR_MAX_USD_A_DAY allows ${dollars(mostPerDay)} a day`;
    if (cost - this.cost > mostPerDay) return new Postponed(UNTIL_ASKED, `${words}: ${limit}`, hint);
    const tomorrow = (Math.floor(clock.now() / DAY_MS) + 1) * DAY_MS;
    return new Postponed(tomorrow, `${words}: ${limit}`, `It is done tomorrow (UTC); ${hint} now`);
  }
}
