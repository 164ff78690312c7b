/** Rules that are given once and never change: the example rules of a simulation. */

import type { LoadedRules, RuleStore } from "./rule_store.ts";

export class FixedRuleStore implements RuleStore {
  readonly name: string;
  readonly #loaded: LoadedRules;

  constructor(name: string, loaded: LoadedRules) {
    this.name = name;
    this.#loaded = loaded;
  }

  load(): Promise<LoadedRules> {
    return Promise.resolve(this.#loaded);
  }

  watch(): () => void {
    return () => {};
  }

  close(): void {}
}
