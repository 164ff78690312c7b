/** The help of `traptor collect`: by hand, but for the settings, which come from their table. */

import { secretRows, settingFlags } from "../config/describe.ts";
import { type Flag, HELP_FLAG } from "./arguments.ts";
import { flagRows } from "./help.ts";
import { table } from "./terminal.ts";

/** The whole text. */
export function collectHelp(flags: readonly Flag[]): string {
  return `traptor [collect] [flags]

Holds X's filtered stream open with your rules and delivers each tweet with the rules that it matched.
Without a command, traptor collects. Ctrl-C ends it in order; what was read is delivered first.

${table(flagRows([...flags, HELP_FLAG]))}
Settings, also in localsettings.json and the environment (\`traptor config\` shows them all):

${table(flagRows(settingFlags()))}
Secrets, never as flags: in localsettings.json, in the environment, in the file that NAME_FILE names, or as systemd's
credentials.

${table(secretRows().map(([name = "", help = ""]) => [`  ${name}`, help]))}
Examples:
  traptor --test --simulate                            tweets on the screen, no account needed
  traptor --test --rules file:rules.txt --limit 20     the first 20 tweets that your rules bring
  traptor --type track,follow --id 0-3                 eight slots in Redis, on one connection, into Kafka
  traptor --rules file:rules.json --sink file:tweets   files, one an hour
`;
}
