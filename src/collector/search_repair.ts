/**
 * Fetches what was missed in one gap by X's search: plans the searches, reads them page by page within the price that is
 * allowed, and takes in what they found.
 *
 * It promises that what was read is paid for in the register before anything else is done with it; that a repair which
 * is interrupted goes on where it ended, at most re-reading what had not been taken in; that what search cannot find is
 * named. A tweet that several searches find names the rules of all of them, unless more than `MOST_HELD`, or an
 * interruption, lie between.
 */

import type { Events } from "../base/events.ts";
import type { Random } from "../base/random.ts";
import { Backoff } from "../base/retry.ts";
import {
  beginRepair,
  endRepair,
  noteSearches,
  postpone,
  rulesNumbered,
  searchesFor,
  type SearchState,
  UNTIL_ASKED,
} from "../journal/gap_repairs.ts";
import type { Gap } from "../journal/gaps.ts";
import { FoundTagger } from "../match/found_tagger.ts";
import type { JsonObject } from "../model/json.ts";
import { dollars } from "../model/prices.ts";
import type { Translation } from "../model/query.ts";
import type { Rule } from "../model/rule.ts";
import { parseSlotName, slotName } from "../model/slot.ts";
import { readMessage, type TweetMessage } from "../model/stream_message.ts";
import { type WantedQueries, wantedQueries, type WantedQuery } from "../model/wire_rules.ts";
import { SEARCH_REACH_MS, type SearchApi, type SearchPage } from "../stream/search_api.ts";
import { isByKeyword, type PlannedSearch, planSearches, type SearchPlan } from "../stream/search_plan.ts";
import { backoffFor, XFailure } from "../stream/x_failure.ts";
import type { Intake } from "./intake.ts";
import { missedInterval } from "./missed_interval.ts";
import { Postponed, type PurseOptions, RepairPurse } from "./repair_purse.ts";

export interface SearchRepairOptions extends PurseOptions {
  readonly intake: Intake;
  readonly search: SearchApi;
  /** The rules that are collected now: they have all that people wrote of them. */
  readonly rulesNow: () => Iterable<Rule>;
  readonly translation: Translation;
  /** Characters that a query of search may have. */
  readonly searchLength: number;
  readonly random: Random;
  readonly events: Events;
}

/** How long a repair may take whose gap began farther back than X's search goes: what X forgets meanwhile is left out. */
const LONGEST_MS = 3_600_000;
/** How many found tweets are held until they are taken in. */
const MOST_HELD = 5_000;
/** How often a page is asked for before the gap is left for a while, and how long. */
const MOST_TRIES = 6;
const LEFT_MS = 15 * 60_000;

const encoder = new TextEncoder();

export class SearchRepair {
  readonly #options: SearchRepairOptions;
  readonly #gap: Gap;
  readonly #wanted: WantedQueries;
  readonly #tagger: FoundTagger;
  /** Tweets that are not taken in yet, with the queries of the searches that found them. */
  readonly #held = new Map<string, { readonly tweet: TweetMessage; readonly foundBy: Set<WantedQuery> }>();
  /** What is to be written once they are. */
  readonly #states = new Map<string, SearchState>();
  readonly #purse: RepairPurse;
  #found: number;
  /** Whether the gap began before what X's search reaches. */
  #isCut = false;

  constructor(gap: Gap, options: SearchRepairOptions) {
    this.#gap = gap;
    this.#options = options;
    this.#purse = new RepairPurse(gap, options);
    this.#found = gap.found;
    this.#wanted = wantedQueries(this.#rules(), () => {}, options.translation);
    this.#tagger = new FoundTagger(this.#wanted);
  }

