/**
 * Fetches what was missed in one gap by X's search: plans the searches, reads them page by page within the price that is
 * allowed, and takes in what they found.
 *
 * It promises that what was read is paid for in the register before anything else is done with it; that a repair which
 * is interrupted goes on where it ended, at most re-reading what had not been taken in, which is never more than for a
 * dollar; that what search cannot find is named. A tweet that several searches find names the rules of all of them,
 * unless it was taken in between.
 */

import { untilAborted } from "../base/signals.ts";
import { beginRepair, endRepair, noteSearches, searchesFor, type SearchState } from "../journal/gap_repairs.ts";
import type { Gap } from "../journal/gaps.ts";
import { WINDOW_MS } from "../journal/housekeeping.ts";
import { rulesNumbered } from "../journal/rule_numbers.ts";
import { FoundTagger } from "../match/found_tagger.ts";
import type { Tagged } from "../match/tagger.ts";
import type { JsonObject } from "../model/json.ts";
import { DOLLAR, dollars } from "../model/prices.ts";
import type { Translation } from "../model/query.ts";
import type { Rule } from "../model/rule.ts";
import { parseSlotName, slotName } from "../model/slot.ts";
import { readMessage, type TweetMessage } from "../model/stream_message.ts";
import { type WantedQueries, wantedQueries, type WantedQuery } from "../model/wire_rules.ts";
import { SEARCH_REACH_MS, type SearchPage } from "../stream/search_api.ts";
import { isByKeyword, type PlannedSearch, planSearches, type SearchPlan } from "../stream/search_plan.ts";
import { XFailure } from "../stream/x_failure.ts";
import type { Intake } from "./intake.ts";
import { missedInterval } from "./missed_interval.ts";
import { type PurseOptions, RepairPurse } from "./repair_purse.ts";
import { LEFT_HINT, LEFT_MS, Postponed } from "./repair_waits.ts";
import { SearchReader, type SearchReaderOptions } from "./search_reader.ts";

export interface SearchRepairOptions extends PurseOptions, SearchReaderOptions {
  readonly intake: Intake;
  /** The rules that are collected now: they have all that people wrote of them. */
  readonly rulesNow: () => Iterable<Rule>;
  readonly translation: Translation;
  /** Characters that a query of search may have. */
  readonly searchLength: number;
}

/** How long a repair may take whose gap began farther back than X's search goes: what X forgets meanwhile is left out. */
const LONGEST_MS = 3_600_000;
/** What may have been paid for found tweets that are not taken in yet, in millionths of a dollar. */
const MOST_HELD_COST = DOLLAR;
/** How many pages in a row may bring nothing that is older: beyond it X's search goes in a circle. */
const MOST_BARREN = 10;
/** How many queries that cannot be searched are kept in the register. */
const MOST_NAMED = 100;

const encoder = new TextEncoder();

/** A tweet, and the queries of the searches that found it. */
interface FoundTweet {
  readonly tweet: TweetMessage;
  readonly foundBy: Set<WantedQuery>;
}

/** Tags as it goes: whoever takes them gives others their turn in between. */
function* taggedOnes(
  found: Iterable<FoundTweet>,
  tagger: FoundTagger,
): Generator<{ tweet: TweetMessage; tagged: Tagged }> {
  for (const { foundBy, tweet } of found) yield { tweet, tagged: tagger.tag(tweet.message, foundBy) };
}

/** What is looked for, made when it is clear that it may be. */
interface Task {
  readonly wanted: WantedQueries;
  readonly plan: SearchPlan;
  readonly tagger: FoundTagger;
  /** How far it was when it was interrupted. */
  readonly before: ReadonlyMap<string, SearchState>;
  /** By X's clock, in milliseconds since 1970. */
  readonly interval: { readonly from: number; readonly to: number };
}

