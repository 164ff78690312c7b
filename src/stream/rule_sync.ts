/**
 * Makes X hold the rules that are wanted: the difference between the two (`rule_pack.ts` plans it, `rule_changes.ts`
 * carries it out), added before deleted, without a reconnect.
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
import { RuleChanges } from "./rule_changes.ts";
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
  /** Whether another instance changes X's rules now: what X holds is only looked at. */
  isSecond?: () => boolean;
  /** Whether rules that are not ours are taken for ours, and so deleted where nobody wants them. */
  adopts?: boolean;
  /** Whether X is asked about all new rules before the first change. */
  asksFirst?: boolean;
}

/** Whoever hears of what a synchronisation does while it does it. */
export interface SyncWatch {
  /** X was asked what it holds: these of the wanted queries. Heard again whenever it is asked again. */
  found?(queries: ReadonlySet<WantedQuery>): void;
  /** X is about to be asked for these rules: tweets may come before its answer. */
  planned?(rules: readonly WireRule[]): void;
  /** Nothing at X covers these queries from now on, until it is done. */
  uncovered?(queries: ReadonlySet<WantedQuery>): void;
}

/** What X holds of the wanted rules, after a synchronisation. */
export interface SyncResult {
  /** The wire rules that X holds, by X's id. */
  readonly held: ReadonlyMap<string, WireRule>;
  /** Query to X's words, for queries that X does not take. */
  readonly refused: ReadonlyMap<string, string>;
  /** Queries for which X has no room. */
  readonly unplaced: readonly WantedQuery[];
  /** What was done at X since the last result: tries that failed in the middle are counted as well. */
  readonly added: number;
  readonly deleted: number;
  /** In how many rules X differs from what is wanted, where only a person changes that. */
  readonly drifted?: number;
}

/** What a synchronisation would do. */
export interface RulePreview {
  readonly plan: PackPlan;
  readonly counts: RuleCounts;
  /** All rules at X, and those of them that are not ours. */
  readonly present: readonly XRule[];
  readonly foreign: readonly XRule[];
}

