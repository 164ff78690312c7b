/** Builds the graph of parts from the settings, and starts nothing. The only place where rooms of floor 2 meet. */

import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import type { Random } from "../base/random.ts";
import { openRedis, type RedisAddress } from "../base/redis.ts";
import type { Settings } from "../config/options.ts";
import { Outbox } from "../deliver/outbox.ts";
import type { Sink } from "../deliver/sink.ts";
import { Fleet } from "../fleet/fleet.ts";
import { GapMirror } from "../fleet/gap_mirror.ts";
import { FleetConnects } from "../fleet/fleet_connects.ts";
import { Heartbeat } from "../fleet/heartbeat.ts";
import type { Predecessor } from "../fleet/tenure.ts";
import type { GapCause } from "../journal/gaps.ts";
import type { Journal } from "../journal/journal.ts";
import { RateLimit } from "../match/rate_limit.ts";
import { Tagger } from "../match/tagger.ts";
import type { Backlog } from "../model/backlog.ts";
import { DOLLAR } from "../model/prices.ts";
import type { Translation } from "../model/query.ts";
import type { Rule } from "../model/rule.ts";
import { selectionNames, type Slot, slotsOf } from "../model/slot.ts";
import { type Tier, TIERS } from "../model/tier.ts";
import { Counters } from "../observe/counters.ts";
import { RuleStatistics } from "../observe/rule_statistics.ts";
import { AppliedRules } from "../rules/applied_rules.ts";
import { FileRuleStore } from "../rules/file_rule_store.ts";
import { FixedRuleStore } from "../rules/fixed_rule_store.ts";
import { fixedSlots, RedisRuleStore } from "../rules/redis_rule_store.ts";
import { RuleFeed } from "../rules/rule_feed.ts";
import type { RuleStore } from "../rules/rule_store.ts";
import { readRulesText } from "../rules/rules_text.ts";
import { ConnectBudget } from "../stream/connect_budget.ts";
import { ConnectionSlot } from "../stream/connection_slot.ts";
import { FilteredStream } from "../stream/filtered_stream.ts";
import { RuleSync } from "../stream/rule_sync.ts";
import type { RecoveryOptions } from "../stream/recovery.ts";
import type { Token } from "../stream/token.ts";
import { isUp } from "../stream/stream_states.ts";
import { permitted, type Transport } from "../stream/transport.ts";
import { TwitterRulesApi } from "../stream/twitter_api.ts";
import { TwitterSearch } from "../stream/twitter_search.ts";
import exampleRules from "../templates/example_rules.json" with { type: "text" };
import { Commands } from "./commands.ts";
import { Collector, type Companion } from "./collector.ts";
import { FleetMirror } from "./fleet_mirror.ts";
import { GapRepair } from "./gap_repair.ts";
import { Intake } from "./intake.ts";
import { OwnConnection } from "./own_connection.ts";
import { SoleOwnership } from "./ownership.ts";
import { Report } from "./report.ts";
import { RuleKeeping } from "./rule_keeping.ts";

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

export interface Assembly {
  readonly collector: Collector;
  readonly counters: Counters;
  readonly report: Report;
}

/**
 * How often X's rules are compared with what is wanted: X and people change them as well. Where only people do, more
 * often: nothing is collected of a new rule before it is seen there.
 */
const COMPARE_MS = 10 * 60_000;

/** How long a record waits for others to be sent with: the journal hands them out in groups as it is. */
const COMPANY_MS = 2;

