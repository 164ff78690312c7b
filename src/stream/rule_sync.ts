/**
 * Makes X hold the rules that are wanted: the difference between the two, added before deleted, without a reconnect.
 * Only rules of this installation are ever deleted; a wanted rule that somebody else has put there is adopted for
 * matching and left alone. A rule that X refuses is told once and does not hold up the others.
 *
 * Source: docs.x.com, Filtered stream: Rules; the behaviour of batches with invalid rules is PowerTrack's documented
 * one: none of the batch is added, so the valid ones are sent again.
 */

import type { Events } from "../base/events.ts";
import { hashOfTag, type WireRule, type WireRules, wireTag } from "../model/wire_rules.ts";
import { MOST_RULES_PER_CALL, type RuleCounts, type XApi, type XRule } from "./x_api.ts";
import { XFailure } from "./x_failure.ts";

export interface RuleSyncOptions {
  api: XApi;
  installation: string;
  events: Events;
}

/** What X holds of the wanted rules, after a synchronisation. */
export interface SyncResult {
  /** X's rule id to the hash of our wire rule. */
  readonly held: ReadonlyMap<string, string>;
  /** Hash of a wire rule to X's words, for rules that X does not take. */
  readonly refused: ReadonlyMap<string, string>;
}

export class RuleSync {
  readonly #options: RuleSyncOptions;
  /** What X refused; asked again only when the rule comes anew. */
  #refused = new Map<string, string>();
  #toldCap: number | undefined;

  constructor(options: RuleSyncOptions) {
    this.#options = options;
  }

  /** Synchronises once. Throws XFailure when X does not answer as it should; calling again goes on where it ended. */
  async synchronise(wanted: WireRules, signal: AbortSignal): Promise<SyncResult> {
    const { api, events } = this.#options;
    const present = await api.rules(signal);
    const counts = await this.#counts(signal);
    const cap = counts.capPerProject ?? Infinity;
    const { held, unwanted, foreign } = this.#sort(present, wanted);
    this.#forgetRefusals(wanted);

    const heldHashes = new Set(held.values());
    const missing = wanted.all.filter((rule) => !heldHashes.has(rule.hash) && !this.#refused.has(rule.hash));
    const others = Math.max(counts.heldByProject ?? 0, present.length) - held.size - unwanted.length;
    const room = Math.max(cap - others - held.size, 0);
    const add = missing.slice(0, room);
    if (add.length < missing.length) events.emit("rules_over_cap", { wanted: wanted.all.length, cap });

    // Where there is no room for adding first, just enough of what nobody wants any more makes it.
    const early = unwanted.splice(0, Math.max(add.length - (room - unwanted.length), 0));
    await this.#delete(early, signal);
    const added = await this.#add(add, held, signal);
    await this.#delete(unwanted, signal);

    const deleted = early.length + unwanted.length;
    if (added + deleted > 0 || present.length === 0) {
      events.emit("rules_synchronised", { added, deleted, held: held.size, foreign });
    }
    return { held, refused: this.#refused };
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

  /** Sorts what X holds into rules that we want, rules of ours that we do not want, and rules of others. */
  #sort(present: readonly XRule[], wanted: WireRules) {
    const held = new Map<string, string>();
    const unwanted: string[] = [];
    let foreign = 0;
    for (const rule of present) {
      const ownHash = hashOfTag(rule.tag, this.#options.installation);
      const wire = ownHash === undefined ? wanted.byValue.get(rule.value) : wanted.byHash.get(ownHash);
      if (wire) held.set(rule.id, wire.hash);
      else if (ownHash !== undefined) unwanted.push(rule.id);
      if (ownHash === undefined) foreign += 1;
    }
    return { held, unwanted, foreign };
  }

  #forgetRefusals(wanted: WireRules): void {
    this.#refused = new Map([...this.#refused].filter(([hash]) => wanted.byHash.has(hash)));
  }

  /** Adds rules in calls of bounded size; answers how many X took. Fills `held`. */
  async #add(rules: readonly WireRule[], held: Map<string, string>, signal: AbortSignal): Promise<number> {
    const { api, installation, events } = this.#options;
    const byTag = new Map(rules.map((rule) => [wireTag(installation, rule.hash), rule]));
    const byValue = new Map(rules.map((rule) => [rule.value, rule]));
    let waiting = rules.map((rule) => ({ value: rule.value, tag: wireTag(installation, rule.hash) }));
    let batchSize = MOST_RULES_PER_CALL;
    let taken = 0;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, batchSize);
      const answer = await api.addRules(batch, signal);
      if (answer.capReached) {
        // X had less room than it told. It takes nothing of a batch that does not fit: smaller ones use what there is.
        if (batch.length > 1) {
          batchSize = Math.ceil(batch.length / 2);
          continue;
        }
        events.emit("rules_over_cap", { wanted: held.size + waiting.length, cap: held.size });
        break;
      }
      for (const rule of answer.added) {
        const wire = byTag.get(rule.tag) ?? byValue.get(rule.value);
        if (wire) held.set(rule.id, wire.hash);
      }
      for (const rule of answer.existing) {
        const wire = byValue.get(rule.value);
        if (wire) held.set(rule.id, wire.hash);
      }
      for (const refusal of answer.refused) this.#refuse(byValue.get(refusal.value), refusal.reason);
      taken += answer.added.length;
      waiting = [...answer.untried, ...waiting.slice(batch.length)];
    }
    return taken;
  }

  #refuse(rule: WireRule | undefined, reason: string): void {
    if (!rule) return;
    this.#refused.set(rule.hash, reason);
    this.#options.events.emit("rule_refused", { rule: rule.value, reason });
  }

  async #delete(ids: readonly string[], signal: AbortSignal): Promise<void> {
    for (let at = 0; at < ids.length; at += MOST_RULES_PER_CALL) {
      await this.#options.api.deleteRules(ids.slice(at, at + MOST_RULES_PER_CALL), signal);
    }
  }
}
