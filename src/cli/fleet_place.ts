/** Which fleet a person means, and a look into its Redis: for the commands that look beyond one machine. */

import { systemClock } from "../base/clock.ts";
import { SettingsError, TransientError, UnavailableError } from "../base/errors.ts";
import { systemRandom } from "../base/random.ts";
import { openRedis, type RedisConnection } from "../base/redis.ts";
import { isRedisFailure } from "../base/redis_failure.ts";
import { redisAddress } from "../collector/assemble.ts";
import { appOf } from "../collector/credentials.ts";
import type { Loaded } from "../config/load.ts";
import { appsIn, type FleetPlace } from "../fleet/fleet_reading.ts";
import { stoppable } from "./rules/shared.ts";

/** A simulation's instances are no fleet of ours. */
const PREFIX = "";

/** Throws SettingsError where there is no fleet. */
export function refuseWithoutFleet({ settings }: Loaded, cannot: string): void {
  if (settings.rules.kind !== "file") return;
  throw new SettingsError(`${cannot}: the rules are in a file, so this machine collects by itself`, {
    hint: "a fleet has its rules in Redis: TRAPTOR_RULES=redis",
  });
}

/**
 * Does something with Redis; `cannot` is told where it fails. Throws UnavailableError, and SettingsError where there is no
 * fleet.
 */
export async function inFleet<Found>(
  loaded: Loaded,
  cannot: string,
  use: (redis: RedisConnection, signal: AbortSignal) => Promise<Found>,
): Promise<Found> {
  refuseWithoutFleet(loaded, cannot);
  const redis = openRedis(redisAddress(loaded.settings), { clock: systemClock(), random: systemRandom });
  try {
    return await stoppable(cannot, (signal) => use(redis, signal));
  } catch (error) {
    if (!isRedisFailure(error)) throw error;
    throw new UnavailableError(`${cannot}: ${error.message}`, {
      hint: error instanceof TransientError
        ? "again when Redis answers; --redis-url says where it is"
        : `\`redis-cli DEL ${error.key}\` if nobody else needs it: the collectors write it again`,
    });
  } finally {
    redis.close();
  }
}

/** The app of the token; without one the app of our instance, or the only one that there is. */
export async function placeOf(
  redis: RedisConnection,
  { settings }: Loaded,
  cannot: string,
  own: string | undefined,
): Promise<FleetPlace> {
  const { bearerToken } = settings;
  if (bearerToken !== undefined) return { prefix: PREFIX, app: await appOf(bearerToken) };
  const apps = await appsIn(redis, PREFIX);
  const [ours] = [...apps].find(([, instances]) => own !== undefined && instances.has(own)) ?? [];
  const [only, ...others] = apps.keys();
  const app = ours ?? (others.length === 0 ? only : undefined);
  if (app !== undefined) return { prefix: PREFIX, app };
  const which = only === undefined ? "no instance has told anything" : `there are ${apps.size} apps in Redis`;
  throw new SettingsError(`${cannot}: no token is set, and ${which}`, {
    hint: "BEARER_TOKEN, as the collectors have it",
  });
}
