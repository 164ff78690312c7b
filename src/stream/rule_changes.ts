/**
 * Carries out a plan of rules at X: adds before it deletes, in calls that X takes as a whole. What somebody else has
 * added meanwhile serves as it is.
 *
 * It promises: a rule at X goes only when what it covers is covered by another, unless X has no room at all for the
 * other one, which is told. It stops as soon as X refuses a rule, or has less room than it told: then the plan is to
 * be made anew. What was done is done: an XFailure in the middle leaves X covered.
 */

import type { Events } from "../base/events.ts";
import { type WantedQuery, type WireRule, wireTag } from "../model/wire_rules.ts";
import type { PackPlan } from "./rule_pack.ts";
import { MOST_RULES_PER_CALL, type XApi } from "./x_api.ts";

export interface RuleChangesOptions {
  api: XApi;
  installation: string;
  events: Events;
  plan: PackPlan;
  /** How many rules X allows, and how many it holds, those of others included. */
  cap: number;
  total: number;
  /** Nothing at X covers these from now on, until they are added again. */
  onUncovered: (queries: ReadonlySet<WantedQuery>) => void;
}

export interface Refusal {
  readonly rule: WireRule;
  /** X's words. */
  readonly reason: string;
}

export class RuleChanges {
  readonly #options: RuleChangesOptions;
  /** What X holds of the wanted rules, by its ids. */
  readonly #held: Map<string, WireRule>;
  /** Rules that are to go, and what they cover until then. */
  readonly #stale: Map<string, WireRule>;
  /** How often each query is held. */
  readonly #cover = new Map<WantedQuery, number>();
  readonly #refusals: Refusal[] = [];
  #total: number;
  #fullAt: number | undefined;
  added = 0;
  deleted = 0;

  constructor(options: RuleChangesOptions) {
    const { plan, total } = options;
    this.#options = options;
    this.#held = new Map(plan.kept);
    this.#stale = new Map(plan.removed);
    this.#total = total;
    for (const rule of [...plan.kept.values(), ...plan.removed.values()]) this.#count(rule, 1);
  }

