/** The gaps of a journal for the fleet, with their sets of rules, each of which is told once. */

import type { Clock } from "../base/clock.ts";
import type { GapMirror } from "../fleet/gap_mirror.ts";
import type { Journal } from "../journal/journal.ts";
import { gapsSince, isOver, rulesOfSet } from "../journal/mirror_rows.ts";
import { toldGap } from "./told_journal.ts";

export interface ToldGapsOptions {
  readonly mirror: GapMirror;
  readonly journal: Journal;
  readonly host: string;
  readonly clock: Clock;
}

export class ToldGaps {
  readonly #options: ToldGapsOptions;
  /** The names of sets of rules by their numbers in the journal; empty where a damaged file has lost the set. */
  readonly #names = new Map<number, string>();

  constructor(options: ToldGapsOptions) {
    this.#options = options;
  }

  /** The gaps since a moment by their numbers; what they name is in Redis before. Throws what Redis and the disk say. */
  async since(since: number, inRedis: (at: number) => number): Promise<Map<string, string>> {
    const { host, journal } = this.#options;
    const gaps = journal.use((database) => gapsSince(database, since));
    const told = new Map<string, string>();
    for (const gap of gaps) {
      const rules = isOver(gap.state) ? "" : await this.#tellRules(gap.rule_set);
      told.set(String(gap.number), JSON.stringify(toldGap(gap, { host, inRedis, rules })));
    }
    return told;
  }

  /** Answers with the name of the set. */
  async #tellRules(ruleSet: number): Promise<string> {
    const { clock, mirror } = this.#options;
    const known = this.#names.get(ruleSet);
    if (known !== undefined && (known === "" || !mirror.lacksRules(known, clock.monotonic()))) return known;
    const text = this.#textOf(ruleSet);
    const name = text === undefined ? "" : await nameOf(text);
    this.#names.set(ruleSet, name);
    if (text !== undefined && mirror.lacksRules(name, clock.monotonic())) {
      await mirror.writeRules(name, text, clock.monotonic());
    }
    return name;
  }

  /** The same for all instances that have these rules, whatever their numbers are. */
  #textOf(ruleSet: number): string | undefined {
    const rules = this.#options.journal.use((database) => rulesOfSet(database, ruleSet));
    const rows = rules?.map(({ rule_id, slot, tag, value }) => JSON.stringify({ slot, rule_id, value, tag }));
    return rows && `[${rows.sort().join(",")}]`;
  }
}

async function nameOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex().slice(0, 32);
}
