/** `traptor rules lint`: what is wrong with rules, before X is asked. */

import { ExitCode, UsageError } from "../../base/errors.ts";
import { tierOf, translationOf } from "../../collector/assemble.ts";
import { openInput, wholeText } from "../../extract/input.ts";
import { shown } from "../../model/outside_text.ts";
import { slotName } from "../../model/slot.ts";
import { lintRules } from "../../rules/rule_lint.ts";
import { lintText } from "./lint_text.ts";
import type { LoadedRules } from "../../rules/rule_store.ts";
import { readRulesText } from "../../rules/rules_text.ts";
import type { Command } from "../command.ts";
import { counted } from "../figures.ts";
import { writeError, writeOutput } from "../terminal.ts";
import {
  firstSlot,
  flagsHelp,
  type Given,
  JSON_FLAG,
  loadRules,
  PLACE_SETTINGS,
  readGiven,
  selectionOf,
} from "./shared.ts";

const SETTINGS = [...PLACE_SETTINGS, "x-tier", "x-rule-length", "follow-scope", "geo-max-tiles"];

export const lint: Command = {
  name: "lint",
  summary: "say what is wrong with rules, before X is asked; offline",
  help: () =>
    `traptor rules lint [FILE|-] [--type TYPE] [--json]

Checks the rules of a file, of stdin, or the stored ones, without asking X. A fault is what X refuses; a caution is what
works, but perhaps not as it was meant. Each names the rule, the place in it and what to write instead.
Ends with 1 when there is a fault.

${flagsHelp([JSON_FLAG], SETTINGS)}
Examples:
  traptor rules lint                               the stored rules
  traptor rules lint rules.json
  echo 'apple OR' | traptor rules lint - --type query
`,
  async run(args) {
    const given = await readGiven("lint", args, [JSON_FLAG]);
    const { settings } = given.loaded;
    const { rules, faults } = await rulesToLint(given);
    const messages = lintRules(rules, { tier: tierOf(settings), translation: translationOf(settings) });
    if (given.given.switches.has("json")) {
      for (const { where, reason } of faults) {
        writeOutput(`${JSON.stringify({ level: "fault", where, says: reason })}\n`);
      }
      for (const { level, rule, text, span, says, instead } of messages) {
        const { ruleId: rule_id, slot, tag, value } = rule;
        const place = span ? { text, column: span.start + 1, end: span.end + 1 } : {};
        writeOutput(
          `${JSON.stringify({ level, slot: slotName(slot), rule_id, value, tag, ...place, says, instead })}\n`,
        );
      }
    } else {
      for (const { where, reason } of faults) writeOutput(`fault: ${shown(where)}: ${shown(reason)}\n\n`);
      for (const message of messages) writeOutput(`${lintText(message)}\n`);
    }
    const faulty = messages.filter(({ level }) => level === "fault").length + faults.length;
    const cautions = messages.length + faults.length - faulty;
    writeError(
      `${counted(rules.length + faults.length, "rule")}: ${counted(faulty, "fault")}, ${
        counted(cautions, "caution")
      }\n`,
    );
    return faulty > 0 ? ExitCode.answerIsNo : ExitCode.done;
  },
};

async function rulesToLint({ given, loaded }: Given): Promise<LoadedRules> {
  const [path, another] = given.positionals;
  if (another !== undefined) {
    throw new UsageError("Cannot check several files at once", { hint: "cat A B | traptor rules lint -" });
  }
  if (path === undefined) return await loadRules(loaded, selectionOf(loaded));
  const input = await openInput(path);
  return readRulesText(await wholeText(input), input.name, firstSlot(loaded));
}
