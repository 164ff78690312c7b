/**
 * Makes a fake X hold rules, by their queries, or fails to, as a test likes.
 *
 * @module
 */
import type { Rule } from "../../src/model/rule.ts";
import { type WantedQueries, type WireRule, wireRuleOf } from "../../src/model/wire_rules.ts";
import type { SyncResult, SyncWatch } from "../../src/stream/rule_sync.ts";
import type { XFailure } from "../../src/stream/x_failure.ts";

export class RuleKeeperFake {
  readonly atX = new Set<string>();
  /** Queries that X refuses, and how many it has room for. */
  refused = new Set<string>();
  room = Infinity;
  isManual = false;
  /** What X answers instead. */
  failure: XFailure | undefined;
  /** What happens while it is at work. */
  during: ((watch: SyncWatch, wanted: WantedQueries) => Promise<void> | void) | undefined;

  async synchronise(wanted: WantedQueries, _signal: AbortSignal, watch: SyncWatch): Promise<SyncResult> {
    if (this.failure) throw this.failure;
    watch.found?.(new Set(wanted.all.filter(({ value }) => this.atX.has(value))));
    await this.during?.(watch, wanted);
    const refused = wanted.all.filter(({ value }) => this.refused.has(value));
    const taken = wanted.all.filter(({ value }) => !this.refused.has(value));
    const unplaced = taken.slice(this.room);
    if (!this.isManual) {
      this.atX.clear();
      for (const { value } of taken.slice(0, this.room)) this.atX.add(value);
    }
    const held = taken.filter(({ value }) => this.atX.has(value));
    return {
      held: new Map(held.map((query): [string, WireRule] => [query.value, wireRuleOf([query])])),
      refused: new Map(refused.map(({ value }) => [value, "no"])),
      unplaced,
      ...{ added: 0, deleted: 0 },
    };
  }
}

/** A place where a test puts rules. */
export class RuleSourceFake {
  readonly name = "a test";
  /** These are wanted from now on; nothing happens before somebody listens. */
  give: (rules: readonly Rule[]) => void = () => {};

  run(_signal: AbortSignal, onRules: (rules: readonly Rule[]) => void): Promise<void> {
    this.give = onRules;
    return Promise.resolve();
  }
}
