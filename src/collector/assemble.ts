/** Builds the graph of parts from the settings, and starts nothing. The only place where rooms of floor 2 meet. */

import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import type { Random } from "../base/random.ts";
import { openRedis, type RedisAddress } from "../base/redis.ts";
import type { Settings } from "../config/options.ts";
import { Outbox } from "../deliver/outbox.ts";
import type { Sink } from "../deliver/sink.ts";
import { FleetConnects } from "../fleet/fleet_connects.ts";
import { Heartbeat } from "../fleet/heartbeat.ts";
import type { Journal } from "../journal/journal.ts";
import { RateLimit } from "../match/rate_limit.ts";
import { Tagger } from "../match/tagger.ts";
import type { Backlog } from "../model/backlog.ts";
import { DOLLAR } from "../model/prices.ts";
import type { Translation } from "../model/query.ts";
import type { Rule } from "../model/rule.ts";
import { type Slot, slotsOf } from "../model/slot.ts";
import { type Tier, TIERS } from "../model/tier.ts";
import { Counters } from "../observe/counters.ts";
import { AppliedRules } from "../rules/applied_rules.ts";
import { FileRuleStore } from "../rules/file_rule_store.ts";
import { FixedRuleStore } from "../rules/fixed_rule_store.ts";
import { RedisRuleStore } from "../rules/redis_rule_store.ts";
import { RuleFeed } from "../rules/rule_feed.ts";
import type { RuleStore } from "../rules/rule_store.ts";
import { readRulesText } from "../rules/rules_text.ts";
import { ConnectBudget } from "../stream/connect_budget.ts";
import { ConnectionSlot } from "../stream/connection_slot.ts";
import { FilteredStream } from "../stream/filtered_stream.ts";
import { RuleSync } from "../stream/rule_sync.ts";
import type { RecoveryOptions } from "../stream/recovery.ts";
import type { Token } from "../stream/token.ts";
import type { Transport } from "../stream/transport.ts";
import { TwitterRulesApi } from "../stream/twitter_api.ts";
import { TwitterSearch } from "../stream/twitter_search.ts";
import exampleRules from "../templates/example_rules.json" with { type: "text" };
import { Commands } from "./commands.ts";
import { Collector, type Companion } from "./collector.ts";
import { GapRepair } from "./gap_repair.ts";
import { Intake } from "./intake.ts";
import { Report } from "./report.ts";
import { RuleKeeping } from "./rule_keeping.ts";

export interface AssemblyOptions {
  settings: Settings;
  token: Token;
  /** The app's name: what the token's hash begins with. */
  app: string;
  installation: string;
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
  const {
    app,
    backlog,
    clock,
    events,
    installation,
    journal,
    random,
    settings,
    sinks,
    token,
    transport,
    version,
  } = options;
  const isManual = settings.rulesApply === "manual";
  const counters = new Counters(() => clock.now());
  events.listen(counters.listener);

  const outbox = new Outbox({ sinks, backlog, events, clock, random, maxAgeMs: COMPANY_MS });
  const store = ruleStore(options);
  const sharedConnects = fleetConnects(options);
  const rateLimit = settings.rateLimiting
    ? new RateLimit({ perSecond: settings.rateLimitPerSecond, capacity: settings.rateLimitCapacity, clock })
    : undefined;
  const tagger = new Tagger({ installation, clock });
  const intake = new Intake({
    tagger,
    rateLimit,
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
  const stream = new FilteredStream({
    ...request,
    hasWorked: journal?.memory.hasWorked ?? false,
    backfillMinutes: repair?.backfillMinutes ?? (() => 0),
    random,
    slot: new ConnectionSlot({ transport, token, clock, memory: journal?.memory, takesOver: settings.takeOver }),
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
    register: journal?.listening,
    ...(appliedRules ? { appliedRules } : {}),
    ...{ clock, events, random },
    hasWorked: journal?.memory.hasWorked ?? false,
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
      ...sharedConnects ? [sharedConnects] : [],
      ...appliedRules ? [appliedRules] : [],
      ...journal ? [new Commands({ journal, repair, ...repairLimits(settings), clock, events })] : [],
      ...repair ? [repair] : [],
    ],
    counters,
    events,
    clock,
  });
  return {
    collector,
    counters,
    report: new Report({ app, version, rules, stream, backlog, journal, outbox, counters, clock }),
  };
}

/** What a repair may cost, in millionths of a dollar. */
function repairLimits(settings: Settings): { mostPerGap: number; mostPerDay: number } {
  return { mostPerGap: settings.gapRepairMaxUsd * DOLLAR, mostPerDay: settings.gapRepairMaxUsdADay * DOLLAR };
}

/** Whatever fetches what was missed; nothing does without a journal, which has the gaps. */
function gapRepair(
  { clock, events, journal, random, settings, token, transport }: AssemblyOptions,
  { intake, request, rulesNow }: { intake: Intake; request: RecoveryOptions; rulesNow: () => Iterable<Rule> },
): GapRepair | undefined {
  const { gapRepair: mode } = settings;
  if (!journal || mode === "off") return undefined;
  const tier = tierOf(settings);
  return new GapRepair({
    ...{ clock, events, intake, journal, mode, random, rulesNow },
    ...repairLimits(settings),
    askedFor: settings.rulesApply === "manual" ? ["stopped", "rules_missing", "rules_uncovered"] : ["stopped"],
    search: new TwitterSearch(token, { transport, clock, fields: request.fields }),
    searchLength: tier.searchLength,
    translation: translationOf(settings),
    recovery: tier.hasRecovery ? request : undefined,
  });
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

function ruleStore({ settings, clock, random, exampleRules: useExamples }: AssemblyOptions): RuleStore {
  const slot: Slot = { type: settings.type[0]!, id: settings.id === "all" ? 0 : settings.id[0]! };
  if (useExamples) {
    return new FixedRuleStore("the example rules", readRulesText(exampleRules, "the example rules", slot));
  }
  if (settings.rules.kind === "file") return new FileRuleStore({ path: settings.rules.path, slot, clock });
  return new RedisRuleStore({
    redis: openRedis(redisAddress(settings), { clock, random }),
    selection: { types: settings.type, ids: settings.id },
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
