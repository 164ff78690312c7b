/** `traptor verify`: whether what X handed over is accounted for, by the journal and, if asked, by the sinks themselves. */

import { ExitCode } from "../base/errors.ts";
import { type Audit, audit } from "../journal/audit.ts";
import { lookIntoJournal } from "../journal/journal_reader.ts";
import { shown } from "../model/outside_text.ts";
import { type Flag, refusePositionals } from "./arguments.ts";
import type { Command } from "./command.ts";
import { journalFlagsHelp, JSON_FLAG, readGivenJournal } from "./journal_place.ts";
import { stoppable } from "./rules/shared.ts";
import { writeError, writeOutput } from "./terminal.ts";
import { balances, balanceText } from "./verify/balance_text.ts";
import { balanceJson } from "./verify/balance_json.ts";
import { readBackSinks } from "./verify/read_back.ts";
import { readingText, unreadText } from "./verify/reading_text.ts";

const SINK_HELP = "read the sinks back as well, those of the settings or these, and compare the ids in them";

/** The placeholder says that it stands alone, too. */
const FLAGS: readonly Flag[] = [JSON_FLAG, { name: "sink", placeholder: "true", help: SINK_HELP }];
const FLAGS_SHOWN: readonly Flag[] = [JSON_FLAG, { name: "sink", placeholder: "[PLACE,...]", help: SINK_HELP }];

/** `--sink` alone. */
const SINKS_OF_SETTINGS = "true";

export const verify: Command = {
  name: "verify",
  summary: "prove from the journal, and from the sinks, that nothing is missing",
  help: () =>
    `traptor verify [--json] [--sink [PLACE,...]] [--state-dir DIR]

Reads the journal of a stopped or a running collector, changes nothing, and checks that everything adds up: received is
accepted, repeated and dropped; what was accepted for a sink is delivered, dead, unread, lost or waiting; for every hour
and every rule. Checks that each row is what was written. Ends with 0 when it balances, with 1 when it does not.

With --sink it reads the sinks back, and looks for each tweet of the last two days that must be there: in files, in
SQLite, in Elasticsearch, or in Kafka from where the brokers said that they had put it. Ends with 1 when one is missing.

${journalFlagsHelp(FLAGS_SHOWN, ["state-dir", "kafka-hosts"])}
Examples:
  traptor verify
  traptor verify --sink                              the sinks that the settings name
  traptor verify --sink file:tweets --state-dir DIR
  traptor verify --json | jq .differences
`,
  async run(args) {
    const { given, loaded, path } = await readGivenJournal("verify", args, FLAGS, ({ values }) => {
      const { sink, ...others } = values;
      return sink === undefined || sink === SINKS_OF_SETTINGS ? others : { ...others, sink };
    });
    refusePositionals("verify", given);
    const isJson = given.switches.has("json");
    const found = lookIntoJournal(path, audit);
    const { sinks } = found;
    if (!isJson) writeOutput(balanceText(path, found));
    if (given.values["sink"] === undefined) {
      if (isJson) writeOutput(`${JSON.stringify(balanceJson(path, found), null, 2)}\n`);
      return exitCode(found, true);
    }
    const back = await stoppable(
      "Cannot read the sinks back",
      (signal) =>
        readBackSinks(sinks.map(({ sink }) => sink), {
          look: (look) => lookIntoJournal(path, look),
          settings: loaded.settings,
          onSink: (place) => writeError(`Reading ${shown(place)}\n`),
          signal,
        }),
    );
    const isProven = back.readings.length > 0 && back.readings.every(({ agrees }) => agrees);
    if (isJson) writeOutput(`${JSON.stringify(balanceJson(path, found, back), null, 2)}\n`);
    else {
      writeOutput([...back.readings.map(readingText), ...back.unread.map(unreadText)].join(""));
      if (back.readings.length === 0) writeOutput("\nNo sink was read back: nothing is proven\n");
    }
    return exitCode(found, isProven);
  },
};

function exitCode(found: Audit, isProven: boolean): ExitCode {
  return balances(found) && isProven ? ExitCode.done : ExitCode.answerIsNo;
}
