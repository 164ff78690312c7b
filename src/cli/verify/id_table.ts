/**
 * The ids that must be somewhere, and how often each was found. Built for millions: an id is two numbers in an open
 * hash table, 13 bytes a place, where a set of strings would take ten times as much.
 */

/** An id and when its tweet was accepted, to the second. */
export interface MissingId {
  readonly id: string;
  readonly acceptedAt: number;
}

const FEWEST_PLACES = 1_024;
/** The part of the places that may be taken. */
const MOST_TAKEN = 0.7;
const MOST_COUNTED = 255;

/** What an id of X's looks like: a decimal number above 0, below 2^64. */
const NUMBER = /^[1-9]\d{0,18}$/;

interface Places {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  /** Seconds since 1970. */
  readonly times: Uint32Array;
  readonly counts: Uint8Array;
}

export class IdTable {
  #places = emptyPlaces(FEWEST_PLACES);
  #numbers = 0;
  /** Ids that are no such numbers: X has none. */
  readonly #odd = new Map<string, { readonly acceptedAt: number; count: number }>();
  #earliest = Infinity;

  get size(): number {
    return this.#numbers + this.#odd.size;
  }

  /** When the first of them was accepted; Infinity where there is none. */
  get earliest(): number {
    return this.#earliest;
  }

  add(id: string, acceptedAt: number): void {
    this.#earliest = Math.min(this.#earliest, acceptedAt);
    if (!NUMBER.test(id)) {
      this.#odd.set(id, { acceptedAt, count: 0 });
      return;
    }
    if (this.#numbers >= this.#places.high.length * MOST_TAKEN) this.#grow();
    const number = BigInt(id);
    const [high, low] = [Number(number >> 32n), Number(number & 0xffff_ffffn)];
    const place = placeOf(this.#places, high, low);
    if (isFree(this.#places, place)) this.#numbers++;
    put(this.#places, place, { high, low, time: Math.floor(acceptedAt / 1000), count: 0 });
  }

  /** Counts a finding of an id; one that is not expected is nobody's business here. */
  found(id: string): void {
    const odd = this.#odd.get(id);
    if (odd) odd.count++;
    const place = this.#placeOf(id);
    if (place !== undefined && this.#places.counts[place]! < MOST_COUNTED) this.#places.counts[place]!++;
  }

  /** Whether an id is expected and was not found yet. */
  isMissing(id: string): boolean {
    const place = this.#placeOf(id);
    return (place === undefined ? this.#odd.get(id)?.count : this.#places.counts[place]) === 0;
  }

  *ids(): Generator<string> {
    for (const { id } of this.#all()) yield id;
  }

  *missing(): Generator<MissingId> {
    for (const { id, acceptedAt, count } of this.#all()) if (count === 0) yield { id, acceptedAt };
  }

  /** How many were found more than once. */
  get repeated(): number {
    let repeated = 0;
    for (const count of this.#places.counts) if (count > 1) repeated++;
    for (const { count } of this.#odd.values()) if (count > 1) repeated++;
    return repeated;
  }

  /** Where an id is; undefined where it is not expected, or no number. */
  #placeOf(id: string): number | undefined {
    if (!NUMBER.test(id)) return undefined;
    const number = BigInt(id);
    const place = placeOf(this.#places, Number(number >> 32n), Number(number & 0xffff_ffffn));
    return isFree(this.#places, place) ? undefined : place;
  }

  *#all(): Generator<MissingId & { readonly count: number }> {
    const { high, low, times, counts } = this.#places;
    for (let place = 0; place < high.length; place++) {
      if (isFree(this.#places, place)) continue;
      const id = String((BigInt(high[place]!) << 32n) | BigInt(low[place]!));
      yield { id, acceptedAt: times[place]! * 1000, count: counts[place]! };
    }
    for (const [id, { acceptedAt, count }] of this.#odd) yield { id, acceptedAt, count };
  }

  #grow(): void {
    const before = this.#places;
    this.#places = emptyPlaces(before.high.length * 2);
    for (let place = 0; place < before.high.length; place++) {
      if (isFree(before, place)) continue;
      const [high, low] = [before.high[place]!, before.low[place]!];
      const entry = { high, low, time: before.times[place]!, count: before.counts[place]! };
      put(this.#places, placeOf(this.#places, high, low), entry);
    }
  }
}

function emptyPlaces(size: number): Places {
  return {
    high: new Uint32Array(size),
    low: new Uint32Array(size),
    times: new Uint32Array(size),
    counts: new Uint8Array(size),
  };
}

function put(places: Places, place: number, entry: { high: number; low: number; time: number; count: number }): void {
  places.high[place] = entry.high;
  places.low[place] = entry.low;
  places.times[place] = entry.time;
  places.counts[place] = entry.count;
}

function isFree({ high, low }: Places, place: number): boolean {
  return high[place] === 0 && low[place] === 0;
}

/** Where a number is, or the free place where it would be. The number of places is a power of two. */
function placeOf({ high, low }: Places, wantedHigh: number, wantedLow: number): number {
  const last = high.length - 1;
  let hash = Math.imul(wantedHigh, 0x85eb_ca6b) ^ Math.imul(wantedLow, 0xc2b2_ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
  for (let place = (hash ^ (hash >>> 13)) & last;; place = (place + 1) & last) {
    if (high[place] === wantedHigh && low[place] === wantedLow) return place;
    if (high[place] === 0 && low[place] === 0) return place;
  }
}