/** Builds everything that collects. Throws nothing but bugs: what can be wrong is found when it runs. */
export function assemble(options: AssemblyOptions): Assembly {
  const { app, backlog, clock, events, installation, journal, random, settings, sinks, token, version } = options;
  const isManual = settings.rulesApply === "manual";
  const counters = new Counters(() => clock.now());
  events.listen(counters.listener);

  const outbox = new Outbox({ sinks, backlog, events, clock, random, maxAgeMs: COMPANY_MS });
  const fleet = fleetOf(options);
  const mirror = fleet && fleetMirror(options, fleet);
  const transport = fleet ? permitted(options.transport, () => fleet.mayAct) : options.transport;
  const store = ruleStore(options, fleet);
  const sharedConnects = fleetConnects(options);
  const rateLimit = settings.rateLimiting
    ? new RateLimit({ perSecond: settings.rateLimitPerSecond, capacity: settings.rateLimitCapacity, clock })
    : undefined;
  const tagger = new Tagger({ installation, clock });
  const statistics = fleet && !options.isTest ? ruleStatistics(options) : undefined;
  const intake = new Intake({
    tagger,
    rateLimit,
    statistics,
    backlog,
    whenFull: settings.journalWhenFull,
    counters,
    events,
    clock,
  });
  const request: RecoveryOptions = {
    ...{ transport, token, clock, events },
    budget: new ConnectBudget(clock, { own: journal?.memory, shared: sharedConnects }),
    fields: fieldsOf(settings),
    stallMs: settings.streamStall,
    connectTimeoutMs: settings.streamConnectTimeout,
  };
  const repair = gapRepair(options, { intake, request, rulesNow: () => rules.wanted });
  const connection = new OwnConnection(journal?.memory);
  const slot = new ConnectionSlot({ transport, token, clock, memory: connection, takesOver: settings.takeOver });
  const hasWorked = () => (journal?.memory.hasWorked ?? false) || (fleet?.hasWorked ?? false);
  const stream = new FilteredStream({
    ...request,
    hasWorked,
    backfillMinutes: repair?.backfillMinutes ?? (() => 0),
    random,
    slot,
  });
  const appliedRules = appliedRulesNote(options);
  const rules = new RuleKeeping({
    source: new RuleFeed({ store, pollMs: settings.ruleCheckInterval, clock, random, events }),
    keeper: new RuleSync({
      api: new TwitterRulesApi(token, { transport, clock }),
      installation,
      events,
      tier: tierOf(settings),
      isManual,
    }),
    tagger,
    rateLimit,
    statistics,
    register: journal?.listening,
    ...(appliedRules ? { appliedRules } : {}),
    ...{ clock, events, random, hasWorked },
    translation: translationOf(settings),
    compareMs: isManual ? settings.ruleCheckInterval : COMPARE_MS,
    rulesHint: rulesHint(settings),
  });
  const collector = new Collector({
    rules,
    stream,
    intake,
    gaps: journal,
    backlog,
    outbox,
    companions: [
      ...companions(options),
      ...mirror ? [mirror] : [],
      ...sharedConnects ? [sharedConnects] : [],
      ...appliedRules ? [appliedRules] : [],
      ...journal ? [new Commands({ journal, repair, ...repairLimits(settings), clock, events })] : [],
    ],
    ownership: fleet ?? new SoleOwnership(),
    statistics,
    whileOwner: repair ? [afterSettling(repair, mirror)] : [],
    inherit: (predecessor) => inherit(slot, predecessor),
    counters,
    events,
    clock,
  });
  const report = new Report({
    ...{ app, version, rules, stream, backlog, journal, outbox, counters, clock, host: options.host },
    lease: () => fleet?.lease ?? 1,
    unheldSince: () => collector.unheldSince,
  });
  if (fleet) {
    fleet.facts = () => report.facts();
    fleet.pulse = () => ({
      at: collector.accountedUntil,
      up: isUp(stream.status.state),
      tweetId: intake.newestId,
      connection: connection.id,
      grantedAt: connection.grantedAt,
    });
  }
  return { collector, counters, report };
}

/** A connection of an instance that is gone is closed at X before the next one begins; our own we know anyway. */
function inherit(slot: ConnectionSlot, { connection: id, grantedAt, isSelf, released }: Predecessor): void {
  if (!(isSelf && released)) slot.inherit({ id, grantedAt });
}

