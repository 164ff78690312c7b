/** `traptor rules clear`: removes all rules of slots. */

import { UsageError } from "../../base/errors.ts";
import { shown } from "../../model/outside_text.ts";
import { parseSlotName, type Slot, slotName } from "../../model/slot.ts";
import { slotKeys } from "../../rules/slot_keys.ts";
import type { Flag } from "../arguments.ts";
import type { Command } from "../command.ts";
import { flagsHelp, PLACE_SETTINGS, readGiven, withRedis, writerOf } from "./shared.ts";
import { tellSlots } from "./stored_summary.ts";

const FLAGS: readonly Flag[] = [
  { name: "all", help: "every slot that there is" },
  { name: "json", help: "print what was removed as JSON" },
];

export const clear: Command = {
  name: "clear",
  summary: "remove all rules of slots; `traptor rules rollback` brings them back",
  help: () =>
    `traptor rules clear SLOT... | --all

Removes all rules of the slots from Redis. Running collectors are told, and delete them at X. A copy is kept:
\`traptor rules rollback\` brings the rules back.

${flagsHelp(FLAGS, PLACE_SETTINGS.filter((name) => name.startsWith("redis")))}
Examples:
  traptor rules clear track:0
  traptor rules clear follow:0 follow:1
`,
  async run(args) {
    const { given, loaded } = await readGiven("clear", args, FLAGS);
    const named = given.positionals.map(slotNamed);
    const isAll = given.switches.has("all");
    if (isAll === named.length > 0) {
      throw new UsageError("Cannot tell which rules to remove: name slots, or say --all", {
        hint: "traptor rules clear track:0",
      });
    }
    const changes = await withRedis(loaded, "Cannot remove the rules", async (redis, signal) => {
      const slots = isAll ? [...(await slotKeys(redis)).values()].map(({ slot }) => slot) : named;
      const what = `rules clear ${isAll ? "--all" : named.map(slotName).join(" ")}`;
      return await writerOf(redis, loaded).clear(slots, what, signal);
    });
    tellSlots(changes, { isJson: given.switches.has("json"), none: "Nothing changed: no rules were there" });
    return 0;
  },
};

function slotNamed(name: string): Slot {
  const slot = parseSlotName(name);
  if (slot) return slot;
  throw new UsageError(`Cannot find the slot "${shown(name, 40)}": a slot is a type and a number`, {
    hint: "track:0, follow:3, geo:0, query:0",
  });
}
