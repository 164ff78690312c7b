/**
 * The seam to wherever rules are kept. Every store passes `tests/conformance/rule_store.ts`.
 *
 * - `load` is complete or throws: a TransientError where trying again may help, a RulesFileError where a person must
 *   mend something, the signal's reason when it is aborted. What is wrong with a single rule is a fault beside the
 *   others, which are used. No rules are no fault.
 * - `watch` tells of changes as well as it can, some twice and some not at all; whoever needs to be sure loads again
 *   now and then. It throws nothing.
 * - One `load` at a time. `close` may be called at any time, and twice.
 */

import { SettingsError } from "../base/errors.ts";
import type { Rule } from "../model/rule.ts";

/** What is wrong with one rule, or with a key or a line that was to hold one. */
export interface RuleFaultNote {
  /** Where: a key, or a file and a line. Text from outside. */
  readonly where: string;
  readonly reason: string;
}

export interface LoadedRules {
  /** In an order that is the same for the same rules. */
  readonly rules: readonly Rule[];
  readonly faults: readonly RuleFaultNote[];
}

/** What a store tells while it is watched. */
export interface RuleWatcher {
  /** Something may have changed; `what` is a word for what. */
  onNotice(what: string): void;
  /** Changes are not told any more, until a notice says otherwise. */
  onLost(reason: string): void;
}

export interface RuleStore {
  /** For people: `Redis localhost:6379`, `rules.json`. */
  readonly name: string;
  load(signal: AbortSignal): Promise<LoadedRules>;
  /** Watches until the function that is returned is called. */
  watch(watcher: RuleWatcher): () => void;
  close(): void;
}

/** The rules' file as a whole cannot be used. */
export class RulesFileError extends SettingsError {}
