/** What a source of rules is for the command line. `extract.ts` makes a command of it. */

import type { Entry } from "../../extract/entry.ts";
import type { RuleType } from "../../model/slot.ts";
import type { Arguments, Flag } from "../arguments.ts";
import type { Given } from "./shared.ts";

/** A source as a command. */
export interface SourceCommand {
  readonly name: string;
  readonly summary: string;
  /** What comes after `traptor rules NAME`. */
  readonly usage: string;
  /** What it reads, for the help. */
  readonly about: string;
  readonly examples: string;
  readonly flags: readonly Flag[];
  /** Settings that matter to this source alone. */
  readonly settings: readonly string[];
  /** The type of rules without one of their own, where the source itself says it. */
  typeOf?(given: Arguments): RuleType | undefined;
  /** What is read, for the history, without secrets. */
  whatOf(given: Arguments): string;
  /** The entries; `watch` hears of the part of the source that is read. Throws UsageError, ExtractError, SettingsError. */
  entries(given: Given, source: { type: RuleType; signal: AbortSignal; watch: Watch }): AsyncIterable<Entry>;
}

/** Hears how much of a source was read, from 0 to 1. */
export type Watch = (part: number) => void;