/** What a repair may cost, in millionths of a dollar. */
function repairLimits(settings: Settings): { mostPerGap: number; mostPerDay: number } {
  return { mostPerGap: settings.gapRepairMaxUsd * DOLLAR, mostPerDay: settings.gapRepairMaxUsdADay * DOLLAR };
}

/** Whatever fetches what was missed; nothing does without a journal, which has the gaps. */
function gapRepair(
  { clock, events, journal, random, settings, token }: AssemblyOptions,
  { intake, request, rulesNow }: { intake: Intake; request: RecoveryOptions; rulesNow: () => Iterable<Rule> },
): GapRepair | undefined {
  const { gapRepair: mode } = settings;
  if (!journal || mode === "off") return undefined;
  const tier = tierOf(settings);
  return new GapRepair({
    ...{ clock, events, intake, journal, mode, random, rulesNow },
    ...repairLimits(settings),
    askedFor: askedFor(settings),
    search: new TwitterSearch(token, { transport: request.transport, clock, fields: request.fields }),
    searchLength: tier.searchLength,
    translation: translationOf(settings),
    recovery: tier.hasRecovery ? request : undefined,
  });
}

/** The causes of gaps that a person has brought about, and so has to ask for what was missed. */
function askedFor({ rulesApply }: Settings): readonly GapCause[] {
  return rulesApply === "manual" ? ["stopped", "rules_missing", "rules_uncovered"] : ["stopped"];
}

/** What the fleet is told of this journal. Nothing is taken over from others where nothing is to be repaired. */
function fleetMirror(options: AssemblyOptions, fleet: Fleet): FleetMirror | undefined {
  const { app, clock, events, host, instance, journal, random, redisPrefix: prefix, settings } = options;
  if (!journal) return undefined;
  const redis = openRedis(redisAddress(settings), { clock, random });
  return new FleetMirror({
    ...{
      clock,
      events,
      host,
      instance,
      journal,
      random,
      askedFor: askedFor(settings),
      mode: settings.gapRepair,
    },
    onEnd: () => redis.close(),
    mirror: new GapMirror({ redis, prefix, app, instance }),
    isHolder: () => fleet.lease > 0,
    clockAhead: () => fleet.aheadMs,
  });
}

/** Repairs gaps once it is known that no other instance does. */
function afterSettling(repair: Companion, mirror: FleetMirror | undefined): Companion {
  return {
    async run(signal) {
      await mirror?.mayRepair(signal);
      await repair.run(signal);
    },
  };
}

/** What X's tier allows, with what the settings say instead. */
export function tierOf(settings: Settings): Tier {
  const tier = TIERS[settings.tier];
  return { ...tier, rules: settings.ruleCap ?? tier.rules, ruleLength: settings.ruleLength ?? tier.ruleLength };
}

/** How rules become X's. */
export function translationOf(settings: Settings): Translation {
  const { followScope: follow, geoMaxTiles } = settings;
  return { follow, geoMaxTiles, ruleLength: tierOf(settings).ruleLength };
}

/** Where Redis is, from the settings. */
export function redisAddress(settings: Settings): RedisAddress {
  if (settings.redisUrl !== undefined) return { url: settings.redisUrl };
  const { redisHost: host, redisPort: port, redisDb: db, redisPassword: password } = settings;
  return { host, port, db, ...(password === undefined ? {} : { password }) };
}

/** Where rules are in Redis others may use the same token; the simulator in this process is nobody else's. */
function fleetOf(options: AssemblyOptions): Fleet | undefined {
  const { app, clock, events, host, instance, isSimulation, isTest, journal, random, redisPrefix: prefix, settings } =
    options;
  if (isSimulation || settings.rules.kind !== "redis") return undefined;
  const open = () => openRedis(redisAddress(settings), { clock, random });
  return new Fleet({
    ...{ app, clock, events, host, instance, prefix, random, leaseRedis: open(), redis: open() },
    slots: selectionNames({ types: settings.type, ids: settings.id }),
    isSeparate: settings.separateUseCases,
    isGuest: isTest,
    ttlMs: settings.leaseTtl,
    renewMs: settings.leaseRenew,
    intervalMs: settings.heartbeatInterval,
    memory: journal?.memory ?? { wasAlone: false },
  });
}

