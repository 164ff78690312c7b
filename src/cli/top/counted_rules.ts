/** Rates from counts: a collector without Redis tells how often each rule has matched, and two looks make a rate. */

import { TransientError } from "../../base/errors.ts";
import { isObject, type JsonValue } from "../../model/json.ts";
import { statusAt } from "../status_answer.ts";
import type { RuleRow } from "./model.ts";

/** How often a rule has matched since the collector began. */
export interface RuleCount {
  readonly slot: string;
  readonly ruleId: string;
  readonly value: string;
  readonly matches: number;
}

interface Seen {
  readonly matches: number;
  readonly lastAt: number | undefined;
}

/** Remembers the look before. */
export class CountedRules {
  #seen = new Map<string, Seen>();
  #at: number | undefined;

  /** The rules with their rates since the look before; a collector that began anew counts from zero. */
  look(counts: readonly RuleCount[], at: number): RuleRow[] {
    const seconds = this.#at === undefined ? 0 : (at - this.#at) / 1_000;
    const seen = new Map<string, Seen>();
    const rows = counts.map(({ matches, ruleId, slot, value }): RuleRow => {
      const key = `${slot} ${ruleId} ${value}`;
      const before = this.#seen.get(key);
      const more = before === undefined ? 0 : matches >= before.matches ? matches - before.matches : matches;
      const lastAt = more > 0 ? at : before?.lastAt;
      seen.set(key, { matches, lastAt });
      const rate = seconds > 0 ? more / seconds : 0;
      return { key, slot, value, matches: 0, windowMs: 0, total: matches, lastAt, rate };
    });
    this.#seen = seen;
    this.#at = at;
    return rows;
  }
}

/** Asks a collector's `/status` for its counts. Throws TransientError. */
export async function readRuleCounts(url: string): Promise<RuleCount[]> {
  const answer = await statusAt(new URL(url).host);
  if (typeof answer === "string") throw new TransientError(`the collector does not answer: ${answer}`);
  return ruleCountsIn(answer.status);
}

/** The counts in a status; what is none is left out. */
export function ruleCountsIn(status: JsonValue): RuleCount[] {
  const counts = isObject(status) ? status["rule_counts"] : undefined;
  if (!Array.isArray(counts)) return [];
  return counts.flatMap((count): RuleCount[] => {
    if (!isObject(count)) return [];
    const { matches, rule_id: ruleId, slot, value } = count;
    if (typeof slot !== "string" || typeof value !== "string") return [];
    if (typeof matches !== "number" || !(matches >= 0)) return [];
    return [{ slot, value, matches, ruleId: typeof ruleId === "string" ? ruleId : "" }];
  });
}
