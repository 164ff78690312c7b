/** What a collector is assembled from, and what follows from the settings alone. */

import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import type { Random } from "../base/random.ts";
import { openRedis, type RedisAddress, type RedisConnection } from "../base/redis.ts";
import type { Settings } from "../config/options.ts";
import type { Sink } from "../deliver/sink.ts";
import type { GapCause } from "../journal/gaps.ts";
import type { Journal } from "../journal/journal.ts";
import type { Backlog } from "../model/backlog.ts";
import { DOLLAR } from "../model/prices.ts";
import type { Token } from "../stream/token.ts";
import type { Transport } from "../stream/transport.ts";

export interface AssemblyOptions {
  settings: Settings;
  token: Token;
  /** The app's name: what the token's hash begins with. */
  app: string;
  installation: string;
  /** The instance's name. */
  instance: string;
  /** Whether tweets are only shown. */
  isTest: boolean;
  transport: Transport;
  sinks: readonly Sink[];
  /** Open; whoever opened it ends it. */
  backlog: Backlog;
  /** The backlog once more, where it is a journal. */
  journal: Journal | undefined;
  /** Whether X is the simulator in this process. */
  isSimulation: boolean;
  /** The built-in example rules instead of the settings' place. */
  exampleRules: boolean;
  /** Before every key that is written to Redis: a simulation's never meet the real ones. */
  redisPrefix: string;
  host: string;
  /** Who collects, for the history of the rules: `user@host`. */
  by: string;
  version: string;
  clock: Clock;
  random: Random;
  events: Events;
}

/** Where Redis is, from the settings. */
export function redisAddress(settings: Settings): RedisAddress {
  if (settings.redisUrl !== undefined) return { url: settings.redisUrl };
  const { redisHost: host, redisPort: port, redisDb: db, redisPassword: password } = settings;
  return { host, port, db, ...(password === undefined ? {} : { password }) };
}

/** A connection of one's own to Redis. */
export function openRedisOf({ clock, random, settings }: AssemblyOptions): RedisConnection {
  return openRedis(redisAddress(settings), { clock, random });
}

/** The causes of gaps that a person has brought about, and so has to ask for what was missed. */
export function askedFor({ rulesApply }: Settings): readonly GapCause[] {
  return rulesApply === "manual" ? ["stopped", "rules_missing", "rules_uncovered"] : ["stopped"];
}

/** What a repair may cost, in millionths of a dollar. */
export function repairLimits(settings: Settings): { mostPerGap: number; mostPerDay: number } {
  return { mostPerGap: settings.gapRepairMaxUsd * DOLLAR, mostPerDay: settings.gapRepairMaxUsdADay * DOLLAR };
}

/**
 * Writes what is at hand, and answers whether all is on disk: what others are told that this instance has, a kill must not
 * take.
 */
export function isOnDisk(journal: Journal): boolean {
  journal.settle();
  return journal.fault === undefined;
}
