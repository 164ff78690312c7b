/** `traptor top`: the fleet and its rules, live in the terminal. */

import { systemClock } from "../base/clock.ts";
import { ExitCode, UsageError } from "../base/errors.ts";
import { settingFlags } from "../config/describe.ts";
import { loadSettings } from "../config/load.ts";
import { shown } from "../model/outside_text.ts";
import { type Flag, HELP_FLAG, readArguments, refusePositionals } from "./arguments.ts";
import type { Command } from "./command.ts";
import { flagRows } from "./help.ts";
import { listenForSignals } from "./signals.ts";
import { table, writeError } from "./terminal.ts";
import { openFeed } from "./top/feed.ts";
import { live } from "./top/live.ts";
import { isScreenThere } from "./top/screen.ts";

const SETTINGS_FLAG: Flag = { name: "settings", placeholder: "PATH", help: "the settings file" };
const SETTINGS_SHOWN = ["rules", "redis-url", "redis-host", "redis-port", "redis-db", "state-dir"];

export const top: Command = {
  name: "top",
  summary: "the fleet and its rules, live in the terminal",
  help: () =>
    `traptor top

Shows the fleet live, app by app, with the first problem of each; below, the rules with their rates, small graphs of the
last two minutes, matches within the window and in all, and the last match. It looks every two seconds and needs no token.
Where rules come from a file, it asks the collector of this machine, and rates are those between two looks.

Keys:
  q, Ctrl-C                    quit
  r, t, v, l                   sort by rate, total, value, last match; once more reverses, as R does
  s, left, right               the next order, the one before
  /                            show the rules that have a text in them; Esc shows all
  j, k, arrows, PgUp, PgDn     scroll; Home and End too

${table(flagRows([...settingFlags().filter(({ name }) => SETTINGS_SHOWN.includes(name)), SETTINGS_FLAG, HELP_FLAG]))}
Examples:
  traptor top
  traptor top --rules file:rules.txt --state-dir DIR       one machine, without Redis
`,
  async run(args) {
    const given = readArguments("top", args, [SETTINGS_FLAG, ...settingFlags()]);
    refusePositionals("top", given);
    if (!isScreenThere()) {
      throw new UsageError("Cannot show the fleet live: this is not a terminal", { hint: "`traptor status --json`" });
    }
    const loaded = await loadSettings({ flags: given.values });
    for (const note of loaded.notes) writeError(`${shown(note)}\n`);
    const feed = await openFeed(loaded);
    const signals = listenForSignals();
    try {
      await live(feed, systemClock(), signals.stop);
      return ExitCode.done;
    } finally {
      feed.close();
      signals.release();
    }
  },
};
