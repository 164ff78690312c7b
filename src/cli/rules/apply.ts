/** `traptor rules apply`: makes X hold the stored rules. */

import { systemClock } from "../../base/clock.ts";
import { ExitCode } from "../../base/errors.ts";
import { shown } from "../../model/outside_text.ts";
import { slotName } from "../../model/slot.ts";
import { refusedRules } from "../../model/wire_rules.ts";
import { writeApplied } from "../../rules/applied_rules.ts";
import { refusePositionals } from "../arguments.ts";
import type { Command } from "../command.ts";
import { counted } from "../figures.ts";
import { writeError, writeOutput } from "../terminal.ts";
import { who } from "../who.ts";
import { withX } from "./at_x.ts";
import { ADOPT_FLAG, X_SETTINGS } from "./plan.ts";
import { flagsHelp, JSON_FLAG, readGiven } from "./shared.ts";

export const apply: Command = {
  name: "apply",
  summary: "make X hold the stored rules, as a running collector does by itself",
  help: () =>
    `traptor rules apply [--type TYPE] [--id N] [--adopt] [--json]

Does what \`traptor rules plan\` shows. X is asked about all new rules first; then they are added, and after that what
nobody wants any more is deleted, so that nothing that stays wanted is ever uncovered. A rule that X refuses is set
aside with X's words; the others are applied. It waits where X's rate limits ask for it. Ended in the middle, it goes on
when it is started again. Ends with 1 when X refused a rule or has no room for one.

A running collector does the same by itself; with RULES_APPLY=manual it leaves it to this command.

${flagsHelp([ADOPT_FLAG, JSON_FLAG], X_SETTINGS)}
Examples:
  traptor rules apply
  traptor rules apply --type query --rules file:queries.json
`,
  async run(args) {
    const { given, loaded } = await readGiven("apply", args, [ADOPT_FLAG, JSON_FLAG]);
    refusePositionals("rules apply", given);
    const isJson = given.switches.has("json");
    const options = { cannot: "Cannot apply the rules at X", adopts: given.switches.has("adopt") };
    const { result, refused } = await withX(loaded, options, async (atX) => {
      const result = await atX.sync.synchronise(atX.wanted, atX.signal);
      const refused = refusedRules(atX.wanted, result.refused);
      const { redis, rules: wanted } = atX;
      if (redis) {
        const parts = { redis, clock: systemClock(), by: who(loaded), what: "rules apply" };
        await writeApplied(parts, { ...result, wanted, refused });
      }
      return { result, refused };
    });
    const { added, deleted, held, unplaced } = result;
    if (isJson) {
      const set = [...refused].map(([rule, reason]) => ({ slot: slotName(rule.slot), value: rule.value, reason }));
      const without = unplaced.map(({ value }) => value);
      writeOutput(`${JSON.stringify({ added, deleted, held: held.size, refused: set, unplaced: without })}\n`);
    } else {
      for (const [{ slot, value }, reason] of refused) {
        writeOutput(`refused: ${slotName(slot)} "${shown(value, 100)}"\n  X says: ${shown(reason)}\n`);
      }
      if (unplaced.length > 0) {
        writeOutput(`no room at X for ${counted(unplaced.length, "query", "queries")}\n`);
      }
      writeError(`${counted(added, "rule")} added, ${deleted} deleted; X holds ${held.size} for the stored rules\n`);
    }
    return refused.size + unplaced.length > 0 ? ExitCode.answerIsNo : ExitCode.done;
  },
};
