/**
 * Rules in a file, in one of the forms of `rules_text.ts`. Rules may name their own `type` and slot `id`; those that do
 * not have the default's.
 *
 * It promises that a file which cannot be used as a whole, or is still being written, replaces nothing. An empty file
 * is no fault: it holds no rules.
 */

import type { Clock } from "../base/clock.ts";
import type { Slot } from "../model/slot.ts";
import { readSettledText } from "./file_text.ts";
import { watchFile } from "./file_watch.ts";
import { readRulesText } from "./rules_text.ts";
import type { LoadedRules, RuleStore, RuleWatcher } from "./rule_store.ts";

export interface FileRuleStoreOptions {
  path: string;
  /** The slot of rules that name none. */
  slot: Slot;
  clock: Clock;
}

export class FileRuleStore implements RuleStore {
  readonly name: string;
  readonly #slot: Slot;
  readonly #clock: Clock;

  constructor({ path, slot, clock }: FileRuleStoreOptions) {
    this.name = path;
    this.#slot = slot;
    this.#clock = clock;
  }

  async load(signal: AbortSignal): Promise<LoadedRules> {
    return readRulesText(await readSettledText(this.name, this.#clock, signal), this.name, this.#slot);
  }

  watch({ onNotice, onLost }: RuleWatcher): () => void {
    return watchFile(this.name, this.#clock, { onChange: () => onNotice(this.name), onLost });
  }

  close(): void {}
}
