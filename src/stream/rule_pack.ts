/**
 * Plans which rules X is to hold: one for each query while they fit, several queries in one where they do not. It is a
 * function of what X holds and of what is wanted, so whoever plans, and whenever, comes to the same.
 *
 * It promises: what X holds and is wanted stays as it is, so that one query more or less changes at most two rules at
 * X; only queries that our own matcher decides exactly share a rule; a hundredth of the cap stays free, so that there
 * is room for adding before deleting. Pure, and it throws nothing.
 */

import { parseQuery } from "../model/query_parser.ts";
import { alternativesOf } from "../model/query_tree.ts";
import { type WantedQueries, type WantedQuery, WIRE_JOIN, type WireRule, wireRuleOf } from "../model/wire_rules.ts";

/** A rule at X that is ours to change. */
export interface OwnRule {
  readonly id: string;
  readonly value: string;
}

export interface PackInput {
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
  /** The longest rule that X takes, and the most queries that are to share one. */
  readonly ruleLength: number;
  readonly mostPerRule: number;
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

/** Queries that are to share a rule. */
interface Bin {
  queries: WantedQuery[];
  length: number;
}

class Planner {
  readonly #input: PackInput;
  readonly #kept = new Map<string, WireRule>();
  readonly #removed = new Map<string, WireRule>();
  readonly #covered = new Set<WantedQuery>();
  /** What is going to be added. */
  readonly #bins: Bin[] = [];
  /** How many of the kept rules are somebody else's. */
  #served = 0;
  readonly #ease: number;
  readonly #most: number;

  constructor(input: PackInput) {
    this.#input = input;
    this.#ease = Math.floor(input.cap * PACK_ABOVE) - input.others;
    // Where a cap is so small that a hundredth is less than one rule, it is used whole.
    this.#most = (input.cap < 100 ? input.cap : Math.floor(input.cap * FILL_TO)) - input.others;
  }

