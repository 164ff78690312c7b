/** `traptor rules list`: the rules that are stored, and which of them X refuses. */

import { shown } from "../../model/outside_text.ts";
import { collectionRule, type Rule } from "../../model/rule.ts";
import { slotName } from "../../model/slot.ts";
import { refusePositionals } from "../arguments.ts";
import type { Command } from "../command.ts";
import { counted } from "../figures.ts";
import { table, writeError, writeOutput } from "../terminal.ts";
import {
  flagsHelp,
  type Given,
  JSON_FLAG,
  loadRules,
  noteOnRefusal,
  PLACE_SETTINGS,
  readGiven,
  selectionOf,
  withRedis,
} from "./shared.ts";

const NOTHING_STORED = "No rules are stored there: `traptor rules --help` says how to store some\n";

export const list: Command = {
  name: "list",
  summary: "show the rules that are stored, and which of them X refuses",
  help: () =>
    `traptor rules list [--type TYPE] [--id N] [--json]

Shows the rules of all slots, or of those of a type or a number. A rule that X has refused shows X's words.

${flagsHelp([JSON_FLAG], PLACE_SETTINGS)}
Examples:
  traptor rules list
  traptor rules list --type follow --id 0-3
  traptor rules list --json | jq -r .value
`,
  async run(args) {
    const given = await readGiven("list", args, [JSON_FLAG]);
    refusePositionals("rules list", given.given);
    const { rules, faults } = await loadRules(given.loaded, selectionOf(given.loaded));
    const refused = await refusedOf(given);
    const isJson = given.given.switches.has("json");
    if (isJson) {
      for (const rule of rules) {
        const reason = refused(rule);
        writeOutput(
          `${JSON.stringify({ ...ownMembers(rule), ...(reason === undefined ? {} : { refused: reason }) })}\n`,
        );
      }
    } else {
      const rows = rules.map((rule) => {
        const reason = refused(rule);
        const words = reason === undefined ? "" : `refused by X: ${shown(reason, 120)}`;
        return [slotName(rule.slot), rule.ruleId, shown(rule.value, 70), shown(rule.tag ?? "", 40), words].map(oneLine);
      });
      if (rows.length > 0) writeOutput(table([["slot", "id", "rule", "tag", ""], ...rows]));
    }
    for (const { where, reason } of faults) writeError(`Not used: ${shown(where)}: ${shown(reason)}\n`);
    if (!isJson) writeError(rules.length === 0 ? NOTHING_STORED : `${counted(rules.length, "rule")}\n`);
    return 0;
  },
};

/** The members of a rule, each once. */
export function ownMembers(rule: Rule): Record<string, unknown> {
  const { rule_tag: _tag, rule_value: _value, ...members } = collectionRule(rule);
  return members;
}

function oneLine(cell: string): string {
  return cell.trim();
}

async function refusedOf({ loaded }: Given): Promise<(rule: Rule) => string | undefined> {
  if (loaded.settings.rules.kind === "file") return () => undefined;
  return await withRedis(loaded, "Cannot read the rules that X refused", noteOnRefusal);
}
