/** `traptor rules plan`: what `apply`, or a collector with the same settings, would change at X. */

import { type Flag, refusePositionals } from "../arguments.ts";
import type { Command } from "../command.ts";
import { writeOutput } from "../terminal.ts";
import { withX } from "./at_x.ts";
import { planShown, planText } from "./plan_text.ts";
import { flagsHelp, JSON_FLAG, noteOnRefusal, PLACE_SETTINGS, readGiven } from "./shared.ts";

/** Settings that change what is wanted of X. */
export const X_SETTINGS = [
  ...PLACE_SETTINGS,
  "api-url",
  "follow-scope",
  "geo-max-tiles",
  "x-tier",
  "x-rule-cap",
  "x-rule-length",
  "state-dir",
];

export const ADOPT_FLAG: Flag = {
  name: "adopt",
  help: "take all rules at X for ours: those that nobody wants here are deleted",
};

export const plan: Command = {
  name: "plan",
  summary: "show what would change at X, and change nothing",
  help: () =>
    `traptor rules plan [--type TYPE] [--id N] [--adopt] [--json]

Compares what X holds with the rules that a collector with the same settings would want: what would be added, deleted
and grouped anew, how much of the project's cap is used before and after, and the rules at X that are not ours, which
nobody touches.
Needs BEARER_TOKEN, or CONSUMER_KEY and CONSUMER_SECRET.

${flagsHelp([ADOPT_FLAG, JSON_FLAG], X_SETTINGS)}
Examples:
  traptor rules plan
  traptor rules plan --type track,follow --id 0-3
`,
  async run(args) {
    const { given, loaded } = await readGiven("plan", args, [ADOPT_FLAG, JSON_FLAG]);
    refusePositionals("rules plan", given);
    const options = { cannot: "Cannot tell what would change at X", adopts: given.switches.has("adopt") };
    const shown = await withX(loaded, options, async (atX) => {
      const refusal = atX.redis ? await noteOnRefusal(atX.redis) : () => undefined;
      return planShown(await atX.sync.preview(atX.wanted, atX.signal), atX, refusal);
    });
    writeOutput(given.switches.has("json") ? `${JSON.stringify(shown)}\n` : planText(shown));
    return 0;
  },
};
