/** `traptor rules export`: the stored rules as a file of rules. */

import { shown } from "../../model/outside_text.ts";
import { type Flag, refusePositionals } from "../arguments.ts";
import type { Command } from "../command.ts";
import { counted } from "../figures.ts";
import { writeError, writeOutput } from "../terminal.ts";
import { ownMembers } from "./list.ts";
import { flagsHelp, loadRules, PLACE_SETTINGS, readGiven, selectionOf } from "./shared.ts";

/** Nobody who asks for JSON is to be refused it. */
const FLAGS: readonly Flag[] = [{ name: "json", help: "print JSON, as without it" }];

export const exportRules: Command = {
  name: "export",
  summary: "print the stored rules as a file that `traptor rules json` and --rules file: read",
  help: () =>
    `traptor rules export [--type TYPE] [--id N] > FILE

Prints the rules of all slots, or of those of a type or a number, a JSON object a line, with all their members.

${flagsHelp(FLAGS, PLACE_SETTINGS)}
Examples:
  traptor rules export > rules.jsonl                 a copy
  traptor rules json rules.jsonl                     and back, each rule into its slot
  traptor --test --rules file:rules.jsonl            or without Redis
`,
  async run(args) {
    const { given, loaded } = await readGiven("export", args, FLAGS);
    refusePositionals("rules export", given);
    const { rules, faults } = await loadRules(loaded, selectionOf(loaded));
    for (const rule of rules) writeOutput(`${JSON.stringify(ownMembers(rule))}\n`);
    for (const { where, reason } of faults) writeError(`Left out: ${shown(where)}: ${shown(reason)}\n`);
    writeError(`${counted(rules.length, "rule")}\n`);
    return 0;
  },
};
