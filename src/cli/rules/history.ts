/** `traptor rules history`: who changed which rules when. */

import { systemClock } from "../../base/clock.ts";
import { shown } from "../../model/outside_text.ts";
import { RuleHistory } from "../../rules/rule_history.ts";
import { refusePositionals } from "../arguments.ts";
import type { Command } from "../command.ts";
import { table, writeError, writeOutput } from "../terminal.ts";
import { who } from "../who.ts";
import { flagsHelp, JSON_FLAG, PLACE_SETTINGS, readGiven, withRedis } from "./shared.ts";

export const history: Command = {
  name: "history",
  summary: "show who changed which rules when: the last 100 changes",
  help: () =>
    `traptor rules history [--json]

Shows the last 100 changes, the newest first: of stored rules by these commands, and of the rules at X by collectors and
\`traptor rules apply\`. What somebody wrote into Redis by hand is not among them. A change with a copy can be undone.

${flagsHelp([JSON_FLAG], PLACE_SETTINGS.filter((name) => name.startsWith("redis")))}
Examples:
  traptor rules history
  traptor rules rollback 17          returns to the rules before change 17
`,
  async run(args) {
    const { given, loaded } = await readGiven("history", args, [JSON_FLAG]);
    refusePositionals("rules history", given);
    const changes = await withRedis(
      loaded,
      "Cannot read the history of the rules",
      (redis) => new RuleHistory({ redis, clock: systemClock(), by: who(loaded) }).changes(),
    );
    if (given.switches.has("json")) {
      for (const change of changes) writeOutput(`${JSON.stringify(change)}\n`);
      return 0;
    }
    if (changes.length === 0) writeError("No change is remembered\n");
    else {
      const rows = changes.map(({ number, at, by, what, slots, added, removed, changed, isFinished, bytes }) => [
        String(number),
        at.replace("T", " ").slice(0, 19),
        shown(by, 40),
        `+${added} -${removed} ~${changed}`,
        slots === 0 && isFinished ? "at X" : bytes > 0 || !isFinished ? "yes" : "no copy",
        `${shown(what, 80)}${isFinished ? "" : " (did not come to its end)"}`,
      ]);
      writeOutput(table([["change", "when (UTC)", "who", "rules", "undo", "what"], ...rows]));
    }
    return 0;
  },
};
