/** The parts by which this instance is one of several that use the same token: all of them speak through Redis. */

import { CommandList } from "../fleet/command_list.ts";
import { Fleet } from "../fleet/fleet.ts";
import { FleetConnects } from "../fleet/fleet_connects.ts";
import { GapMirror } from "../fleet/gap_mirror.ts";
import { Heartbeat } from "../fleet/heartbeat.ts";
import type { InstanceFacts } from "../fleet/roster.ts";
import type { Journal } from "../journal/journal.ts";
import type { InstanceReport } from "../model/instance.ts";
import { selectionNames, slotsOf } from "../model/slot.ts";
import { RuleStatistics } from "../observe/rule_statistics.ts";
import { askedFor, type AssemblyOptions, openRedisOf, repairLimits } from "./assembly_options.ts";
import type { Companion } from "./collector.ts";
import { Commands } from "./commands.ts";
import { FleetCommands } from "./fleet_commands.ts";
import { FleetMirror } from "./fleet_mirror.ts";
import type { GapRepair } from "./gap_repair.ts";
import { Requests } from "./requests.ts";

/** Where rules are in Redis others may use the same token; the simulator in this process is nobody else's. */
export function fleetOf(options: AssemblyOptions): Fleet | undefined {
  const { app, clock, events, host, instance, isSimulation, isTest, journal, random, redisPrefix: prefix, settings } =
    options;
  if (isSimulation || settings.rules.kind !== "redis") return undefined;
  const open = () => openRedisOf(options);
  return new Fleet({
    ...{ app, clock, events, host, instance, prefix, random, leaseRedis: open(), redis: open() },
    slots: selectionNames({ types: settings.type, ids: settings.id }),
    isSeparate: settings.separateUseCases,
    isGuest: isTest,
    connections: settings.connections,
    ttlMs: settings.leaseTtl,
    renewMs: settings.leaseRenew,
    intervalMs: settings.heartbeatInterval,
    memory: journal?.memory ?? { wasAlone: false },
  });
}

/** What this instance tells of itself: to the fleet, or where there is none to who asks it. */
export function teller(options: AssemblyOptions, fleet: Fleet | undefined): (facts: InstanceFacts) => InstanceReport {
  if (fleet) return (facts) => fleet.report(facts);
  const { app, clock, instance, settings } = options;
  const startedAt = clock.now();
  const slots = selectionNames({ types: settings.type, ids: settings.id });
  return (facts) => ({
    ...facts,
    ...{ id: instance, process: "", app, slots, separate: settings.separateUseCases },
    ...{ started_at: startedAt, at: clock.now(), interval: settings.heartbeatInterval, clock_ahead: 0 },
  });
}

/** What the fleet is told of this journal. Nothing is taken over from others where nothing is to be repaired. */
export function fleetMirror(options: AssemblyOptions, fleet: Fleet): FleetMirror | undefined {
  const { app, clock, events, host, instance, journal, random, redisPrefix: prefix, settings } = options;
  if (!journal) return undefined;
  const redis = openRedisOf(options);
  return new FleetMirror({
    ...{ clock, events, host, instance, journal, random },
    ...{ askedFor: askedFor(settings), mode: settings.gapRepair },
    onEnd: () => redis.close(),
    mirror: new GapMirror({ redis, prefix, app, instance }),
    isHolder: () => fleet.lease === 1,
    clockAhead: () => fleet.aheadMs,
  });
}

/** Whatever carries out what people ask: on this machine through the journal, from others through Redis. */
export function commands(
  options: AssemblyOptions,
  { fleet, journal, repair }: { fleet: Fleet | undefined; journal: Journal; repair: GapRepair | undefined },
): Companion[] {
  const { app, clock, events, redisPrefix: prefix, settings } = options;
  const stepDown = fleet && (() => fleet.stepDown());
  const requests = new Requests({ clock, journal, repair, stepDown, ...repairLimits(settings) });
  const own = new Commands({ clock, events, journal, requests });
  if (!fleet) return [own];
  const redis = openRedisOf(options);
  const list = new CommandList({ redis, prefix, app });
  return [own, new FleetCommands({ clock, events, list, redis, requests, isHolder: () => fleet.lease === 1 })];
}

/** The heartbeat goes with rules in Redis: a file needs no fleet. */
export function companions(options: AssemblyOptions): Companion[] {
  const { app, clock, events, host, redisPrefix: prefix, settings, version } = options;
  const slots = slotsOf({ types: settings.type, ids: settings.id });
  if (options.exampleRules || settings.rules.kind !== "redis" || slots.length === 0) return [];
  const redis = openRedisOf(options);
  const intervalMs = settings.heartbeatInterval;
  return [new Heartbeat({ redis, slots, intervalMs, prefix, host, version, app, clock, events })];
}

/** Connects are counted for all who use the token where there is a Redis anyway. */
export function fleetConnects(options: AssemblyOptions): FleetConnects | undefined {
  const { app, clock, events, random, redisPrefix: prefix, settings } = options;
  if (options.exampleRules || settings.rules.kind !== "redis") return undefined;
  return new FleetConnects({ redis: openRedisOf(options), prefix, app, clock, random, events });
}

/** How often rules match, where the whole fleet may read it. */
export function ruleStatistics(options: AssemblyOptions): RuleStatistics {
  const { app, clock, events, random, redisPrefix: prefix, settings } = options;
  const redis = openRedisOf(options);
  return new RuleStatistics({ redis, prefix, app, windowMs: settings.statsWindow, clock, random, events });
}
