/**
 * Plans which rules X is to hold: one for each query while they fit, several queries in one where they do not. It is a
 * function of what X holds and of what is wanted, so whoever plans, and whenever, comes to the same; once X holds what
 * was planned, there is nothing more to plan. (Where queries have alternatives in common, a rule may turn out to cover
 * more than was put into it: then the next plan takes away what has become needless.)
 *
 * It promises: what X holds and is wanted stays as it is, so that one query more or less takes at most two rules away
 * from X and adds at most two; only queries that our own matcher decides exactly share a rule; a hundredth of the cap
 * stays free, so that there is room for adding before deleting. Only where so few queries are left that each has a
 * rule of its own again, all rules that are shared change at once. Pure, and it throws nothing.
 */

import { type WantedQueries, type WantedQuery, type WireRule, wireRuleOf } from "../model/wire_rules.ts";
import { areOne, type Bin, type BinLimits, binOf, fits, put, Rooms } from "./rule_bins.ts";
import { WireContents } from "./wire_content.ts";

/** A rule at X that is ours to change. */
export interface OwnRule {
  readonly id: string;
  readonly value: string;
}

export interface PackInput extends BinLimits {
  /** What is wanted of X. */
  readonly wanted: WantedQueries;
  /** Queries that are not to be asked for: X has refused them. */
  readonly refused: ReadonlySet<string>;
  readonly own: readonly OwnRule[];
  /** Rules of others that hold one of our queries as it is: they serve, and are left alone. */
  readonly foreign: readonly OwnRule[];
  /** How many rules X allows, and how many of them others use. */
  readonly cap: number;
  readonly others: number;
}

export interface PackPlan {
  /** Rules at X that stay, by X's id, with the queries that they stand for. */
  readonly kept: ReadonlyMap<string, WireRule>;
  readonly added: readonly WireRule[];
  /** Rules at X that go, by X's id, with the wanted queries that they cover until then. */
  readonly removed: ReadonlyMap<string, WireRule>;
  /** Queries for which X has no room. */
  readonly unplaced: readonly WantedQuery[];
}

/** Sharing begins when more of the cap than this would be used, and ends when less than `UNPACK_BELOW` would be. */
export const PACK_ABOVE = 0.9;
export const UNPACK_BELOW = 0.8;
/** How much of the cap is used at most. */
export const FILL_TO = 0.99;

/** Plans what to keep, add and remove. */
export function planWireRules(input: PackInput): PackPlan {
  return new Planner(input).plan();
}

class Planner {
  readonly #input: PackInput;
  readonly #kept = new Map<string, WireRule>();
  readonly #removed = new Map<string, WireRule>();
  readonly #covered = new Set<WantedQuery>();
  /** What X is to hold of ours. */
  readonly #bins = new Set<Bin>();
  /** The bins that may be shared: those that change anyway, and those that are at X as they are. */
  readonly #changing: Rooms;
  readonly #standing: Rooms;
  readonly #ease: number;
  readonly #most: number;

  constructor(input: PackInput) {
    this.#input = input;
    this.#changing = new Rooms(input);
    this.#standing = new Rooms(input);
    this.#ease = Math.floor(input.cap * PACK_ABOVE) - input.others;
    // Where a cap is so small that a hundredth is less than one rule, it is used whole.
    this.#most = (input.cap < 100 ? input.cap : Math.floor(input.cap * FILL_TO)) - input.others;
  }

  plan(): PackPlan {
    const { wanted, refused, cap, others, foreign } = this.#input;
    const active = wanted.all.filter(({ value }) => !refused.has(value));
    for (const { id, value } of foreign) {
      const query = this.#uncovered(value);
      if (!query) continue;
      this.#kept.set(id, wireRuleOf([query], value));
      this.#covered.add(query);
    }
    this.#sortOwn(active.length > Math.floor(cap * UNPACK_BELOW) - others);
    const unplaced = this.#place(active.filter((query) => !this.#covered.has(query)));
    const added: WireRule[] = [];
    for (const { held, queries } of this.#bins) {
      if (held) this.#kept.set(held.id, held.rule);
      else added.push(wireRuleOf(queries));
    }
    return { kept: this.#kept, added, removed: this.#removed, unplaced };
  }

  /** The query that a rule at X is as it stands, when nothing else covers it. */
  #uncovered(value: string): WantedQuery | undefined {
    const query = this.#input.wanted.byValue.get(value);
    return query && !this.#covered.has(query) && !this.#input.refused.has(value) ? query : undefined;
  }

