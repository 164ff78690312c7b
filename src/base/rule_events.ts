/** Events about rules, and where they come from. */

import { counted, kind, seconds } from "./event_kind.ts";

export const RULE_EVENTS = {
  rules_loaded: kind<{ rules: number; source: string; queries: number }>(
    "INFO",
    (f) => `${counted(f.rules, "rule")} from ${f.source}, ${counted(f.queries, "query", "queries")} for X`,
  ),
  rules_waiting: kind<{ source: string; hint: string }>(
    "WARN",
    (f) => `Waiting for rules: there are none in ${f.source}. ${f.hint}`,
  ),
  rules_load_failed: kind<{ source: string; reason: string; kept: number }>(
    "WARN",
    (f) =>
      `Cannot load the rules from ${f.source}: ${f.reason}. ` +
      (f.kept > 0 ? `The last ${counted(f.kept, "rule")} stay in use` : "Trying again"),
    (f) => f.reason,
  ),
  rules_load_recovered: kind<{ source: string }>("INFO", (f) => `The rules can be loaded from ${f.source} again`),
  rules_unwatched: kind<{ source: string; reason: string; pollMs: number }>(
    "WARN",
    (f) =>
      `Changes of the rules in ${f.source} are not noticed at once: ${f.reason}. ` +
      `They are looked for every ${seconds(f.pollMs)}`,
  ),
  rule_unusable: kind<{ where: string; reason: string }>(
    "WARN",
    (f) => `A rule in ${f.where} cannot be used: ${f.reason}`,
  ),
  rules_unusable_too: kind<{ source: string; more: number }>(
    "WARN",
    (f) => `${counted(f.more, "more rule")} in ${f.source} cannot be used`,
  ),
  rule_notice: kind<{ slot: string }>("DEBUG", (f) => `Notice: the rules of ${f.slot} may have changed`),
  rule_refused: kind<{ rule: string; reason: string }>(
    "ERROR",
    (f) => `X refused the rule ${f.rule}: ${f.reason}. The other rules go on`,
  ),
  rules_synchronised: kind<{ added: number; deleted: number; held: number; foreign: number }>(
    "INFO",
    (f) =>
      `Rules at X: ${f.added} added, ${f.deleted} deleted, ${f.held} held` +
      (f.foreign > 0 ? `, ${f.foreign} of somebody else left alone` : ""),
  ),
  rule_sync_failed: kind<{ reason: string; waitMs: number }>(
    "WARN",
    (f) => `Cannot synchronise the rules with X: ${f.reason}. Next try in ${seconds(f.waitMs)}`,
  ),
  rule_caps: kind<{ perProject: number; held: number }>(
    "INFO",
    (f) => `X allows this project ${counted(f.perProject, "rule")}, ${f.held} are there`,
  ),
  rule_caps_unknown: kind<{ reason: string }>(
    "WARN",
    (f) => `X does not say how many rules it allows: ${f.reason}`,
    () => "",
  ),
  rules_over_cap: kind<{ wanted: number; cap: number; unplaced: number }>(
    "ERROR",
    (f) =>
      `X allows ${counted(f.cap, "rule")}, too few for the ${f.wanted} queries of our rules even where several share ` +
      `one: ${f.unplaced} ${f.unplaced === 1 ? "is" : "are"} not collected`,
  ),
  rules_uncovered: kind<{ queries: number }>(
    "WARN",
    (f) =>
      `X has no room to add rules before deleting others: ${counted(f.queries, "query", "queries")} ` +
      `${f.queries === 1 ? "is" : "are"} not collected for a moment`,
  ),
  rules_missing: kind("WARN", () => "X holds none of our rules: nothing is collected until it does"),
  rules_drifted: kind<{ missing: number; unknown: number; isRestored: boolean }>(
    "WARN",
    (f) =>
      `X does not hold what it was left with: ${counted(f.missing, "rule")} of ours missing, ` +
      `${f.unknown} more than before${f.isRestored ? ". They are put right" : ""}`,
  ),
  rules_not_applied: kind<{ missing: number; surplus: number }>(
    "WARN",
    (f) =>
      `The rules at X are not what is wanted: ${f.missing} to add, ${f.surplus} to delete. RULES_APPLY is manual: ` +
      "`traptor rules plan` shows them, `traptor rules apply` makes it so",
    (f) => `${f.missing} ${f.surplus}`,
  ),
  rules_note_failed: kind<{ reason: string }>(
    "WARN",
    (f) => `Cannot leave word in Redis of what was done with the rules at X: ${f.reason}. Trying again`,
    () => "",
  ),
  rule_store_lost: kind<{ reason: string; waitMs: number }>(
    "WARN",
    (f) => `Redis cannot be reached: ${f.reason}. Next try in ${seconds(f.waitMs)}`,
  ),
  rules_kept_used: kind<{ source: string; rules: number }>(
    "WARN",
    (f) =>
      `${f.source} does not answer: the ${
        counted(f.rules, "rule")
      } that the last traptor found there are used until it does`,
  ),
  statistics_unwritten: kind<{ reason: string }>(
    "WARN",
    (f) => `Cannot write the statistics by rule to Redis: ${f.reason}. Counting goes on. Trying again`,
    () => "",
  ),
  heartbeat_failed: kind<{ reason: string }>("WARN", (f) => `Cannot write the heartbeat: ${f.reason}`, () => ""),
} as const;