export class RuleSync {
  readonly #options: RuleSyncOptions;
  /** What X refused; asked again only when the rule comes anew. */
  #refused = new Map<string, string>();
  /** The most queries that are to share a rule: fewer once X has taken each of some, but not all together. */
  #mostPerRule = Infinity;
  #toldCap: number | undefined;
  /** How many rules X held when it took no more, and the cap that it told then: as long as it tells the same. */
  #full: { readonly at: number; readonly told: number | undefined } | undefined;
  #toldUnplaced = 0;
  /** Wire rules that X would take, as far as it was asked. */
  readonly #passed = new Set<string>();
  /** What was done since the last time that it came to its end. */
  #done = { added: 0, deleted: 0 };
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
      cap: this.#capOf(counts, present),
      others: totalOf(counts, present) - own.length,
      ruleLength: this.#options.tier.ruleLength,
      mostPerRule: this.#mostPerRule,
    });
    return { plan, counts, present, foreign };
  }

  /**
   * Synchronises once. Throws XFailure when X does not answer as it should; calling again goes on where it ended.
   */
  async synchronise(wanted: WantedQueries, signal: AbortSignal, watch: SyncWatch = {}): Promise<SyncResult> {
    this.#refused = new Map([...this.#refused].filter(([query]) => wanted.byValue.has(query)));
    const isSecond = this.#options.isSecond?.() ?? false;
    // What another one leaves there is no drift.
    if (isSecond) this.#left = undefined;
    let preview = await this.preview(wanted, signal);
    this.#tellDrift(preview, wanted);
    if (this.#options.isManual || isSecond) {
      watch.found?.(queriesAtX(preview.plan));
      // Whoever applies the rules does so when they like.
      watch.planned?.(preview.plan.added);
      return this.#compared(preview, isSecond);
    }
    this.#left = undefined;
    // What X refuses, and where it has less room than it told, changes what shares a rule with what: planned anew.
    for (;; preview = await this.preview(wanted, signal)) {
      watch.found?.(queriesAtX(preview.plan));
      if (this.#options.asksFirst && await this.#findRefusals(preview.plan.added, signal)) continue;
      watch.planned?.(preview.plan.added);
      const changes = this.#changes(preview, watch);
      try {
        await changes.carryOut(signal);
      } finally {
        this.#done.added += changes.added;
        this.#done.deleted += changes.deleted;
      }
      for (const { rule, reason } of changes.refusals) await this.#refuse(rule, reason, signal);
      if (changes.fullAt !== undefined) this.#noteFull(changes.fullAt, preview.counts);
      if (changes.refusals.length === 0 && changes.fullAt === undefined) {
        return this.#settled(preview, changes, wanted);
      }
    }
  }

  #changes({ plan, counts, present }: RulePreview, watch: SyncWatch): RuleChanges {
    const { api, installation, events } = this.#options;
    return new RuleChanges({
      ...{ api, installation, events, plan },
      cap: this.#capOf(counts, present),
      total: totalOf(counts, present),
      onUncovered: (queries) => watch.uncovered?.(queries),
    });
  }

  #settled(
    { counts, foreign, present }: RulePreview,
    changes: RuleChanges,
    wanted: WantedQueries,
  ): SyncResult {
    const { events } = this.#options;
    const { held } = changes;
    const { added, deleted } = this.#done;
    this.#done = { added: 0, deleted: 0 };
    const unplaced = wanted.all.filter((query) => !this.#refused.has(query.value) && !changes.isCovered(query));
    if (unplaced.length > 0 && unplaced.length !== this.#toldUnplaced) {
      const cap = this.#capOf(counts, present);
      events.emit("rules_over_cap", { wanted: wanted.all.length, cap, unplaced: unplaced.length });
    }
    this.#toldUnplaced = unplaced.length;
    if (added + deleted > 0 || present.length === 0) {
      events.emit("rules_synchronised", { added, deleted, held: held.size, foreign: foreign.length });
    }
    this.#left = { ids: new Set(held.keys()), wanted };
    return { held, refused: this.#refused, unplaced, added, deleted };
  }

  /** How many rules X allows: what it tells or else its tier does, unless it was seen to take fewer. */
  #capOf(counts: RuleCounts, present: readonly XRule[]): number {
    const told = counts.capPerProject ?? this.#options.tier.rules;
    if (this.#full === undefined || this.#full.told !== counts.capPerProject) return told;
    return Math.min(told, Math.max(this.#full.at, totalOf(counts, present)));
  }

  #noteFull(at: number, { capPerProject: told }: RuleCounts): void {
    this.#full = { at, told };
    this.#options.events.emit("rule_caps", { perProject: at, held: at });
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
  #tellDrift({ present, foreign }: RulePreview, wanted: WantedQueries): void {
    if (this.#left?.wanted !== wanted) return;
    const { ids } = this.#left;
    const others = new Set(foreign);
    const now = new Set(present.map(({ id }) => id));
    const missing = [...ids].filter((id) => !now.has(id)).length;
    const unknown = present.filter((rule) => !ids.has(rule.id) && !others.has(rule)).length;
    if (missing + unknown > 0) this.#options.events.emit("rules_drifted", { missing, unknown, isRestored: true });
  }

  /** What X holds as it is, with how it differs from what is wanted. */
  #compared({ plan }: RulePreview, isSecond: boolean): SyncResult {
    const missing = plan.added.length;
    const surplus = plan.removed.size;
    if (missing + surplus > 0 && !isSecond) this.#options.events.emit("rules_not_applied", { missing, surplus });
    const held = new Map([...plan.kept, ...[...plan.removed].filter(([, rule]) => rule.queries.length > 0)]);
    return { held, refused: this.#refused, unplaced: plan.unplaced, added: 0, deleted: 0, drifted: missing + surplus };
  }

  /** Asks X about rules without adding them, about each once; answers whether it refuses one. */
  async #findRefusals(rules: readonly WireRule[], signal: AbortSignal): Promise<boolean> {
    const unasked = rules.filter(({ value }) => !this.#passed.has(value));
    let isRefused = false;
    for (let at = 0; at < unasked.length; at += MOST_RULES_PER_CALL) {
      const batch = unasked.slice(at, at + MOST_RULES_PER_CALL);
      const byValue = new Map(batch.map((rule) => [rule.value, rule]));
      const answer = await this.#options.api.addRules(
        batch.map(({ value, hash }) => ({ value, tag: wireTag(this.#options.installation, hash) })),
        signal,
        { isTrial: true },
      );
      for (const { value } of answer.added) this.#passed.add(value);
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
    if (this.#refused.size === known) this.#mostPerRule = Math.ceil(rule.queries.length / 2);
  }

  #setAside(query: WantedQuery, reason: string): void {
    this.#refused.set(query.value, reason);
    this.#options.events.emit("rule_refused", { rule: query.value, reason });
  }
}

/** The wanted queries that something at X covers. */
function queriesAtX({ kept, removed }: PackPlan): Set<WantedQuery> {
  return new Set([...kept.values(), ...removed.values()].flatMap(({ queries }) => queries));
}

/** How many rules X holds, those of the project's other apps included. */
function totalOf(counts: RuleCounts, present: readonly XRule[]): number {
  return Math.max(counts.heldByProject ?? 0, present.length);
}