function ruleStore({ settings, clock, random, exampleRules: useExamples }: AssemblyOptions, fleet?: Fleet): RuleStore {
  const slot: Slot = { type: settings.type[0]!, id: settings.id === "all" ? 0 : settings.id[0]! };
  if (useExamples) {
    return new FixedRuleStore("the example rules", readRulesText(exampleRules, "the example rules", slot));
  }
  if (settings.rules.kind === "file") return new FileRuleStore({ path: settings.rules.path, slot, clock });
  return new RedisRuleStore({
    redis: openRedis(redisAddress(settings), { clock, random }),
    choice: fleet ?? fixedSlots({ types: settings.type, ids: settings.id }),
    channel: settings.redisChannel,
  });
}

/** The heartbeat goes with rules in Redis: a file needs no fleet. */
function companions(options: AssemblyOptions): Companion[] {
  const { app, clock, events, host, random, redisPrefix: prefix, settings, version } = options;
  const slots = slotsOf({ types: settings.type, ids: settings.id });
  if (options.exampleRules || settings.rules.kind !== "redis" || slots.length === 0) return [];
  const redis = openRedis(redisAddress(settings), { clock, random });
  const intervalMs = settings.heartbeatInterval;
  return [new Heartbeat({ redis, slots, intervalMs, prefix, host, version, app, clock, events })];
}

/** Connects are counted for all who use the token where there is a Redis anyway. */
function fleetConnects(options: AssemblyOptions): FleetConnects | undefined {
  const { app, clock, events, random, redisPrefix: prefix, settings } = options;
  if (options.exampleRules || settings.rules.kind !== "redis") return undefined;
  return new FleetConnects({
    redis: openRedis(redisAddress(settings), { clock, random }),
    prefix,
    app,
    clock,
    random,
    events,
  });
}

/** How often rules match, where the whole fleet may read it. */
function ruleStatistics(
  { app, clock, events, random, redisPrefix: prefix, settings }: AssemblyOptions,
): RuleStatistics {
  const redis = openRedis(redisAddress(settings), { clock, random });
  return new RuleStatistics({ redis, prefix, app, windowMs: settings.statsWindow, clock, random, events });
}

/** Word of what was done at X, where others may read it; a simulation leaves none. */
function appliedRulesNote(options: AssemblyOptions): AppliedRules | undefined {
  const { by, clock, events, isSimulation, random, settings } = options;
  if (isSimulation || settings.rules.kind !== "redis") return undefined;
  const redis = openRedis(redisAddress(settings), { clock, random });
  return new AppliedRules({ redis, clock, random, events, by, what: "collect" });
}

/** The fields that X is asked for, by the name of the query's parameter; an empty list asks for none. */
function fieldsOf(settings: Settings): Record<string, string> {
  const lists = {
    "tweet.fields": settings.tweetFields,
    expansions: settings.expansions,
    "user.fields": settings.userFields,
    "media.fields": settings.mediaFields,
    "place.fields": settings.placeFields,
  };
  return Object.fromEntries(
    Object.entries(lists).filter(([, names]) => names.length > 0).map((
      [parameter, names],
    ) => [parameter, names.join(",")]),
  );
}

function rulesHint(settings: Settings): string {
  if (settings.rules.kind === "file") return `Write one into ${settings.rules.path}`;
  const key = `traptor-${settings.type[0]}:${settings.id === "all" ? 0 : settings.id[0]}`;
  return `Add one: redis-cli sadd ${key} deno`;
}