  /**
   * Repairs the gap, or leaves it in the register as far as it is. Throws the signal's reason, and SqliteError or
   * DiskError where the register cannot be written.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, events, journal, search, searchLength } = this.#options;
    const { beganAt, endedAt = 0, number } = this.#gap;
    const { aheadMs = 0 } = search;
    const reach = clock.now() - SEARCH_REACH_MS;
    const plan = planSearches(this.#wanted.all, searchLength);
    if (plan.searches.length === 0) return this.#end(plan);
    if (endedAt <= reach + LONGEST_MS) {
      return this.#close("unrecoverable", "it is seven days ago, and X's search goes back no farther");
    }
    this.#isCut = beganAt < reach + LONGEST_MS;
    const { from, to } = missedInterval(this.#gap, aheadMs);
    const interval = { from: Math.max(from, reach + LONGEST_MS + aheadMs), to };
    try {
      this.#purse.checkEstimate();
      journal.use((database) => beginRepair(database, number, "search"));
      events.emit("gap_repairing", { gap: number, by: `search (${plan.searches.length})` });
      const before = new Map(journal.use((database) => searchesFor(database, number)).map((row) => [row.query, row]));
      for (const planned of plan.searches) await this.#searchFor(planned, before, interval, signal);
      await this.#takeIn();
      this.#end(plan);
    } catch (error) {
      await this.#takeIn();
      if (!(error instanceof Postponed)) throw error;
      this.#postpone(error);
    }
  }

  /** The rules that were collected, as they are now, or as the journal knows them. */
  #rules(): Rule[] {
    const { journal, rulesNow } = this.#options;
    const keyOf = (slot: string, ruleId: string, value: string) => JSON.stringify([slot, ruleId, value]);
    const now = new Map(
      [...rulesNow()].map((rule) => [keyOf(slotName(rule.slot), rule.ruleId, rule.value), rule]),
    );
    if (this.#gap.rules.length === 0) return [...now.values()];
    return journal.use((database) => rulesNumbered(database, this.#gap.rules)).flatMap(
      ({ ruleId, slot, tag, value }) => {
        const address = parseSlotName(slot);
        const stored = address && { ruleId, slot: address, value, tag, extra: {} };
        return now.get(keyOf(slot, ruleId, value)) ?? stored ?? [];
      },
    );
  }

  /** One search to its end. Of one that X refuses as a whole, each query is searched by itself. */
  async #searchFor(
    planned: PlannedSearch,
    before: ReadonlyMap<string, SearchState>,
    interval: { readonly from: number; readonly to: number },
    signal: AbortSignal,
  ): Promise<void> {
    const known = before.get(planned.query);
    if (known?.state === "done" || known?.state === "impossible") return;
    let page: string | undefined;
    do {
      const size = this.#purse.pageSize();
      const request = { query: planned.query, ...interval, untilId: known?.untilId, page, size };
      let found: SearchPage;
      try {
        found = await this.#read(request, signal);
      } catch (error) {
        if (!(error instanceof XFailure) || error.kind !== "invalid") throw error;
        return await this.#searchApart(planned, error.message, before, interval, signal);
      }
      this.#purse.book(found.tweets.length, found.price);
      const last = this.#hold(found.tweets, planned.queries) ?? known?.untilId;
      page = found.next;
      const { query } = planned;
      this.#states.set(query, { query, state: page === undefined ? "done" : "begun", untilId: last, reason: "" });
      if (this.#held.size >= MOST_HELD) await this.#takeIn();
      if (found.waitMs > 0) await this.#options.clock.sleep(found.waitMs, signal);
    } while (page !== undefined);
  }

  async #searchApart(
    { queries, query }: PlannedSearch,
    reason: string,
    before: ReadonlyMap<string, SearchState>,
    interval: { readonly from: number; readonly to: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { events, searchLength } = this.#options;
    if (queries.length > 1) {
      const apart = queries.flatMap((one) => planSearches([one], searchLength).searches);
      for (const planned of apart) await this.#searchFor(planned, before, interval, signal);
      return;
    }
    events.emit("gap_unsearchable", { gap: this.#gap.number, query, reason });
    this.#states.set(query, { query, state: "impossible", untilId: undefined, reason });
  }

  /** One page; what may heal is tried again. Throws XFailure where X will not have the query, and Postponed. */
  async #read(request: Parameters<SearchApi["search"]>[0], signal: AbortSignal): Promise<SearchPage> {
    const { clock, events, random, search } = this.#options;
    let failing: { kind: string; backoff: Backoff } | undefined;
    for (let tries = 1;; tries++) {
      try {
        return await search.search(request, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof XFailure) || error.kind === "invalid") throw error;
        const { kind, message: reason } = error;
        const again = `\`traptor gaps repair ${this.#gap.number}\` tries again`;
        if (kind === "forbidden") throw new Postponed(UNTIL_ASKED, reason, again);
        if (!error.mayHeal || kind === "depleted" || tries >= MOST_TRIES) {
          throw new Postponed(clock.now() + LEFT_MS, reason, "It is tried again in 15 minutes");
        }
        if (failing?.kind !== kind) failing = { kind, backoff: new Backoff(backoffFor(kind), random) };
        const waitMs = failing.backoff.next(error.retryAfterMs);
        events.emit("gap_search_failed", { gap: this.#gap.number, reason, waitMs });
        await clock.sleep(waitMs, signal);
      }
    }
  }

  /** Keeps what a page holds until it is taken in; answers the id of the oldest of its tweets. */
  #hold(tweets: readonly JsonObject[], queries: readonly WantedQuery[]): string | undefined {
    let last: string | undefined;
    for (const message of tweets) {
      const tweet = readMessage(encoder.encode(JSON.stringify(message)));
      if (tweet.kind !== "tweet") continue;
      last = tweet.id;
      const held = this.#held.get(tweet.id) ?? { tweet, foundBy: new Set() };
      for (const query of queries) held.foundBy.add(query);
      this.#held.set(tweet.id, held);
    }
    return last;
  }

  /** Takes in what is held, and writes how far the searches are when it is on disk. */
  async #takeIn(): Promise<void> {
    const { intake, journal } = this.#options;
    const tagged = [...this.#held.values()].map(({ foundBy, tweet }) => ({
      tweet,
      tagged: this.#tagger.tag(tweet.message, foundBy),
    }));
    this.#held.clear();
    const found = await intake.takeFound(tagged);
    this.#found += found;
    journal.settle();
    journal.use((database) => noteSearches(database, this.#gap.number, { found, searches: this.#states.values() }));
    this.#states.clear();
  }

  #postpone({ hint, message: reason, until }: Postponed): void {
    const { events, journal } = this.#options;
    journal.use((database) => postpone(database, this.#gap, until, reason));
    events.emit("gap_repair_waits", { gap: this.#gap.number, reason, hint });
  }

  /** Closes the gap, and says what search could not find. */
  #end(plan: SearchPlan): void {
    const { events, journal } = this.#options;
    const { number } = this.#gap;
    const impossible = plan.unsearchable.map(({ query, reason }): SearchState => ({
      query,
      state: "impossible",
      untilId: undefined,
      reason,
    }));
    for (const { query, reason } of impossible) events.emit("gap_unsearchable", { gap: number, query, reason });
    const rows = journal.use((database) => {
      noteSearches(database, number, { found: 0, searches: impossible });
      return searchesFor(database, number);
    });
    const lacking = rows.filter((row) => row.state === "impossible").length;
    if (lacking === rows.length) return this.#close("unrecoverable", "search: none of its queries can be searched");
    const lacks = [
      ...(this.#isCut ? ["nothing that is older than seven days"] : []),
      ...(rows.some((row) => row.state === "done" && isByKeyword(row.query)) ? ["no retweets"] : []),
      ...(lacking > 0 ? [`${lacking} of ${this.#wanted.all.length} queries cannot be searched`] : []),
    ];
    this.#close("closed", lacks.length === 0 ? "search" : `search: ${lacks.join(", ")}`);
  }

  #close(state: "closed" | "unrecoverable", outcome: string): void {
    const { events, journal } = this.#options;
    const { number } = this.#gap;
    journal.use((database) => endRepair(database, number, { state, outcome }));
    const { cost, reads } = this.#purse;
    events.emit("gap_repaired", { gap: number, state, outcome, found: this.#found, reads, usd: dollars(cost) });
  }
}
