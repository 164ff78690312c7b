/**
 * Bins: queries that are to be one rule at X. What is held as it is keeps its bin; what changes is added anew.
 * `Rooms` finds the bin with most room without looking at all of them. It promises the same order for the same calls.
 */

import { type WantedQuery, WIRE_JOIN, type WireRule } from "../model/wire_rules.ts";

/** How much may be in one bin. */
export interface BinLimits {
  /** The longest rule that X takes. */
  readonly ruleLength: number;
  /** The most queries that are to share a rule. */
  readonly mostPerRule: number;
}

export interface Bin {
  readonly queries: WantedQuery[];
  /** The length of its queries, joined. */
  length: number;
  /** The rule at X that it is as long as nothing is put into it. */
  readonly held?: { readonly id: string; readonly rule: WireRule };
}

/** A bin of some queries. */
export function binOf(queries: readonly WantedQuery[], held?: Bin["held"]): Bin {
  const bin: Bin = { queries: [], length: 0, ...(held ? { held } : {}) };
  for (const query of queries) put(bin, query);
  return bin;
}

/** Puts a query into a bin, whether it fits or not. */
export function put(bin: Bin, query: WantedQuery): void {
  bin.length += (bin.queries.length > 0 ? WIRE_JOIN.length : 0) + query.value.length;
  bin.queries.push(query);
}

/** Whether a bin takes one more query; an empty one takes any. */
export function fits(bin: Bin, query: WantedQuery, limits: BinLimits): boolean {
  return bin.queries.length === 0 || query.value.length <= roomIn(bin, limits);
}

/** Whether two bins make one that is no larger than it may be. */
export function areOne(first: Bin, second: Bin, limits: BinLimits): boolean {
  return first.queries.length + second.queries.length <= limits.mostPerRule && second.length <= roomIn(first, limits);
}

/** How long a query may be that is put into a bin. */
function roomIn({ queries, length }: Bin, { ruleLength, mostPerRule }: BinLimits): number {
  return queries.length < mostPerRule ? Math.max(ruleLength - length - WIRE_JOIN.length, 0) : 0;
}

/** Bins by their room. */
export class Rooms {
  readonly #limits: BinLimits;
  /** Bins of each room. */
  readonly #shelves = new Map<number, Bin[]>();
  #most = 0;

  constructor(limits: BinLimits) {
    this.#limits = limits;
  }

  add(bin: Bin): void {
    const room = bin.queries.length === 0 ? this.#limits.ruleLength : roomIn(bin, this.#limits);
    const shelf = this.#shelves.get(room);
    if (shelf) shelf.push(bin);
    else this.#shelves.set(room, [bin]);
    this.#most = Math.max(this.#most, room);
  }

  /** The bin with most room, which stays. */
  get roomiest(): Bin | undefined {
    while (this.#most >= 0) {
      const bin = this.#shelves.get(this.#most)?.at(-1);
      if (bin) return bin;
      this.#most -= 1;
    }
    this.#most = 0;
    return undefined;
  }

  /** Takes out the bin with most room. */
  take(): Bin | undefined {
    const bin = this.roomiest;
    if (bin) this.#shelves.get(this.#most)!.pop();
    return bin;
  }
}