export class SearchRepair {
  readonly #options: SearchRepairOptions;
  readonly #gap: Gap;
  readonly #purse: RepairPurse;
  readonly #reader: SearchReader;
  /** Tweets that are not taken in yet, and what had been paid when the last ones were. */
  readonly #held = new Map<string, FoundTweet>();
  #takenInAt: number;
  /** What is to be written once they are. */
  readonly #states = new Map<string, SearchState>();
  #found: number;

  constructor(gap: Gap, options: SearchRepairOptions) {
    this.#gap = gap;
    this.#options = options;
    this.#purse = new RepairPurse(gap, options);
    this.#reader = new SearchReader(gap.number, options);
    this.#takenInAt = gap.cost;
    this.#found = gap.found;
  }

  /**
   * Repairs the gap. Throws Postponed where it has to wait, the signal's reason, and SqliteError or DiskError where the
   * register cannot be written; then it is in the register as far as it is.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, events, journal } = this.#options;
    const { endedAt = 0, number } = this.#gap;
    if (endedAt <= clock.now() - SEARCH_REACH_MS + LONGEST_MS) {
      return this.#close("unrecoverable", "it is seven days ago, and X's search goes back no farther");
    }
    this.#purse.checkEstimate();
    const task = this.#task();
    const { plan } = task;
    if (plan.searches.length > 0) {
      journal.use((database) => beginRepair(database, number, "search"));
      events.emit("gap_repairing", { gap: number, by: `search (${plan.searches.length})` });
    }
    try {
      for (const planned of plan.searches) await this.#searchFor(planned, task, signal);
    } finally {
      await this.#takeIn(task);
    }
    this.#end(task);
  }

  #task(): Task {
    const { clock, journal, search, searchLength, translation } = this.#options;
    const { aheadMs = 0 } = search;
    const wanted = wantedQueries(this.#rules(), () => {}, translation);
    const areIdsKnown = this.#gap.beganAt > clock.now() - WINDOW_MS + LONGEST_MS;
    const { from, to } = missedInterval(this.#gap, aheadMs, areIdsKnown);
    const rows = journal.use((database) => searchesFor(database, this.#gap.number));
    return {
      wanted,
      plan: planSearches(wanted.all, searchLength),
      tagger: new FoundTagger(wanted),
      before: new Map(rows.map((row) => [row.query, row])),
      interval: { from: Math.max(from, clock.now() - SEARCH_REACH_MS + LONGEST_MS + aheadMs), to },
    };
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
      ({ rule_id: ruleId, slot, tag, value }) => {
        const address = parseSlotName(slot);
        const stored = address && { ruleId, slot: address, value, tag, extra: {} };
        return now.get(keyOf(slot, ruleId, value)) ?? stored ?? [];
      },
    );
  }

  /** One search to its end. Of one that X refuses as a whole, each query is searched by itself. */
  async #searchFor(planned: PlannedSearch, task: Task, signal: AbortSignal): Promise<void> {
    const { queries, query } = planned;
    const known = task.before.get(query);
    if (known?.state === "done" || known?.state === "impossible") return;
    /** Where this row of pages began, and how far down it is. */
    let [first, untilId] = [known?.untilId, known?.untilId];
    let page: string | undefined;
    let barren = 0;
    let hasBegunAgain = false;
    while (true) {
      await this.#makeReady(task, signal);
      const size = this.#purse.pageSize();
      let found: SearchPage;
      try {
        found = await this.#reader.read({ query, ...task.interval, untilId: first, page, size }, signal);
      } catch (error) {
        if (!(error instanceof XFailure) || error.kind !== "invalid") throw error;
        if (page !== undefined && !hasBegunAgain) {
          // X does not know its own page any more: another row of pages goes on from there.
          hasBegunAgain = true;
          [first, page] = [untilId, undefined];
          continue;
        }
        if (!error.problem?.parameters.includes("query")) throw this.#later(error.message);
        return await this.#searchApart(planned, error.message, task, signal);
      }
      this.#purse.book(found.tweets.length, found.price);
      const oldest = this.#hold(found.tweets, queries);
      const isOlder = oldest !== undefined && (untilId === undefined || BigInt(oldest) < BigInt(untilId));
      if (isOlder) untilId = oldest;
      barren = isOlder ? 0 : barren + 1;
      const isCircle = found.next !== undefined && (found.next === page || barren === MOST_BARREN);
      page = found.next;
      this.#states.set(query, { query, state: page === undefined ? "done" : "begun", untilId, reason: "" });
      if (isCircle) throw this.#later("X's search goes in a circle");
      if (page === undefined) return;
    }
  }

  /** Before a page is paid for: what has been is safe, there is room for more, and X's limit allows it. */
  async #makeReady(task: Task, signal: AbortSignal): Promise<void> {
    const { journal } = this.#options;
    const isDear = this.#purse.cost - this.#takenInAt >= MOST_HELD_COST;
    if (isDear || this.#reader.waitMs > 0 || journal.full) await this.#takeIn(task);
    if (journal.full) await untilAborted(journal.room(), signal);
  }

  async #searchApart(
    { queries, query }: PlannedSearch,
    reason: string,
    task: Task,
    signal: AbortSignal,
  ): Promise<void> {
    if (queries.length === 1) {
      this.#states.set(query, { query, state: "impossible", untilId: undefined, reason });
      return;
    }
    const apart = queries.flatMap((one) => planSearches([one], this.#options.searchLength).searches);
    for (const planned of apart) await this.#searchFor(planned, task, signal);
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

  /** Takes in what is held, and writes how far the searches are when it is on disk. Throws Postponed. */
  async #takeIn({ tagger }: Task): Promise<void> {
    const { intake, journal } = this.#options;
    const held = [...this.#held.values()];
    const states = [...this.#states.values()];
    this.#held.clear();
    this.#states.clear();
    if (held.length + states.length === 0) return;
    const { accepted: found, left } = await intake.takeFound(taggedOnes(held, tagger));
    this.#found += found;
    journal.settle();
    // What was left is not here: the searches that found it have to be done again.
    const searches = left === 0 ? states : [];
    journal.use((database) => noteSearches(database, this.#gap.number, { found, searches }));
    this.#takenInAt = this.#purse.cost;
    if (left > 0) throw this.#later(`there was no room for ${left} of the tweets that were found`);
  }

  #later(reason: string): Postponed {
    return new Postponed(this.#options.clock.now() + LEFT_MS, reason, LEFT_HINT);
  }

  /** Closes the gap, and says what search could not find. */
  #end({ plan, wanted }: Task): void {
    const { clock, events, journal } = this.#options;
    const { beganAt, number } = this.#gap;
    const impossible = plan.unsearchable.map(({ query, reason }): SearchState => ({
      query,
      state: "impossible",
      untilId: undefined,
      reason,
    }));
    const rows = [...journal.use((database) => searchesFor(database, number)), ...impossible];
    const lacking = rows.filter((row) => row.state === "impossible");
    const [first] = lacking;
    if (first) {
      events.emit("gap_unsearchable", {
        ...{ gap: number, queries: lacking.length, first: first.query, reason: first.reason },
      });
      journal.use((database) => noteSearches(database, number, { found: 0, searches: lacking.slice(0, MOST_NAMED) }));
    }
    if (lacking.length === rows.length) {
      return this.#close("unrecoverable", "search: none of its queries can be searched");
    }
    const parts = lacking.length === 1 ? "1 query" : `${lacking.length} queries`;
    const lacks = [
      ...(beganAt < clock.now() - SEARCH_REACH_MS + LONGEST_MS ? ["nothing that is older than seven days"] : []),
      ...(rows.some((row) => row.state === "done" && isByKeyword(row.query)) ? ["no retweets"] : []),
      ...(lacking.length > 0 ? [`without ${parts} of ${wanted.all.length} that cannot be searched`] : []),
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
