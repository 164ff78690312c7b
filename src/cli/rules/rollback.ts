/** `traptor rules rollback`: returns to the rules of before. */

import { systemClock } from "../../base/clock.ts";
import { SettingsError } from "../../base/errors.ts";
import { RuleHistory } from "../../rules/rule_history.ts";
import { type Flag, refusePositionals, wholeNumber } from "../arguments.ts";
import type { Command } from "../command.ts";
import { who } from "../who.ts";
import { flagsHelp, PLACE_SETTINGS, readGiven, withRedis, writerOf } from "./shared.ts";
import { tellSlots } from "./stored_summary.ts";

const FLAGS: readonly Flag[] = [{ name: "json", help: "print what was brought back as JSON" }];

export const rollback: Command = {
  name: "rollback",
  summary: "return to the rules before a change",
  help: () =>
    `traptor rules rollback [CHANGE]

Brings back what was stored before a change, the last one unless another is named, in all slots that it and later ones
have changed. That is a change of its own, and can be undone like any other. Running collectors are told.

${flagsHelp(FLAGS, PLACE_SETTINGS.filter((name) => name.startsWith("redis")))}
Examples:
  traptor rules rollback             undoes the last change
  traptor rules rollback 17          returns to the rules before change 17 (\`traptor rules history\`)
`,
  async run(args) {
    const { given, loaded } = await readGiven("rollback", args, FLAGS);
    const [named, ...others] = given.positionals;
    refusePositionals("rules rollback CHANGE", { ...given, positionals: others });
    const number = named === undefined ? undefined : wholeNumber("rollback", named, 1, Number.MAX_SAFE_INTEGER);
    const changes = await withRedis(loaded, "Cannot return to earlier rules", async (redis, signal) => {
      const back = number ?? await lastStored(new RuleHistory({ redis, clock: systemClock(), by: who(loaded) }));
      return await writerOf(redis, loaded).rollBack(back, `rules rollback ${back}`, signal);
    });
    tellSlots(changes, { isJson: given.switches.has("json") });
    return 0;
  },
};

/** The last change of stored rules. Throws SettingsError when there is none. */
async function lastStored(history: RuleHistory): Promise<number> {
  const last = (await history.changes()).find(({ slots, isFinished }) => slots > 0 || !isFinished);
  if (last) return last.number;
  throw new SettingsError("Cannot return to earlier rules: no change of stored rules is remembered", {
    hint: "`traptor rules history`",
  });
}
