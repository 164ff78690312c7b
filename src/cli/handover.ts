/** `traptor handover`: the instance that holds the app's connection leaves it to another one. */

import { type Clock, systemClock } from "../base/clock.ts";
import { ExitCode, TryLaterError, UnavailableError } from "../base/errors.ts";
import { systemRandom } from "../base/random.ts";
import type { RedisConnection } from "../base/redis.ts";
import { settingFlags } from "../config/describe.ts";
import { loadSettings } from "../config/load.ts";
import { CommandList } from "../fleet/command_list.ts";
import type { FleetPlace } from "../fleet/fleet_reading.ts";
import { readInstance } from "../model/instance.ts";
import { shown } from "../model/outside_text.ts";
import { type Flag, HELP_FLAG, readArguments, refusePositionals } from "./arguments.ts";
import type { Command } from "./command.ts";
import { inFleet, placeOf } from "./fleet_place.ts";
import { flagRows } from "./help.ts";
import { table, writeError, writeOutput } from "./terminal.ts";

const SETTINGS_FLAG: Flag = { name: "settings", placeholder: "PATH", help: "the settings file" };
const JSON_FLAG: Flag = { name: "json", help: "print JSON instead of text" };
const SETTINGS_SHOWN = ["redis-url", "redis-host", "redis-port", "redis-db"];
const CANNOT = "Cannot hand over";

/** How long the holder may take to answer, and another instance to follow. */
const ANSWER_MS = 10_000;
const FOLLOW_MS = 30_000;
const LOOK_MS = 100;

export const handover: Command = {
  name: "handover",
  summary: "have the instance that reads the stream leave it to another one, as before an upgrade",
  help: () =>
    `traptor handover [--json]

Asks the instance that holds the app's connection to X to step down, and waits until another one holds it: what is missed
meanwhile is usually less than a second, is a gap in the register, and is fetched like any other. The one that has stepped
down stands by, and delivers what it has. From any machine that reaches Redis. Nobody steps down where nobody could follow.

Ends with 0 when another instance holds the connection, with 69 when nobody may step down, with 75 when nobody answers.

${
      table(flagRows([
        JSON_FLAG,
        ...settingFlags().filter(({ name }) => SETTINGS_SHOWN.includes(name)),
        SETTINGS_FLAG,
        HELP_FLAG,
      ]))
    }
Examples:
  traptor handover
  traptor handover && systemctl restart traptor      on the machine that had it
`,
  async run(args) {
    const given = readArguments("handover", args, [JSON_FLAG, SETTINGS_FLAG, ...settingFlags()]);
    refusePositionals("handover", given);
    const loaded = await loadSettings({ flags: given.values });
    for (const note of loaded.notes) writeError(`${shown(note)}\n`);
    const clock = systemClock();
    const { from, to } = await inFleet(loaded, CANNOT, async (redis, signal) => {
      const place = await placeOf(redis, loaded, CANNOT, undefined);
      return await handOver(redis, place, clock, signal);
    });
    if (given.switches.has("json")) writeOutput(`${JSON.stringify({ from, to })}\n`);
    else writeOutput(`${namedFrom(from)} has stepped down; ${namedFrom(to)} holds the app's connection now\n`);
    return ExitCode.done;
  },
};

/** An instance, as people know it. */
interface Named {
  readonly id: string;
  readonly host: string;
}

function namedFrom({ host, id }: Named): string {
  return host === "" ? id : `${id} on ${shown(host)}`;
}

async function handOver(
  redis: RedisConnection,
  place: FleetPlace,
  clock: Clock,
  signal: AbortSignal,
): Promise<{ readonly from: Named; readonly to: Named }> {
  const from = await holderOf(redis, place);
  if (from === undefined) {
    throw new TryLaterError(`${CANNOT}: no instance of the app ${place.app} holds its connection now`, {
      hint: "`traptor status` says why",
    });
  }
  const list = new CommandList({ ...place, redis });
  const id = systemRandom.hex(8);
  await list.ask(id, "handover", {});
  const answer = await found(() => list.answerTo(id), ANSWER_MS, clock, signal);
  if (!answer) {
    throw new TryLaterError(`${CANNOT}: ${namedFrom(from)} has not answered within 10 s`, {
      hint: "`traptor status`: it may have ended, or be cut off from Redis; another instance follows it then",
    });
  }
  if (answer["ok"] !== true) {
    throw new UnavailableError(`${CANNOT}: ${namedFrom(from)} says: ${shown(String(answer["reason"]), 300)}`, {
      hint: "another instance with the same token on another machine; `traptor status` shows all",
    });
  }
  const to = await found(
    async () => {
      const holder = await holderOf(redis, place);
      return holder?.id === from.id ? undefined : holder;
    },
    FOLLOW_MS,
    clock,
    signal,
  );
  if (to) return { from, to };
  throw new TryLaterError(`${CANNOT}: ${namedFrom(from)} has stepped down, and nobody has followed within 30 s`, {
    hint: "`traptor status`: it takes the connection back itself where nobody does",
  });
}

/** Looks again and again until there is something, or the time is over. */
async function found<Something>(
  look: () => Promise<Something | undefined>,
  ms: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<Something | undefined> {
  const until = clock.monotonic() + ms;
  while (clock.monotonic() < until) {
    const something = await look();
    if (something !== undefined) return something;
    await clock.sleep(LOOK_MS, signal);
  }
  return undefined;
}

/** Who has the lease of the app's first connection. */
async function holderOf(redis: RedisConnection, { app, prefix }: FleetPlace): Promise<Named | undefined> {
  const { owner } = await redis.hashFields(`${prefix}traptor:lease:${app}`);
  if (owner === undefined) return undefined;
  const id = owner.split(":")[0]!;
  const told = (await redis.hashFields(`${prefix}traptor:instances`))[`${app}:${id}`];
  return { id, host: readInstance(told ?? "")?.host ?? "" };
}
