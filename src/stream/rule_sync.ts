/**
 * Makes X hold the rules that are wanted: the difference between the two, added before deleted, without a reconnect.
 * Only rules of this installation are ever deleted; a wanted rule that somebody else has put there serves as it is and
 * is left alone. A rule that X refuses is set aside and does not hold up the others, not even those it shares a wire
 * rule with.
 *
 * It promises: a query that X held and that is still wanted is held at every moment, unless X has no room at all to
 * add before deleting, which is told as a gap of that query. Whatever ends it in the middle, calling again goes on.
 *
 * Source: docs.x.com, Filtered stream: Rules; the behaviour of batches with invalid rules is PowerTrack's documented
 * one: none of the batch is added, so the valid ones are sent again.
 */

import type { Events } from "../base/events.ts";
import {
  hashOfTag,
  type WantedQueries,
  type WantedQuery,
  type WireRule,
  wireRuleOf,
  wireTag,
} from "../model/wire_rules.ts";
import { type PackPlan, planWireRules } from "./rule_pack.ts";
import { MOST_RULES_PER_CALL, type RuleCounts, type XApi, type XRule } from "./x_api.ts";
import { XFailure } from "./x_failure.ts";

export interface RuleSyncOptions {
  api: XApi;
  installation: string;
  events: Events;
  /** What X's tier allows where X does not tell. */
  tier: { readonly rules: number; readonly ruleLength: number };
  /** Whether X's rules are changed, or only compared. */
  isManual?: boolean;
  /** Whether rules that are not ours are taken for ours, and so deleted where nobody wants them. */
  adopts?: boolean;
  /** Whether X is asked about all new rules before the first change. */
  asksFirst?: boolean;
}

/** What X holds of the wanted rules, after a synchronisation. */
export interface SyncResult {
  /** The wire rules that X holds, by X's id. */
  readonly held: ReadonlyMap<string, WireRule>;
  /** Query to X's words, for queries that X does not take. */
  readonly refused: ReadonlyMap<string, string>;
  /** Queries for which X has no room. */
  readonly unplaced: readonly WantedQuery[];
  readonly added: number;
  readonly deleted: number;
}

/** What a synchronisation would do. */
export interface RulePreview {
  readonly plan: PackPlan;
  readonly counts: RuleCounts;
  /** All rules at X, and those of them that are not ours. */
  readonly present: readonly XRule[];
  readonly foreign: readonly XRule[];
}

/** What is known of X while it is being changed. */
interface Progress {
  readonly held: Map<string, WireRule>;
  /** Rules that are to go, and what they cover until then. */
  readonly stale: Map<string, WireRule>;
  /** How often each query is held. */
  readonly cover: Map<WantedQuery, number>;
  total: number;
  added: number;
  deleted: number;
}

export class RuleSync {
  readonly #options: RuleSyncOptions;
  /** What X refused; asked again only when the rule comes anew. */
  #refused = new Map<string, string>();
  #mostPerRule = Infinity;
  #toldCap: number | undefined;
  #toldUnplaced = 0;
  /** The ids that X held for us after the last time, and the queries that were wanted then. */
  #left: { ids: ReadonlySet<string>; wanted: WantedQueries } | undefined;

  constructor(options: RuleSyncOptions) {
    this.#options = options;
  }

