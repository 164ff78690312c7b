/** Builds the graph of parts from the settings, and starts nothing. The only place where rooms of floor 2 meet. */

import type { Events } from "../base/events.ts";
import type { Settings } from "../config/options.ts";
import { Outbox } from "../deliver/outbox.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Predecessor } from "../fleet/tenure.ts";
import { KeptRules } from "../journal/kept_rules.ts";
import { RateLimit } from "../match/rate_limit.ts";
import { Tagger } from "../match/tagger.ts";
import type { Translation } from "../model/query.ts";
import type { Rule } from "../model/rule.ts";
import { selectionNames, type Slot } from "../model/slot.ts";
import { type Tier, TIERS } from "../model/tier.ts";
import { Counters } from "../observe/counters.ts";
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
import { isUp } from "../stream/stream_states.ts";
import { permitted } from "../stream/transport.ts";
import { TwitterRulesApi } from "../stream/twitter_api.ts";
import { TwitterSearch } from "../stream/twitter_search.ts";
import { XFailure } from "../stream/x_failure.ts";
import exampleRules from "../templates/example_rules.json" with { type: "text" };
import { commands, companions, fleetConnects, fleetMirror, fleetOf, ruleStatistics, teller } from "./assemble_fleet.ts";
import { besideParts } from "./assemble_beside.ts";
import {
  askedFor,
  type AssemblyOptions,
  isOnDisk,
  openRedisOf,
  redisAddress,
  repairLimits,
} from "./assembly_options.ts";
import { Collector, type Companion } from "./collector.ts";
import type { FleetMirror } from "./fleet_mirror.ts";
import { GapRepair } from "./gap_repair.ts";
import { Intake } from "./intake.ts";
import { OwnConnection } from "./own_connection.ts";
import { SoleOwnership } from "./ownership.ts";
import { Report } from "./report.ts";
import { RuleKeeping } from "./rule_keeping.ts";

export type { AssemblyOptions };
export { redisAddress };

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
  const beside = fleet && besideParts(options, { fleet, intake });
  const slot = new ConnectionSlot({
    ...{ transport, token, clock, memory: connection, takesOver: settings.takeOver },
    ...beside ? { others: fleet.besides } : {},
  });
  const hasWorked = () => (journal?.memory.hasWorked ?? false) || (fleet?.hasWorked ?? false);
  const stream = new FilteredStream({
    ...request,
    hasWorked,
    backfillMinutes: repair?.backfillMinutes ?? (() => 0),
    random,
    slot,
  });
  const appliedRules = appliedRulesNote(options);
  const isSecond = () => (fleet?.lease ?? 0) > 1;
  const rules = new RuleKeeping({
    source: new RuleFeed({
      store,
      kept: keptRules(options),
      pollMs: settings.ruleCheckInterval,
      clock,
      random,
      events,
    }),
    keeper: new RuleSync({
      api: new TwitterRulesApi(token, { transport, clock }),
      installation,
      events,
      tier: tierOf(settings),
      isManual,
      isSecond,
    }),
    tagger,
    rateLimit,
    statistics,
    register: journal?.listening,
    ...(appliedRules ? { appliedRules } : {}),
    ...{ clock, events, random, hasWorked, isSecond },
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
      ...beside?.companions ?? [],
      ...sharedConnects ? [sharedConnects] : [],
      ...appliedRules ? [appliedRules] : [],
      ...journal ? commands(options, { journal, repair, fleet }) : [],
    ],
    ownership: fleet ?? new SoleOwnership(),
    statistics,
    whileOwner: repair ? [afterSettling(repair, mirror)] : [],
    inherit: (predecessor) => inherit(slot, predecessor),
    ...beside ? { beside: { ...beside, onFirst: freeing(slot, events) } } : {},
    counters,
    events,
    clock,
  });
  const report = new Report({
    ...{ app, version, rules, stream, backlog, journal, outbox, counters, clock, host: options.host },
    lease: () => fleet?.lease ?? 1,
    tell: teller(options, fleet),
    unheldSince: () => collector.unheldSince,
  });
  if (fleet) {
    events.listen(({ name }) => name === "stream_state" && fleet.tell());
    fleet.facts = () => report.facts();
    fleet.pulse = () => ({
      at: !journal || isOnDisk(journal) ? collector.accountedUntil : undefined,
      from: collector.accountedFrom,
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

/** A connection that a dead holder has left at X keeps a place there: it is closed, where X does that. */
function freeing(slot: ConnectionSlot, events: Events) {
  return async ({ connection: id, grantedAt, released }: Predecessor, signal: AbortSignal): Promise<void> => {
    if (released || (id === "" && grantedAt === 0)) return;
    try {
      await slot.free({ id, grantedAt }, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof XFailure)) throw error;
      events.emit("connections_unknown", { reason: error.message });
    }
  };
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

function ruleStore(options: AssemblyOptions, fleet: Fleet | undefined): RuleStore {
  const { clock, exampleRules: useExamples, settings } = options;
  const slot: Slot = { type: settings.type[0]!, id: settings.id === "all" ? 0 : settings.id[0]! };
  if (useExamples) {
    return new FixedRuleStore("the example rules", readRulesText(exampleRules, "the example rules", slot));
  }
  if (settings.rules.kind === "file") return new FileRuleStore({ path: settings.rules.path, slot, clock });
  return new RedisRuleStore({
    redis: openRedisOf(options),
    choice: fleet ?? fixedSlots({ types: settings.type, ids: settings.id }),
    channel: settings.redisChannel,
  });
}

/** What to go on with at a start while Redis does not answer. */
function keptRules({ isSimulation, journal, settings }: AssemblyOptions): KeptRules | undefined {
  if (!journal || isSimulation || settings.rules.kind !== "redis") return undefined;
  return new KeptRules(journal, selectionNames({ types: settings.type, ids: settings.id }));
}

/** Word of what was done at X, where others may read it; a simulation leaves none. */
function appliedRulesNote(options: AssemblyOptions): AppliedRules | undefined {
  const { by, clock, events, isSimulation, random, settings } = options;
  if (isSimulation || settings.rules.kind !== "redis") return undefined;
  const redis = openRedisOf(options);
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
