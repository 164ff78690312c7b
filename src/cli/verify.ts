/** `traptor verify`: whether what X handed over is accounted for, by the journal and, if asked, by the sinks themselves. */

import { ExitCode, UsageError } from "../base/errors.ts";
import { readInstanceName } from "../fleet/instance_name.ts";
import type { Loaded } from "../config/load.ts";
import { type Audit, audit } from "../journal/audit.ts";
import { lookIntoJournal } from "../journal/journal_reader.ts";
import { shown } from "../model/outside_text.ts";
import { type Flag, refusePositionals } from "./arguments.ts";
import type { Command } from "./command.ts";
import { refuseWithoutFleet } from "./fleet_place.ts";
import { journalFlagsHelp, JSON_FLAG, readGivenJournal } from "./journal_place.ts";
import { stoppable } from "./rules/shared.ts";
import { writeError, writeOutput } from "./terminal.ts";
import { balances, balanceText } from "./verify/balance_text.ts";
import { findFleet, writeOffInstance } from "./verify/fleet.ts";
import { fleetBalances, fleetJson } from "./verify/fleet_json.ts";
import { fleetText } from "./verify/fleet_text.ts";
import { balanceJson } from "./verify/balance_json.ts";
import { readBackSinks } from "./verify/read_back.ts";
import { readingText, unreadText } from "./verify/reading_text.ts";

const SINK_HELP = "read the sinks back as well, those of the settings or these, and compare the ids in them";

/** The placeholder says that it stands alone, too. */
const FLEET_FLAGS: readonly Flag[] = [
  {
    name: "fleet",
    help: "add up what all instances of the app have told, and find what lies on machines that are gone",
  },
  { name: "write-off", placeholder: "INSTANCE", help: "with --fleet: its machine is lost with its disk" },
];
const FLAGS: readonly Flag[] = [JSON_FLAG, { name: "sink", placeholder: "true", help: SINK_HELP }, ...FLEET_FLAGS];
const FLAGS_SHOWN: readonly Flag[] = [
  JSON_FLAG,
  { name: "sink", placeholder: "[PLACE,...]", help: SINK_HELP },
  ...FLEET_FLAGS,
];

/** `--sink` alone. */
const SINKS_OF_SETTINGS = "true";

export const verify: Command = {
  name: "verify",
  summary: "prove from the journal, and from the sinks, that nothing is missing",
  help: () =>
    `traptor verify [--json] [--sink [PLACE,...]] [--fleet [--write-off INSTANCE]] [--state-dir DIR]

Reads the journal of a stopped or a running collector, changes nothing, and checks that everything adds up: received is
accepted, repeated and dropped; what was accepted for a sink is delivered, dead, unread, lost or waiting; for every hour
and every rule. Checks that each row is what was written. Ends with 0 when it balances, with 1 when it does not.

With --sink it reads the sinks back, and looks for each tweet of the last two days that must be there: in files, in
SQLite, in Elasticsearch, or in Kafka from where the brokers said that they had put it. Ends with 1 when one is missing.

With --fleet it goes on with the other machines that collect for this app, by what they have told in Redis: whether each
of their journals adds up, what all have together, and what waits on machines that are gone (then it ends with 1). What
was on a machine that is lost with its disk is written off with --write-off, and counted as that from then on.

${journalFlagsHelp(FLAGS_SHOWN, ["state-dir", "kafka-hosts", "redis-url"])}
Examples:
  traptor verify
  traptor verify --sink                              the sinks that the settings name
  traptor verify --sink file:tweets --state-dir DIR
  traptor verify --json | jq .differences
  traptor verify --fleet
  traptor verify --fleet --write-off 0a1b2c3d
`,
  async run(args) {
    const { directory, given, loaded, path } = await readGivenJournal("verify", args, FLAGS, ({ values }) => {
      const { sink, "write-off": _, ...others } = values;
      return sink === undefined || sink === SINKS_OF_SETTINGS ? others : { ...others, sink };
    });
    refusePositionals("verify", given);
    const isJson = given.switches.has("json");
    const isFleet = given.switches.has("fleet");
    const lost = given.values["write-off"];
    const instance = await readInstanceName(directory);
    if (lost !== undefined && !isFleet) {
      throw new UsageError("Cannot write an instance off without --fleet", { hint: "`traptor verify --help`" });
    }
    if (isFleet) refuseWithoutFleet(loaded, "Cannot look at the fleet");
    if (lost !== undefined) {
      writeOutput(await writeOffInstance(loaded, instance, lost));
      return ExitCode.done;
    }
    const owner = { path, host: Deno.hostname(), instance };
    const found = lookIntoJournal(path, audit);
    if (!isJson) writeOutput(balanceText(owner, found));
    const back = given.values["sink"] === undefined ? undefined : await readBack(path, found, loaded);
    if (back && !isJson) {
      writeOutput([...back.readings.map(readingText), ...back.unread.map(unreadText)].join(""));
      if (back.readings.length === 0) writeOutput("\nNo sink was read back: nothing is proven\n");
    }
    const isProven = !back || (back.readings.length > 0 && back.readings.every(({ agrees }) => agrees));
    const fleet = isFleet ? await findFleet(loaded, instance) : undefined;
    if (fleet && !isJson) writeOutput(`\n${fleetText(fleet, fleet.balance)}`);
    if (isJson) {
      const parts = {
        ...balanceJson(owner, found, back),
        ...fleet ? { fleet: fleetJson(fleet.app, fleet.balance) } : {},
      };
      writeOutput(`${JSON.stringify(parts, null, 2)}\n`);
    }
    const isWhole = balances(found) && isProven && (!fleet || fleetBalances(fleet.balance));
    return isWhole ? ExitCode.done : ExitCode.answerIsNo;
  },
};

function readBack(path: string, { sinks }: Audit, { settings }: Loaded) {
  return stoppable(
    "Cannot read the sinks back",
    (signal) =>
      readBackSinks(sinks.map(({ sink }) => sink), {
        look: (look) => lookIntoJournal(path, look),
        settings,
        onSink: (place) => writeError(`Reading ${shown(place)}\n`),
        signal,
      }),
  );
}