  /** Sorts our rules at X into those that stay, those that change, and those that go. */
  #sortOwn(mayPack: boolean): void {
    const { wanted, refused, own } = this.#input;
    const contents = new WireContents(wanted, refused);
    const rules = own.map(({ id, value }) => ({ id, ...contents.of(value) }));
    // The fullest first: what two rules hold stays where more is held. The order in which X lists them says nothing.
    rules.sort(({ rule: one }, { rule: other }) =>
      other.queries.length - one.queries.length || (one.value < other.value ? -1 : 1)
    );
    const left: WantedQuery[][] = [];
    for (const { id, rule, isClean } of rules) {
      const { queries } = rule;
      const isAllowed = queries.length === 1 || mayPack;
      if (isClean && isAllowed && queries.some((query) => !this.#covered.has(query))) {
        this.#stand(binOf(queries, { id, rule }));
      } else {
        this.#removed.set(id, rule);
        if (mayPack) left.push([...queries]);
      }
    }
    for (const queries of left) this.#keepTogether(queries);
  }

  /** Leaves a bin at X as it is. */
  #stand(bin: Bin): void {
    this.#bins.add(bin);
    if (bin.queries.every(({ isExact }) => isExact)) this.#standing.add(bin);
    for (const query of bin.queries) this.#covered.add(query);
  }

  /** What stays of a rule that changes stays together, as far as it may. */
  #keepTogether(queries: readonly WantedQuery[]): void {
    const bin = binOf([]);
    for (const query of queries) {
      if (!query.isExact || this.#covered.has(query) || !fits(bin, query, this.#input)) continue;
      put(bin, query);
      this.#covered.add(query);
    }
    if (bin.queries.length === 0) return;
    this.#bins.add(bin);
    this.#changing.add(bin);
  }

  /** Finds a place for queries that nothing covers yet; answers with those that have none. */
  #place(missing: readonly WantedQuery[]): WantedQuery[] {
    if (this.#bins.size + missing.length <= this.#ease) {
      for (const query of missing) this.#bins.add(binOf([query]));
      return [];
    }
    const alone = missing.filter(({ isExact }) => !isExact);
    const unplaced = this.#share(missing.filter(({ isExact }) => isExact), alone.length);
    while (this.#bins.size + alone.length > this.#most && this.#makeOneOfTwo());
    for (const query of alone) {
      if (this.#bins.size < this.#most) this.#bins.add(binOf([query]));
      else unplaced.push(query);
    }
    return unplaced;
  }

  /**
   * Puts queries into rules that change anyway or are new, then into those that stand, the roomiest first. So many
   * rules are reserved for others. Answers with the queries that have no place.
   */
  #share(queries: readonly WantedQuery[], reserved: number): WantedQuery[] {
    const fresh = Math.min(this.#ease - reserved - this.#bins.size, queries.length);
    for (let count = 0; count < fresh; count++) this.#open();
    return queries.filter((query) => {
      const bin = this.#binFor(query, reserved);
      if (!bin) return true;
      put(bin, query);
      this.#changing.add(bin);
      return false;
    });
  }

  /** A bin with room for a query, taken out of the changing ones. */
  #binFor(query: WantedQuery, reserved: number): Bin | undefined {
    const { roomiest: changing } = this.#changing;
    if (changing && fits(changing, query, this.#input)) return this.#changing.take();
    const { roomiest: standing } = this.#standing;
    if (standing && fits(standing, query, this.#input)) return this.#change(this.#standing.take()!);
    const hasRoom = this.#bins.size + reserved < this.#most || this.#makeOneOfTwo() || this.#bins.size < this.#most;
    if (!hasRoom) return undefined;
    this.#open();
    return this.#changing.take();
  }

  #open(): void {
    const bin = binOf([]);
    this.#bins.add(bin);
    this.#changing.add(bin);
  }

  /** A bin at X is taken away, to be added again with more in it. */
  #change(standing: Bin): Bin {
    if (!standing.held) return standing;
    const bin = binOf(standing.queries);
    this.#bins.delete(standing);
    this.#removed.set(standing.held.id, standing.held.rule);
    this.#bins.add(bin);
    return bin;
  }

  /** Makes room for one more rule, by making one of two; where it can, of one that changes anyway. */
  #makeOneOfTwo(): boolean {
    const changing = this.#changing;
    const standing = this.#standing;
    for (const [one, other] of [[changing, standing], [standing, standing], [changing, changing]] as const) {
      const first = one.take();
      const second = other.take();
      if (first && second && areOne(first, second, this.#input)) {
        const bin = this.#change(first);
        this.#bins.delete(this.#change(second));
        for (const query of second.queries) if (!bin.queries.includes(query)) put(bin, query);
        changing.add(bin);
        return true;
      }
      if (first) one.add(first);
      if (second) other.add(second);
    }
    return false;
  }
}
