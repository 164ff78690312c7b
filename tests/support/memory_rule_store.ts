/** Rules in memory, for tests of whatever reads them. Passes `tests/conformance/rule_store.ts`. */

import type { Rule } from "../../src/model/rule.ts";
import type { LoadedRules, RuleFaultNote, RuleStore, RuleWatcher } from "../../src/rules/rule_store.ts";

export class MemoryRuleStore implements RuleStore {
  readonly name = "memory";
  /** How many loads were begun, and how many were under way at once at most. */
  loads = 0;
  mostAtOnce = 0;
  closed = false;
  /** What the next loads throw, if anything. */
  failure: Error | undefined;
  /** What a load waits for before it answers. */
  gate: Promise<void> = Promise.resolve();
  #rules: readonly Rule[] = [];
  #faults: readonly RuleFaultNote[] = [];
  #atOnce = 0;
  readonly #watchers = new Set<RuleWatcher>();

  /** Changes the rules, and tells whoever watches. */
  put(rules: readonly Rule[], faults: readonly RuleFaultNote[] = []): void {
    this.change(rules, faults);
    this.notify("a change");
  }

  /** Changes the rules and tells nobody. */
  change(rules: readonly Rule[], faults: readonly RuleFaultNote[] = []): void {
    this.#rules = rules;
    this.#faults = faults;
  }

  notify(what: string): void {
    for (const watcher of this.#watchers) watcher.onNotice(what);
  }

  lose(reason: string): void {
    for (const watcher of this.#watchers) watcher.onLost(reason);
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  async load(signal: AbortSignal): Promise<LoadedRules> {
    signal.throwIfAborted();
    this.loads += 1;
    this.#atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
    try {
      await this.gate;
      if (this.failure) throw this.failure;
      return { rules: this.#rules, faults: this.#faults };
    } finally {
      this.#atOnce -= 1;
    }
  }

  watch(watcher: RuleWatcher): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  close(): void {
    this.closed = true;
  }
}