  /** What X holds for our queries now: the rules that are to stay, and those that go on because only they cover some. */
  get held(): ReadonlyMap<string, WireRule> {
    return new Map([...this.#held, ...[...this.#stale].filter(([, { queries }]) => queries.length > 0)]);
  }

  /** Rules that X refused. */
  get refusals(): readonly Refusal[] {
    return this.#refusals;
  }

  /** How many rules X held when it took no more, though it had told of room. */
  get fullAt(): number | undefined {
    return this.#fullAt;
  }

  isCovered(query: WantedQuery): boolean {
    return (this.#cover.get(query) ?? 0) > 0;
  }

  /** Throws XFailure; then a new plan goes on from what X holds. */
  async carryOut(signal: AbortSignal): Promise<void> {
    const { plan, cap } = this.#options;
    let waiting = [...plan.added];
    while (waiting.length > 0) {
      if (this.#total >= cap && !await this.#makeRoom(waiting.length, signal)) break;
      const batch = waiting.slice(0, Math.min(MOST_RULES_PER_CALL, cap - this.#total));
      const isTaken = await this.#add(batch, signal);
      if (this.#refusals.length > 0) return;
      if (isTaken) waiting = waiting.slice(batch.length);
      else if (await this.#deleteStale(batch.length, signal) === 0) {
        await this.#fillUp(batch, signal);
        return;
      }
    }
    await this.#deleteStale(Infinity, signal);
  }

  /** Adds a batch; not taken when X has no room for all of it. */
  async #add(batch: readonly WireRule[], signal: AbortSignal): Promise<boolean> {
    const { api, installation } = this.#options;
    const byValue = new Map(batch.map((rule) => [rule.value, rule]));
    const byTag = new Map(batch.map((rule) => [wireTag(installation, rule.hash), rule]));
    let waiting: readonly { value: string; tag: string }[] = batch.map(({ value, hash }) => ({
      value,
      tag: wireTag(installation, hash),
    }));
    while (waiting.length > 0) {
      const answer = await api.addRules(waiting, signal);
      if (answer.capReached) return false;
      for (const { id, value, tag } of answer.added) {
        const rule = byTag.get(tag) ?? byValue.get(value);
        if (!rule || this.#held.has(id)) continue;
        this.#hold(id, rule);
        this.added += 1;
        this.#total += 1;
      }
      for (const { id, value } of answer.existing) {
        const rule = byValue.get(value);
        if (rule && !this.#held.has(id)) this.#hold(id, rule);
      }
      for (const { value, reason } of answer.refused) {
        const rule = byValue.get(value);
        if (rule) this.#refusals.push({ rule, reason });
      }
      waiting = answer.untried;
    }
    return true;
  }

  #hold(id: string, rule: WireRule): void {
    const stale = this.#stale.get(id);
    this.#stale.delete(id);
    this.#held.set(id, rule);
    this.#count(rule, 1);
    if (stale) this.#count(stale, -1);
  }

  /** Adds as many of a batch as X has room for, which takes nothing of one that does not fit: halves are tried. */
  async #fillUp(batch: readonly WireRule[], signal: AbortSignal): Promise<void> {
    let rest = batch;
    let tooMany = batch.length;
    while (tooMany > 1) {
      const part = rest.slice(0, Math.ceil((tooMany - 1) / 2));
      if (await this.#add(part, signal)) {
        rest = rest.slice(part.length);
        tooMany -= part.length;
      } else tooMany = part.length;
      if (this.#refusals.length > 0) return;
    }
    this.#fullAt = this.#total;
  }

  /**
   * Deletes what nobody wants any more, at most so many; where that makes no room, rules whose queries are then
   * without cover until their new ones are there. Answers whether there is room now.
   */
  async #makeRoom(needed: number, signal: AbortSignal): Promise<boolean> {
    const { cap, events, onUncovered } = this.#options;
    await this.#deleteStale(this.#total - cap + needed, signal);
    const uncovered: string[] = [];
    for (const id of this.#stale.keys()) {
      if (this.#total - uncovered.length < cap) break;
      uncovered.push(id);
    }
    if (this.#total - uncovered.length >= cap) return false;
    if (uncovered.length > 0) {
      const queries = new Set(uncovered.flatMap((id) => this.#stale.get(id)!.queries));
      events.emit("rules_uncovered", { queries: queries.size });
      onUncovered(queries);
      await this.#delete(uncovered, signal);
    }
    return true;
  }

  /** Deletes at most so many of the rules that are to go and cover nothing that only they cover; answers how many. */
  async #deleteStale(most: number, signal: AbortSignal): Promise<number> {
    const ids: string[] = [];
    for (const [id, rule] of this.#stale) {
      if (ids.length >= most) break;
      if (!rule.queries.every((query) => this.#cover.get(query)! > 1)) continue;
      this.#count(rule, -1);
      ids.push(id);
    }
    // They are counted until they are gone.
    for (const id of ids) this.#count(this.#stale.get(id)!, 1);
    await this.#delete(ids, signal);
    return ids.length;
  }

  async #delete(ids: readonly string[], signal: AbortSignal): Promise<void> {
    for (let at = 0; at < ids.length; at += MOST_RULES_PER_CALL) {
      const batch = ids.slice(at, at + MOST_RULES_PER_CALL);
      await this.#options.api.deleteRules(batch, signal);
      for (const id of batch) {
        this.#count(this.#stale.get(id)!, -1);
        this.#stale.delete(id);
      }
      this.#total -= batch.length;
      this.deleted += batch.length;
    }
  }

  #count({ queries }: WireRule, change: 1 | -1): void {
    for (const query of queries) this.#cover.set(query, (this.#cover.get(query) ?? 0) + change);
  }
}
