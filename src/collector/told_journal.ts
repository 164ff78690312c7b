/** A journal as the fleet is told of it: its gaps and totals as the JSON in Redis. Pure. */

import { isOver, type ToldGap } from "../journal/mirror_rows.ts";
import { UNTIL_ASKED } from "../journal/gap_repairs.ts";
import { type Count, HOUR_MS } from "../journal/tally.ts";
import type { MirroredGap, MirroredJournal, MirroredSink, MirroredTotals } from "../model/mirrored.ts";

type Mutable<Value> = { -readonly [Name in keyof Value]: Value[Name] };
type TweetCount = Omit<Count, "rule">;

/** A gap; `inRedis` makes a moment of our clock one of Redis's. */
export function toldGap(
  gap: ToldGap,
  { host, inRedis, rules }: { host: string; inRedis: (at: number) => number; rules: string },
): MirroredGap {
  const { allowed, began_at, cost, ended_at, waits_until } = gap;
  return {
    began_at: inRedis(began_at),
    ended_at: ended_at === null ? null : inRedis(ended_at),
    cause: gap.cause,
    detail: gap.detail,
    state: gap.state,
    outcome: gap.outcome,
    missed: gap.missed,
    last_id: gap.last_id,
    repair: gap.repair,
    reads: gap.reads,
    found: gap.found,
    cost,
    waits_until: waits_until === UNTIL_ASKED ? null : waits_until === 0 ? 0 : inRedis(waits_until),
    allowed: allowed === null ? null : Math.max(0, allowed - cost),
    rules: isOver(gap.state) ? "" : rules,
    searches: gap.searches.map(({ query, reason, state, untilId }) => ({
      query,
      state,
      until_id: untilId ?? null,
      reason,
    })),
    host,
  };
}

/** Counts by the hour since a moment, by the hour's beginning as text. */
export function toldHours(counts: Iterable<TweetCount>, since: number): Map<string, MirroredTotals> {
  const byHour = new Map<number, TweetCount[]>();
  for (const count of counts) {
    if (count.hour < since - HOUR_MS) continue;
    const others = byHour.get(count.hour);
    if (others) others.push(count);
    else byHour.set(count.hour, [count]);
  }
  return new Map([...byHour].map(([hour, own]) => [String(hour), totalsOf(own)]));
}

/** All counts together, with what waits now. */
export function toldJournal(
  counts: Iterable<TweetCount>,
  { at, host, waiting }: { at: number; host: string; waiting: number },
): MirroredJournal {
  return { at, host, waiting, ...totalsOf(counts) };
}

export function totalsOf(counts: Iterable<TweetCount>): MirroredTotals {
  const totals = { received: 0, accepted: 0, repeated: 0 };
  const dropped: Record<string, number> = {};
  const sinks: Record<string, Mutable<MirroredSink>> = {};
  for (const { count, detail, outcome } of counts) {
    switch (outcome) {
      case "received":
      case "accepted":
      case "repeated":
        totals[outcome] += count;
        break;
      case "dropped":
        dropped[detail] = (dropped[detail] ?? 0) + count;
        break;
      default:
        (sinks[detail] ??= { due: 0, delivered: 0, dead: 0, unread: 0, lost: 0 })[outcome] += count;
    }
  }
  return { ...totals, dropped, sinks };
}
