/** What the status server tells: readiness, status and metrics, all from the parts themselves. */

import type { Clock } from "../base/clock.ts";
import type { Outbox } from "../deliver/outbox.ts";
import type { InstanceFacts } from "../fleet/roster.ts";
import type { Journal } from "../journal/journal.ts";
import type { Backlog } from "../model/backlog.ts";
import type { InstanceReport } from "../model/instance.ts";
import type { JsonObject } from "../model/json.ts";
import { DOLLAR } from "../model/prices.ts";
import type { Rule } from "../model/rule.ts";
import { slotName } from "../model/slot.ts";
import type { Counters } from "../observe/counters.ts";
import { metricsText } from "../observe/metrics.ts";
import type { FilteredStream } from "../stream/filtered_stream.ts";
import { isUp, STREAM_STATES } from "../stream/stream_states.ts";
import { judge, type Verdict } from "./readiness.ts";
import type { RuleKeeping } from "./rule_keeping.ts";

export interface ReportOptions {
  app: string;
  host: string;
  /** Which of the app's connections this instance has, from 1; 0 where it stands by. */
  lease: () => number;
  /** What is told of this instance. */
  tell: (facts: InstanceFacts) => InstanceReport;
  /** Since when nobody is known to have one, where this instance stands by; undefined where somebody has. */
  unheldSince: () => number | undefined;
  version: string;
  rules: RuleKeeping;
  stream: FilteredStream;
  backlog: Backlog;
  /** Absent for `--test`. */
  journal: Journal | undefined;
  outbox: Outbox;
  counters: Counters;
  clock: Clock;
}

/** Of how many rules the status has counts, the busiest. */
const MOST_COUNTS = 1_000;
/** How many refused rules the status names. */
const MOST_REFUSALS = 100;

export class Report {
  readonly #options: ReportOptions;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  readiness(): Verdict {
    const { backlog, clock, journal, outbox, rules, stream } = this.#options;
    const failing = outbox.health().filter((health) => health.state === "failing");
    return judge({
      stream: stream.status,
      rules: rules.counts,
      failingSinks: failing.map(({ target, reason }) => ({ sink: target, reason: reason ?? "no reason given" })),
      backlog: { records: backlog.waiting.records, full: backlog.full },
      journalFault: journal?.fault,
      deadFault: journal?.deadFault,
      unheldSince: this.#options.unheldSince(),
      nowMs: clock.now(),
    });
  }

  /** What the fleet is told of this instance; times on its own clock. */
  facts(): InstanceFacts {
    const { backlog, clock, counters, host, journal, lease, rules, stream, version } = this.#options;
    const { reason = "", since, state, until = 0 } = stream.status;
    const gaps = journal?.memory.gapTotals(clock.now());
    const { ready, reasons } = this.readiness();
    const { bytes, records } = backlog.waiting;
    const { hour, now } = counters.ratePerSecond;
    return {
      ...{ pid: Deno.pid, host, version, lease: lease(), role: lease() > 0 ? "holder" : "standby" },
      ...{ state, since, reason, until, rules: rules.counts, last_tweet_at: counters.lastTweetAt ?? 0 },
      ...{ rate_now: rounded(now), rate_hour: rounded(hour), waiting: records, waiting_bytes: bytes },
      waiting_since: records > 0 ? journal?.memory.waitingSince ?? 0 : 0,
      journal_full: backlog.full,
      delivery_ms: Math.round(counters.lastWaitMs),
      ...{ gaps_open: gaps?.open ?? 0, gaps_asking: gaps?.asking ?? 0, gap_ms: Math.round(gaps?.ms ?? 0) },
      ...{ connects_left: stream.connectsLeft, ready, reasons },
    };
  }

  status(): JsonObject {
    const { app, backlog, counters, journal, outbox, rules, stream, version } = this.#options;
    const { state, since, until, reason } = stream.status;
    const verdict = this.readiness();
    return {
      version,
      app,
      ready: verdict.ready,
      reasons: [...verdict.reasons],
      stream: {
        state,
        since: new Date(since).toISOString(),
        until: until === undefined ? null : new Date(until).toISOString(),
        reason: reason ?? null,
        connects_left: stream.connectsLeft,
      },
      rules: { ...rules.counts, refusals: refusals(rules.refused) },
      tweets: {
        received: counters.received,
        accepted: counters.accepted,
        delivered: Object.fromEntries(counters.delivered),
        dropped: Object.fromEntries(counters.dropped),
        attributed: Object.fromEntries(counters.attributed),
        last_at: counters.lastTweetAt === undefined ? null : new Date(counters.lastTweetAt).toISOString(),
      },
      rule_counts: counters.matchesByRule().slice(0, MOST_COUNTS).map(({ ruleId: rule_id, ...count }) => ({
        ...count,
        rule_id,
      })),
      instance: { ...this.#options.tell(this.facts()) } as unknown as JsonObject,
      odd_lines: Object.fromEntries(counters.oddLines),
      backlog: { ...backlog.waiting, full: backlog.full },
      journal: journal ? journalPart(journal, this.#options.clock.now()) : null,
      sinks: outbox.health().map(({ sink, target, state, since, reason }) => ({
        sink,
        target,
        state,
        since: new Date(since).toISOString(),
        reason: reason ?? null,
      })),
    };
  }

  metrics(): string {
    const { backlog, counters, journal, rules, stream, version } = this.#options;
    const { state } = stream.status;
    const { held, refused, unplaced } = rules.counts;
    return metricsText(counters, {
      version,
      connected: isUp(state),
      waitingRecords: backlog.waiting.records,
      waitingBytes: backlog.waiting.bytes,
      rulesHeld: held,
      rulesRefused: refused,
      queriesUnplaced: unplaced,
      connectsLeft: stream.connectsLeft,
      streamState: state,
      streamStates: STREAM_STATES,
      gaps: journal?.memory.gapTotals(this.#options.clock.now()),
    });
  }
}

/** To three digits after the point. */
function rounded(figure: number): number {
  return Math.round(figure * 1_000) / 1_000;
}

function journalPart(journal: Journal, now: number): JsonObject {
  const { deadFault, fault, path, usedBytes } = journal;
  const gaps = journal.memory.gapTotals(now);
  return {
    path,
    used_bytes: usedBytes,
    fault: fault ?? null,
    dead: deadFault ?? null,
    gaps: gaps
      ? {
        open: gaps.open,
        seconds: gaps.ms / 1000,
        read: gaps.reads,
        found: gaps.found,
        cost_usd: gaps.cost / DOLLAR,
      }
      : null,
  };
}

function refusals(refused: ReadonlyMap<Rule, string>): JsonObject[] {
  return [...refused].slice(0, MOST_REFUSALS).map(([{ ruleId, slot, value }, reason]) => ({
    slot: slotName(slot),
    rule_id: ruleId,
    value,
    reason,
  }));
}
