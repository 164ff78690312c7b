/** `traptor status`: who collects what, how it goes, and what needs a person. */

import { systemClock } from "../base/clock.ts";
import { EndingError, ExitCode, TransientError, UnavailableError } from "../base/errors.ts";
import { systemRandom } from "../base/random.ts";
import { openRedis } from "../base/redis.ts";
import { untilAborted } from "../base/signals.ts";
import { redisAddress } from "../collector/assemble.ts";
import { settingFlags } from "../config/describe.ts";
import { loadSettings } from "../config/load.ts";
import { shown } from "../model/outside_text.ts";
import { type Flag, HELP_FLAG, readArguments, refusePositionals } from "./arguments.ts";
import type { Command } from "./command.ts";
import { flagRows } from "./help.ts";
import { directoryFor } from "./journal_place.ts";
import { stoppable } from "./rules/shared.ts";
import { listenForSignals } from "./signals.ts";
import { gatherFleet } from "./status/gather.ts";
import type { FleetView } from "./status/fleet_view.ts";
import { failureJson, statusJson } from "./status/json.ts";
import { gatherLocal } from "./status/local.ts";
import { isWell, problemsOf } from "./status/problems.ts";
import { statusText } from "./status/text.ts";
import { watch } from "./status/watch.ts";
import { wrapped } from "./status/words.ts";
import { table, writeError, writeOutput } from "./terminal.ts";

const OWN_FLAGS: readonly Flag[] = [
  { name: "json", help: "print JSON instead of text" },
  { name: "watch", help: "look again every two seconds, until Ctrl-C" },
];
const SETTINGS_FLAG: Flag = { name: "settings", placeholder: "PATH", help: "the settings file" };
const SETTINGS_SHOWN = ["rules", "redis-url", "redis-host", "redis-port", "redis-db", "state-dir"];
const CANNOT = "Cannot look at the fleet";

export const status: Command = {
  name: "status",
  summary: "who collects what, how it goes, and what needs a person",
  help: () =>
    `traptor status [--json] [--watch]

Shows all instances that share a Redis, app by app: who holds the app's connection, who stands by, the state of the
stream, rules, rates, what waits in the journals, gaps; and slot by slot. Problems come first, each with what to do. Needs
no token. Where rules come from a file, it asks the collector of this machine; where none runs, it reads its journal.

Ends with 0 when all is well, with 1 when something needs a person, with 69 when Redis or the collector does not answer.
With --watch it ends with 0.

${
      table(flagRows([
        ...OWN_FLAGS,
        ...settingFlags().filter(({ name }) => SETTINGS_SHOWN.includes(name)),
        SETTINGS_FLAG,
        HELP_FLAG,
      ]))
    }
Examples:
  traptor status
  traptor status --watch
  traptor status --rules file:rules.txt --state-dir DIR       one machine, without Redis
  traptor status --json | jq -r '.problems[].what'
  traptor status --json --watch | jq -c '.apps[].holders'     one line a look
`,
  async run(args) {
    const own = new Set(OWN_FLAGS.map(({ name }) => name));
    const settings = settingFlags().filter(({ name }) => !own.has(name));
    const given = readArguments("status", args, [...OWN_FLAGS, SETTINGS_FLAG, ...settings]);
    refusePositionals("status", given);
    const loaded = await loadSettings({ flags: given.values });
    for (const note of loaded.notes) writeError(`${shown(note)}\n`);
    const fleet = await fleetFor(loaded);
    const isJson = given.switches.has("json");
    try {
      if (given.switches.has("watch")) return await watched(fleet, isJson);
      const view = await stoppable(CANNOT, (signal) => untilAborted(fleet.look(), signal), "again");
      const problems = problemsOf(view);
      writeOutput(
        isJson ? `${JSON.stringify(statusJson(view, problems), null, 2)}\n` : statusText(view, problems, width()),
      );
      return isWell(problems) ? ExitCode.done : ExitCode.answerIsNo;
    } finally {
      fleet.close();
    }
  },
};

interface Fleet {
  /** Throws UnavailableError. */
  look(): Promise<FleetView>;
  close(): void;
}

async function fleetFor(loaded: Awaited<ReturnType<typeof loadSettings>>): Promise<Fleet> {
  if (loaded.settings.rules.kind === "file") {
    const directory = await directoryFor(loaded);
    return { look: () => local(directory), close: () => {} };
  }
  const redis = openRedis(redisAddress(loaded.settings), { clock: systemClock(), random: systemRandom });
  const look = async () => {
    try {
      return await gatherFleet(redis);
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      throw new UnavailableError(`${CANNOT}: ${error.message}`, {
        hint: "again when Redis answers; --redis-url says where it is, --rules file:PATH that there is none",
        cause: error,
      });
    }
  };
  return { look, close: () => redis.close() };
}

async function local(directory: string): Promise<FleetView> {
  try {
    return await gatherLocal(directory);
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    throw new UnavailableError(`Cannot look at the collector: ${error.message}`, {
      hint: "again when the disk answers",
      cause: error,
    });
  }
}

async function watched({ look }: Fleet, isJson: boolean): Promise<ExitCode> {
  const clock = systemClock();
  const signals = listenForSignals();
  const lookOnce = async (width: number): Promise<string> => {
    try {
      const view = await look();
      const problems = problemsOf(view);
      return isJson ? `${JSON.stringify(statusJson(view, problems))}\n` : statusText(view, problems, width);
    } catch (error) {
      if (!(error instanceof EndingError)) throw error;
      if (isJson) return `${JSON.stringify(failureJson(clock.now(), error.message))}\n`;
      const lines = [...wrapped(shown(error.message), width, "", "  "), "It is looked again every two seconds"];
      return `${lines.join("\n")}\n`;
    }
  };
  try {
    await watch(lookOnce, { clock, signal: signals.stop, isLines: isJson });
    return ExitCode.done;
  } finally {
    signals.release();
  }
}

/** The width of the terminal, or what programs take for one. */
function width(): number {
  return Deno.stdout.isTerminal() ? Math.max(40, Deno.consoleSize().columns) : 80;
}
