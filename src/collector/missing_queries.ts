/**
 * Which of the wanted queries X does not hold, and since when. Each such interval is noted when it is over, and those
 * that last when nobody looks after the rules any more: they are over then, as far as anybody knows.
 *
 * X needs about 20 s until a new rule counts, so a query that is held within 30 s of being wanted was not missing. Nor
 * is it told here that X refuses a query, has no room for it at all, or is to hold it only when a person applies the
 * rules. Nothing is missing before X has held a first rule, where nothing was ever heard of the stream before.
 */

import type { Clock } from "../base/clock.ts";
import type { Rule } from "../model/rule.ts";
import { NO_QUERIES, type WantedQueries, type WantedQuery } from "../model/wire_rules.ts";
import type { SyncResult } from "../stream/rule_sync.ts";

/** How long a query that is new may take. */
const NEW_MS = 30_000;

/** Why X does not hold a query, in words for people. */
const WHY = {
  new: "they were new, and could not be added at X yet",
  gone: "X did not hold them any more; the last time that this was compared, when this gap begins, it did",
  no_room: "X had no room to hold them while others were changed",
} as const;

/** Since a moment X holds nothing that covers these rules. */
export interface LastingInterval {
  readonly from: number;
  /** It is one where it lasts longer than until then. */
  readonly countsAt: number;
  readonly detail: string;
  readonly rules: ReadonlySet<Rule>;
}

/** For a while it did not. */
export interface MissingInterval extends LastingInterval {
  readonly to: number;
}

interface Missing {
  readonly from: number;
  readonly why: keyof typeof WHY;
  readonly query: WantedQuery;
}

export interface MissingQueriesOptions {
  readonly clock: Clock;
  readonly note: (interval: MissingInterval) => void;
  /** Hears of those that last, whenever these are others than before: a process that ends without a word notes none. */
  readonly keep: (lasting: readonly LastingInterval[]) => void;
  /** Whether the stream was ever heard, maybe by a process before this one. */
  readonly hasHeard: boolean;
}

export class MissingQueries {
  readonly #options: MissingQueriesOptions;
  readonly #missing = new Map<string, Missing>();
  #wanted = NO_QUERIES;
  /** What X held when that was compared last, and when that was. */
  #held: ReadonlySet<string> = new Set();
  #comparedAt = 0;
  #canMiss: boolean;
  /** Whether those that last are others than were told. */
  #isChanged = false;

  constructor(options: MissingQueriesOptions) {
    this.#options = options;
    this.#canMiss = options.hasHeard;
  }

  /** Other queries are wanted from now on. */
  want(wanted: WantedQueries): void {
    const now = this.#options.clock.now();
    this.#end([...this.#missing.values()].filter(({ query }) => !wanted.byValue.has(query.value)), now);
    for (const query of wanted.all) {
      if (!this.#wanted.byValue.has(query.value)) this.#begin(query, now, "new");
    }
    this.#wanted = wanted;
    this.#keep();
  }

  /** X was asked, and holds these of the queries that were wanted. */
  found(queries: ReadonlySet<WantedQuery>, wanted: WantedQueries): void {
    const values = valuesOf(queries);
    this.#end([...this.#missing.values()].filter(({ query }) => values.has(query.value)), this.#options.clock.now());
    for (const query of wanted.all) {
      if (!values.has(query.value) && this.#held.has(query.value)) this.#begin(query, this.#comparedAt, "gone");
    }
    this.#keep();
  }

  /** Nothing at X covers these from now on. */
  uncovered(queries: Iterable<WantedQuery>): void {
    for (const query of queries) this.#begin(query, this.#options.clock.now(), "no_room");
    this.#keep();
  }

  /** X holds what it is to hold of what was wanted, and did so since a moment but for what has been told since. */
  settled({ held, refused, unplaced }: SyncResult, wanted: WantedQueries, since: number): void {
    const now = this.#options.clock.now();
    this.#held = valuesOf([...held.values()].flatMap(({ queries }) => queries));
    this.#comparedAt = since;
    const toldElsewhere = new Set([...refused.keys(), ...valuesOf(unplaced)]);
    const [over, goOn]: [Missing[], Missing[]] = [[], []];
    for (const missing of [...this.#missing.values()].filter(({ query }) => wanted.byValue.has(query.value))) {
      const { query: { value }, why } = missing;
      if (this.#held.has(value)) over.push(missing);
      else if (why === "new") this.#forget(value);
      else if (toldElsewhere.has(value)) over.push(missing);
      // Where X holds nothing at all nobody listens, which is a gap of its own: what was missing before is told now.
      else if (held.size === 0) goOn.push(missing);
    }
    this.#end([...over, ...goOn], now);
    for (const { query, why } of goOn) this.#begin(query, now, why);
    if (held.size > 0 && !this.#canMiss) this.#beginToMiss(now);
    this.#keep();
  }

  /** Nobody looks after the rules any more. */
  close(): void {
    this.#end([...this.#missing.values()], this.#options.clock.now());
    this.#keep();
  }

  #begin(query: WantedQuery, from: number, why: keyof typeof WHY): void {
    if (this.#missing.has(query.value)) return;
    this.#missing.set(query.value, { from, why, query });
    this.#isChanged = true;
  }

  #beginToMiss(now: number): void {
    this.#canMiss = this.#isChanged = true;
    for (const [value, missing] of this.#missing) this.#missing.set(value, { ...missing, from: now });
  }

  #forget(value: string): void {
    this.#missing.delete(value);
    this.#isChanged = true;
  }

  /** These are over. */
  #end(over: readonly Missing[], to: number): void {
    for (const { query } of over) this.#forget(query.value);
    if (!this.#canMiss) return;
    for (const interval of intervalsOf(over)) if (to > interval.countsAt) this.#options.note({ ...interval, to });
  }

  #keep(): void {
    if (this.#isChanged && this.#canMiss) this.#options.keep(intervalsOf(this.#missing.values()));
    this.#isChanged = false;
  }
}

/** Those of one beginning and one reason are one interval. */
function intervalsOf(missing: Iterable<Missing>): LastingInterval[] {
  const intervals = new Map<string, LastingInterval & { readonly rules: Set<Rule> }>();
  for (const { from, query, why } of missing) {
    const key = `${from} ${why}`;
    const countsAt = why === "new" ? from + NEW_MS : from;
    const interval = intervals.get(key) ?? { from, countsAt, detail: WHY[why], rules: new Set() };
    intervals.set(key, interval);
    for (const rule of query.rules) interval.rules.add(rule);
  }
  return [...intervals.values()];
}

function valuesOf(queries: Iterable<WantedQuery>): Set<string> {
  return new Set([...queries].map(({ value }) => value));
}
