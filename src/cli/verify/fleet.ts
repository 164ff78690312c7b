/** The part of `traptor verify` that looks beyond one machine: all journals of an app's instances, by what they told. */

import { systemClock } from "../../base/clock.ts";
import { SettingsError, TransientError, UnavailableError, UsageError } from "../../base/errors.ts";
import { systemRandom } from "../../base/random.ts";
import { openRedis, type RedisConnection } from "../../base/redis.ts";
import { WrongKeyTypeError } from "../../base/redis_failure.ts";
import { redisAddress } from "../../collector/assemble.ts";
import { appOf } from "../../collector/credentials.ts";
import type { Loaded } from "../../config/load.ts";
import { type FleetBalance, fleetBalance } from "../../fleet/fleet_balance.ts";
import { appsIn, type FleetPlace, readFleet, writeOff } from "../../fleet/fleet_reading.ts";
import { isLive } from "../../model/instance.ts";
import { shown } from "../../model/outside_text.ts";
import { counted } from "../figures.ts";
import { stoppable } from "../rules/shared.ts";
import { who } from "../who.ts";

/** What is read of the fleet. */
export interface FleetFound {
  readonly app: string;
  /** Where Redis is, for people. */
  readonly target: string;
  readonly balance: FleetBalance;
}

const CANNOT = "Cannot look at the fleet";
/** A simulation's instances are no fleet of ours. */
const PREFIX = "";

/** Throws SettingsError where there is no fleet. */
export function refuseWithoutFleet({ settings }: Loaded): void {
  if (settings.rules.kind !== "file") return;
  throw new SettingsError(`${CANNOT}: the rules are in a file, so this machine collects by itself`, {
    hint: "`traptor verify` alone; a fleet has its rules in Redis: TRAPTOR_RULES=redis",
  });
}

/** `instance` is ours, where there is one. Throws UnavailableError, SettingsError. */
export function findFleet(loaded: Loaded, instance: string | undefined): Promise<FleetFound> {
  return inRedis(loaded, async (redis) => {
    const place = await placeOf(redis, loaded, instance);
    const told = await readFleet(redis, place);
    return { app: place.app, target: redis.target, balance: fleetBalance(told) };
  });
}

/** Answers with what is to be told. Throws UsageError for an instance that is not to be written off, and as above. */
export function writeOffInstance(loaded: Loaded, own: string | undefined, instance: string): Promise<string> {
  return inRedis(loaded, async (redis) => {
    const place = await placeOf(redis, loaded, own);
    const told = await readFleet(redis, place);
    const report = told.instances.get(instance);
    const { members, stranded } = fleetBalance(told);
    const member = members.find((candidate) => candidate.instance === instance && candidate.state !== "written_off");
    if (!member) {
      const gone = stranded.map((candidate) => candidate.instance).join(", ");
      throw new UsageError(`Cannot write off ${shown(instance, 40)}: no instance of this app has that name`, {
        hint: gone === "" ? "`traptor verify --fleet`: no machine is gone" : `one of those that are gone: ${gone}`,
      });
    }
    const { host, toldAt, waiting, waitingSince } = member;
    if (report && isLive(report, told.now)) throw liveError(instance, host);
    const since = waitingSince === 0 ? toldAt : waitingSince;
    const entry = { instance, host, waiting, since, at: told.now, by: who(loaded) };
    if (!await writeOff(redis, place, entry, report)) throw liveError(instance, host);
    return `${counted(waiting, "record")} on host ${shown(host)} (${instance}) written off\n`;
  });
}

function liveError(instance: string, host: string): UsageError {
  return new UsageError(`Cannot write off ${instance}: it is running on ${shown(host)}`, {
    hint: "stopping it there: it delivers what it has, or leaves it to its next start",
  });
}

async function inRedis<Found>(loaded: Loaded, use: (redis: RedisConnection) => Promise<Found>): Promise<Found> {
  refuseWithoutFleet(loaded);
  const redis = openRedis(redisAddress(loaded.settings), { clock: systemClock(), random: systemRandom });
  try {
    return await stoppable(CANNOT, () => use(redis));
  } catch (error) {
    if (!(error instanceof TransientError || error instanceof WrongKeyTypeError)) throw error;
    throw new UnavailableError(`${CANNOT}: ${error.message}`, {
      hint: error instanceof TransientError
        ? "again when Redis answers; --redis-url says where it is"
        : `\`redis-cli DEL ${error.key}\` if nobody else needs it: the collectors write it again`,
    });
  } finally {
    redis.close();
  }
}

/** The app of the token; without one the app of our instance, or the only one that there is. */
async function placeOf(redis: RedisConnection, { settings }: Loaded, own: string | undefined): Promise<FleetPlace> {
  const { bearerToken } = settings;
  if (bearerToken !== undefined) return { prefix: PREFIX, app: await appOf(bearerToken) };
  const apps = await appsIn(redis, PREFIX);
  const [ours] = [...apps].find(([, instances]) => own !== undefined && instances.has(own)) ?? [];
  const [only, ...others] = apps.keys();
  const app = ours ?? (others.length === 0 ? only : undefined);
  if (app !== undefined) return { prefix: PREFIX, app };
  const which = only === undefined ? "no instance has told anything" : `there are ${apps.size} apps in Redis`;
  throw new SettingsError(`${CANNOT}: no token is set, and ${which}`, {
    hint: "BEARER_TOKEN, as the collectors have it",
  });
}
