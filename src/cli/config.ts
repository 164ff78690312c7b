/** `traptor config`: every setting, its value, and where it comes from. */

import { settingFlags, settingRows } from "../config/describe.ts";
import { loadSettings } from "../config/load.ts";
import { shown } from "../model/outside_text.ts";
import { type Flag, HELP_FLAG, readArguments, refusePositionals } from "./arguments.ts";
import type { Command } from "./command.ts";
import { flagRows } from "./help.ts";
import { table, writeError, writeOutput } from "./terminal.ts";

const FLAGS: readonly Flag[] = [
  { name: "json", help: "print JSON" },
  { name: "settings", placeholder: "PATH", help: "the settings file" },
];

export const config: Command = {
  name: "config",
  summary: "show every setting, its value and where it comes from",
  help: () =>
    `traptor config [--json] [flags]

Shows what \`traptor\` would use with the same flags, environment and files. Secrets are shown as ***.

${table(flagRows([...FLAGS, HELP_FLAG]))}
Settings:

${table(flagRows(settingFlags()))}
Examples:
  traptor config
  traptor config --sink file:tweets --json
`,
  async run(args) {
    const given = readArguments("config", args, [...FLAGS, ...settingFlags()]);
    refusePositionals("config", given);
    const loaded = await loadSettings({ flags: given.values });
    const rows = settingRows(loaded);
    for (const note of loaded.notes) writeError(`${shown(note)}\n`);
    if (given.switches.has("json")) writeOutput(`${JSON.stringify(rows, null, 2)}\n`);
    else {
      const lines = rows.map((row) => [row.name, row.source || "-", shown(row.value, Infinity)]);
      writeOutput(table([["name", "from", "value"], ...lines]));
    }
    return 0;
  },
};
