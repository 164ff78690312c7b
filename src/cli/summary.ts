/** The summary at the end of `--test`: how many tweets each rule brought. */

import { shown } from "../model/outside_text.ts";
import type { RuleCount } from "../observe/counters.ts";
import { table } from "./terminal.ts";

/** How many rules are listed. */
const MOST_RULES = 20;

/** The summary as text. A tweet that matched two rules counts for both. */
export function summaryOf(accepted: number, matches: readonly RuleCount[]): string {
  const head = `\n${accepted} ${accepted === 1 ? "tweet" : "tweets"}`;
  if (matches.length === 0) return `${head}\n`;
  const rows = matches.slice(0, MOST_RULES).map((rule) => [
    `  ${String(rule.matches).padStart(6)}`,
    rule.slot,
    shown(rule.value, 60),
    rule.tag === null ? "" : shown(rule.tag, 40),
  ]);
  const more = matches.length > MOST_RULES ? `  and ${matches.length - MOST_RULES} more rules\n` : "";
  return `${head}, by rule:\n${table([["  tweets", "slot", "rule", "tag"], ...rows])}${more}`;
}