  /** Says what `synchronise` would do, without doing it. Throws XFailure. */
  async preview(wanted: WantedQueries, signal: AbortSignal): Promise<RulePreview> {
    const { api, adopts, installation } = this.#options;
    const present = await api.rules(signal);
    const counts = await this.#counts(signal);
    const isOurs = (rule: XRule) => adopts || hashOfTag(rule.tag, installation) !== undefined;
    const own = present.filter(isOurs);
    const foreign = present.filter((rule) => !isOurs(rule));
    const plan = planWireRules({
      wanted,
      refused: new Set(this.#refused.keys()),
      own,
      foreign,
      cap: counts.capPerProject ?? this.#options.tier.rules,
      others: Math.max(counts.heldByProject ?? 0, present.length) - own.length,
      ruleLength: this.#options.tier.ruleLength,
      mostPerRule: this.#mostPerRule,
    });
    return { plan, counts, present, foreign };
  }

  /**
   * Synchronises once. `onPlanned` hears of the rules before X is asked for them: tweets may come before its answer.
   * Throws XFailure when X does not answer as it should; calling again goes on where it ended.
   */
  async synchronise(
    wanted: WantedQueries,
    signal: AbortSignal,
    onPlanned: (rules: readonly WireRule[]) => void = () => {},
  ): Promise<SyncResult> {
    this.#refused = new Map([...this.#refused].filter(([query]) => wanted.byValue.has(query)));
    let added = 0;
    let deleted = 0;
    while (true) {
      const preview = await this.preview(wanted, signal);
      this.#tellDrift(preview, wanted);
      if (this.#options.isManual) return this.#compared(preview);
      if (this.#options.asksFirst && await this.#findRefusals(preview.plan.added, signal)) continue;
      onPlanned(preview.plan.added);
      const { progress, isSettled } = await this.#carryOut(preview, signal);
      added += progress.added;
      deleted += progress.deleted;
      // A refusal changes what shares a rule with what: the others are planned anew.
      if (!isSettled) continue;
      return this.#settled(preview, progress, { added, deleted }, wanted);
    }
  }

  #settled(
    { counts, foreign, present }: RulePreview,
    { held, cover }: Progress,
    { added, deleted }: { added: number; deleted: number },
    wanted: WantedQueries,
  ): SyncResult {
    const { events, tier } = this.#options;
    const unplaced = wanted.all.filter((query) => !this.#refused.has(query.value) && !cover.get(query));
    if (unplaced.length > 0 && unplaced.length !== this.#toldUnplaced) {
      events.emit("rules_over_cap", {
        wanted: wanted.all.length,
        cap: counts.capPerProject ?? tier.rules,
        unplaced: unplaced.length,
      });
    }
    this.#toldUnplaced = unplaced.length;
    if (added + deleted > 0 || present.length === 0) {
      events.emit("rules_synchronised", { added, deleted, held: held.size, foreign: foreign.length });
    }
    this.#left = { ids: new Set(held.keys()), wanted };
    return { held, refused: this.#refused, unplaced, added, deleted };
  }

  /** X's caps, told once when they change; unknown where X does not offer them to this app. */
  async #counts(signal: AbortSignal): Promise<RuleCounts> {
    const { api, events } = this.#options;
    try {
      const counts = await api.ruleCounts(signal);
      if (counts.capPerProject !== undefined && counts.capPerProject !== this.#toldCap) {
        this.#toldCap = counts.capPerProject;
        events.emit("rule_caps", { perProject: counts.capPerProject, held: counts.heldByProject ?? 0 });
      }
      return counts;
    } catch (error) {
      if (!(error instanceof XFailure) || error.mayHeal) throw error;
      events.emit("rule_caps_unknown", { reason: error.message });
      return { capPerProject: undefined, heldByProject: undefined };
    }
  }

  /** Tells when X holds other rules than it was left with, though nothing else was wanted. */
  #tellDrift({ plan, present }: RulePreview, wanted: WantedQueries): void {
    if (this.#left?.wanted !== wanted) return;
    const ids = new Set(present.map(({ id }) => id));
    const missing = [...this.#left.ids].filter((id) => !ids.has(id)).length;
    if (missing === 0 && plan.removed.size === 0) return;
    const isRestored = !this.#options.isManual;
    this.#options.events.emit("rules_drifted", { missing, unknown: plan.removed.size, isRestored });
    this.#left = undefined;
  }

  /** What X holds as it is, with how it differs from what is wanted. */
  #compared({ plan }: RulePreview): SyncResult {
    const missing = plan.added.length;
    const surplus = plan.removed.size;
    if (missing + surplus > 0) this.#options.events.emit("rules_not_applied", { missing, surplus });
    const held = new Map([...plan.kept, ...[...plan.removed].filter(([, rule]) => rule.queries.length > 0)]);
    return { held, refused: this.#refused, unplaced: plan.unplaced, added: 0, deleted: 0 };
  }

  /** Adds and deletes; not settled when X refused something, after which another plan is needed. */
  async #carryOut(
    { plan, counts, present }: RulePreview,
    signal: AbortSignal,
  ): Promise<{ progress: Progress; isSettled: boolean }> {
    const progress: Progress = {
      held: new Map(plan.kept),
      stale: new Map(plan.removed),
      cover: new Map(),
      total: Math.max(counts.heldByProject ?? 0, present.length),
      added: 0,
      deleted: 0,
    };
    for (const rule of [...plan.kept.values(), ...plan.removed.values()]) count(progress.cover, rule, 1);
    const cap = counts.capPerProject ?? this.#options.tier.rules;
    let waiting = [...plan.added];
    while (waiting.length > 0) {
      const room = cap - progress.total;
      if (room <= 0 && !await this.#makeRoom(progress, waiting.length, signal)) break;
      const batch = waiting.slice(0, Math.min(MOST_RULES_PER_CALL, Math.max(cap - progress.total, 1)));
      const outcome = await this.#add(batch, progress, signal);
      if (outcome === "refused") return { progress, isSettled: false };
      if (outcome === "no_room" && !await this.#makeRoom(progress, batch.length, signal)) {
        // X has less room than it told. It takes nothing of a batch that does not fit: one by one uses what there is.
        if (batch.length > 1 && await this.#addSingly(batch, progress, signal)) return { progress, isSettled: false };
        break;
      }
      if (outcome === "taken") waiting = waiting.slice(batch.length);
    }
    await this.#deleteStale(progress, Infinity, signal);
    return { progress, isSettled: true };
  }

  /** Adds as many of a batch as X has room for; answers whether it refused one. */
  async #addSingly(batch: readonly WireRule[], progress: Progress, signal: AbortSignal): Promise<boolean> {
    for (const rule of batch) {
      const outcome = await this.#add([rule], progress, signal);
      if (outcome !== "taken") return outcome === "refused";
    }
    return false;
  }

  /** Adds a batch in one call, or what is left of it in more. */
  async #add(
    batch: readonly WireRule[],
    progress: Progress,
    signal: AbortSignal,
  ): Promise<"taken" | "refused" | "no_room"> {
    const { api, installation } = this.#options;
    const byValue = new Map(batch.map((rule) => [rule.value, rule]));
    const byTag = new Map(batch.map((rule) => [wireTag(installation, rule.hash), rule]));
    let waiting = batch.map(({ value, hash }) => ({ value, tag: wireTag(installation, hash) }));
    let isRefused = false;
    while (waiting.length > 0) {
      const answer = await api.addRules(waiting, signal);
      if (answer.capReached) return "no_room";
      for (const { id, value, tag } of answer.added) {
        const rule = byTag.get(tag) ?? byValue.get(value);
        if (rule && !progress.held.has(id)) {
          progress.held.set(id, rule);
          count(progress.cover, rule, 1);
          progress.added += 1;
          progress.total += 1;
        }
      }
      for (const { id, value } of answer.existing) {
        const rule = byValue.get(value);
        if (!rule || progress.held.has(id)) continue;
        // Somebody was faster: it serves as it is.
        progress.held.set(id, rule);
        if (!progress.stale.delete(id)) count(progress.cover, rule, 1);
      }
      for (const { value, reason } of answer.refused) {
        const rule = byValue.get(value);
        if (!rule) continue;
        isRefused = true;
        await this.#refuse(rule, reason, signal);
      }
      waiting = [...answer.untried];
    }
    return isRefused ? "refused" : "taken";
  }

  /** Asks X about rules without adding them; answers whether it refuses one. */
  async #findRefusals(rules: readonly WireRule[], signal: AbortSignal): Promise<boolean> {
    let isRefused = false;
    for (let at = 0; at < rules.length; at += MOST_RULES_PER_CALL) {
      const batch = rules.slice(at, at + MOST_RULES_PER_CALL);
      const byValue = new Map(batch.map((rule) => [rule.value, rule]));
      const answer = await this.#options.api.addRules(
        batch.map(({ value, hash }) => ({ value, tag: wireTag(this.#options.installation, hash) })),
        signal,
        { isTrial: true },
      );
      for (const { value, reason } of answer.refused) {
        const rule = byValue.get(value);
        if (!rule) continue;
        isRefused = true;
        await this.#refuse(rule, reason, signal);
      }
    }
    return isRefused;
  }

  /** Sets aside what X refused: of a rule that several queries share, those that it refuses by themselves. */
  async #refuse(rule: WireRule, reason: string, signal: AbortSignal): Promise<void> {
    const [only, ...others] = rule.queries;
    if (!only) return;
    if (others.length === 0) {
      this.#setAside(only, reason);
      return;
    }
    const known = this.#refused.size;
    await this.#findRefusals(rule.queries.map((query) => wireRuleOf([query])), signal);
    // X takes each but not all together: fewer are to share a rule.
    if (this.#refused.size === known) this.#mostPerRule = Math.max(Math.floor(rule.queries.length / 2), 1);
  }

  #setAside(query: WantedQuery, reason: string): void {
    this.#refused.set(query.value, reason);
    this.#options.events.emit("rule_refused", { rule: query.value, reason });
  }

  /**
   * Deletes what nobody wants any more, at most so many; where that makes no room, one rule whose queries are then
   * without cover until their new one is there. Answers whether there is room now.
   */
  async #makeRoom(progress: Progress, needed: number, signal: AbortSignal): Promise<boolean> {
    if (await this.#deleteStale(progress, needed, signal) > 0) return true;
    const [id] = progress.stale.keys();
    if (id === undefined) return false;
    const queries = progress.stale.get(id)!.queries;
    this.#options.events.emit("rules_uncovered", { queries: queries.length });
    await this.#delete([id], progress, signal);
    return true;
  }

  /** Deletes rules that are not wanted and cover nothing that only they cover; answers how many. */
  async #deleteStale(progress: Progress, most: number, signal: AbortSignal): Promise<number> {
    const ids: string[] = [];
    for (const [id, rule] of progress.stale) {
      if (ids.length >= most) break;
      if (!rule.queries.every((query) => progress.cover.get(query)! > 1)) continue;
      count(progress.cover, rule, -1);
      ids.push(id);
    }
    for (const id of ids) {
      count(progress.cover, progress.stale.get(id)!, 1);
    }
    for (let at = 0; at < ids.length; at += MOST_RULES_PER_CALL) {
      await this.#delete(ids.slice(at, at + MOST_RULES_PER_CALL), progress, signal);
    }
    return ids.length;
  }

  async #delete(ids: readonly string[], progress: Progress, signal: AbortSignal): Promise<void> {
    await this.#options.api.deleteRules(ids, signal);
    for (const id of ids) {
      count(progress.cover, progress.stale.get(id)!, -1);
      progress.stale.delete(id);
      progress.total -= 1;
      progress.deleted += 1;
    }
  }
}

function count(cover: Map<WantedQuery, number>, rule: WireRule, change: 1 | -1): void {
  for (const query of rule.queries) cover.set(query, (cover.get(query) ?? 0) + change);
}