  plan(): PackPlan {
    const { wanted, refused, own, foreign } = this.#input;
    const active = wanted.all.filter((query) => !refused.has(query.value));
    const mayPack = active.length > Math.floor(this.#input.cap * UNPACK_BELOW) - this.#input.others;

    for (const { id, value } of foreign) if (this.#keepWhole(id, value)) this.#served += 1;
    const changed: WireRule[] = [];
    const packed: { id: string; rule: WireRule; isClean: boolean }[] = [];
    for (const { id, value } of own) {
      if (this.#keepWhole(id, value)) continue;
      const { rule, isClean } = this.#contentOf(value);
      packed.push({ id, rule, isClean: isClean && mayPack && rule.queries.length <= this.#input.mostPerRule });
    }
    // The fullest first: what two rules hold stays where more is held.
    packed.sort((a, b) => b.rule.queries.length - a.rule.queries.length);
    for (const { id, rule, isClean } of packed) {
      const isNew = rule.queries.some((query) => !this.#covered.has(query));
      if (isClean && isNew) this.#keep(id, rule);
      else {
        this.#removed.set(id, rule);
        changed.push(rule);
      }
    }
    const unplaced = this.#place(active, mayPack ? changed : []);
    return {
      kept: this.#kept,
      added: this.#bins.map((bin) => wireRuleOf(bin.queries)),
      removed: this.#removed,
      unplaced,
    };
  }

  /** Keeps a rule that is one of our queries as it is. */
  #keepWhole(id: string, value: string): boolean {
    const query = this.#input.wanted.byValue.get(value);
    if (!query || this.#covered.has(query) || this.#input.refused.has(value)) return false;
    this.#keep(id, { ...wireRuleOf([query]), value });
    return true;
  }

  #keep(id: string, rule: WireRule): void {
    this.#kept.set(id, rule);
    for (const query of rule.queries) this.#covered.add(query);
  }

  /** The wanted queries in a rule at X, and whether there is nothing else in it. */
  #contentOf(value: string): { rule: WireRule; isClean: boolean } {
    const { wanted, refused } = this.#input;
    const whole = wanted.byValue.get(value);
    if (whole) {
      const isRefused = refused.has(value);
      return { rule: { ...wireRuleOf(isRefused ? [] : [whole]), value }, isClean: !isRefused };
    }
    const alternatives = new Set(alternativesIn(value));
    const queries = new Set<WantedQuery>();
    const used = new Set<string>();
    for (const alternative of alternatives) {
      for (const query of this.#queriesBeginningWith(alternative)) {
        const parts = this.#alternativesOf(query);
        if (refused.has(query.value) || !parts.every((part) => alternatives.has(part))) continue;
        queries.add(query);
        parts.forEach((part) => used.add(part));
      }
    }
    return { rule: { ...wireRuleOf([...queries]), value }, isClean: used.size === alternatives.size };
  }

  /** Finds a place for each query that nothing covers yet; answers with those that have none. */
  #place(active: readonly WantedQuery[], changed: readonly WireRule[]): WantedQuery[] {
    const placed = new Set<WantedQuery>();
    // What stays of a rule that changes stays together.
    for (const { queries } of changed) {
      const left = queries.filter((query) => query.isExact && !this.#covered.has(query) && !placed.has(query));
      if (left.length === 0 || left.length > this.#input.mostPerRule) continue;
      this.#addBin(left);
      left.forEach((query) => placed.add(query));
    }
    const missing = active.filter((query) => !this.#covered.has(query) && !placed.has(query));
    if (this.#total + missing.length <= this.#ease) {
      for (const query of missing) this.#addBin([query]);
      return [];
    }
    const unplaced: WantedQuery[] = [];
    for (const query of missing.filter(({ isExact }) => !isExact)) {
      if (this.#total < this.#most) this.#addBin([query]);
      else unplaced.push(query);
    }
    const loose = missing.filter(({ isExact }) => isExact);
    return [...unplaced, ...loose.slice(this.#pack(loose))];
  }

  /** Packs queries: where rules change anyway, in new rules, in those with most room. Answers how many have a place. */
  #pack(loose: readonly WantedQuery[]): number {
    let at = 0;
    const fill = (bin: Bin, share = Infinity) => {
      for (let taken = 0; taken < share && at < loose.length && this.#fits(bin, loose[at]!); taken += 1) {
        put(bin, loose[at++]!);
      }
    };
    for (const bin of this.#bins) if (bin.queries.every(({ isExact }) => isExact)) fill(bin);
    const free = this.#ease - this.#total;
    if (free > 0) {
      const share = Math.ceil((loose.length - at) / free);
      while (at < loose.length && this.#total < this.#most) fill(this.#addBin([]), share);
    }
    // The rules with most room are rewritten; when none has room for more, a new one or two made one make some.
    const roomy = this.#byRoom();
    while (at < loose.length) {
      const [first, second] = roomy;
      if (first !== undefined && this.#fits(binOf(first.rule.queries), loose[at]!)) {
        roomy.shift();
        fill(this.#rewrite(first));
      } else if (this.#total < this.#most) {
        fill(this.#addBin([]));
      } else if (first && second && this.#areOne(first.rule, second.rule)) {
        roomy.splice(0, 2);
        const bin = this.#rewrite(first);
        this.#kept.delete(second.id);
        this.#removed.set(second.id, second.rule);
        for (const query of second.rule.queries) put(bin, query);
      } else break;
    }
    return at;
  }

  #fits(bin: Bin, query: WantedQuery): boolean {
    if (bin.queries.length === 0) return true;
    const { ruleLength, mostPerRule } = this.#input;
    return bin.queries.length < mostPerRule && bin.length + WIRE_JOIN.length + query.value.length <= ruleLength;
  }

  /** Whether two rules fit into one. */
  #areOne(first: WireRule, second: WireRule): boolean {
    const { ruleLength, mostPerRule } = this.#input;
    return first.queries.length + second.queries.length <= mostPerRule &&
      binOf(first.queries).length + WIRE_JOIN.length + binOf(second.queries).length <= ruleLength;
  }

  /** The kept rules of ours that may be shared, those with most room first. */
  #byRoom(): { id: string; rule: WireRule }[] {
    const foreign = new Set(this.#input.foreign.map(({ id }) => id));
    return [...this.#kept]
      .filter(([id, rule]) => !foreign.has(id) && rule.queries.every(({ isExact }) => isExact))
      .map(([id, rule]) => ({ id, rule }))
      .sort((a, b) => a.rule.value.length - b.rule.value.length);
  }

  /** Takes a kept rule apart, to be added again with more in it. */
  #rewrite({ id, rule }: { id: string; rule: WireRule }): Bin {
    this.#kept.delete(id);
    this.#removed.set(id, rule);
    return this.#addBin(rule.queries);
  }

  #addBin(queries: readonly WantedQuery[]): Bin {
    const bin = binOf(queries);
    this.#bins.push(bin);
    return bin;
  }

  /** How many rules of ours X would hold; those of others that serve us are counted with the others. */
  get #total(): number {
    return this.#kept.size - this.#served + this.#bins.length;
  }

  #beginnings: Map<string, WantedQuery[]> | undefined;
  readonly #parts = new Map<WantedQuery, readonly string[]>();

  #queriesBeginningWith(alternative: string): readonly WantedQuery[] {
    if (!this.#beginnings) {
      this.#beginnings = new Map();
      for (const query of this.#input.wanted.all) {
        if (!query.isExact) continue;
        const first = this.#alternativesOf(query)[0]!;
        const sharers = this.#beginnings.get(first);
        if (sharers) sharers.push(query);
        else this.#beginnings.set(first, [query]);
      }
    }
    return this.#beginnings.get(alternative) ?? [];
  }

  #alternativesOf(query: WantedQuery): readonly string[] {
    let parts = this.#parts.get(query);
    if (!parts) this.#parts.set(query, parts = alternativesIn(query.value));
    return parts;
  }
}

function binOf(queries: readonly WantedQuery[]): Bin {
  const bin: Bin = { queries: [], length: 0 };
  for (const query of queries) put(bin, query);
  return bin;
}

function put(bin: Bin, query: WantedQuery): void {
  bin.length += (bin.queries.length > 0 ? WIRE_JOIN.length : 0) + query.value.length;
  bin.queries.push(query);
}

/** The texts of a query's alternatives, as they are written. */
function alternativesIn(value: string): readonly string[] {
  const { tree, complaints } = parseQuery(value);
  if (!tree || complaints.some(({ level }) => level === "fault")) return [value];
  return alternativesOf(tree).map(({ start, end }) => value.slice(start, end));
}
