/** What the fleet's journals add up to, as JSON. */

import type { FleetBalance, FleetMember } from "../../fleet/fleet_balance.ts";
import type { JsonObject } from "../../model/json.ts";
import type { MirroredTotals } from "../../model/mirrored.ts";
import { iso } from "../figures.ts";
import { sumOf } from "./fleet_sum.ts";

export function fleetJson(app: string, balance: FleetBalance): JsonObject {
  const { differences, members, now, stranded, writtenOff } = balance;
  const sum = sumOf(balance);
  return {
    app,
    at: iso(now),
    balances: fleetBalances(balance),
    instances: members.map(memberJson),
    all: { ...totalsJson(sum.totals), waiting: sum.waiting, gaps_open: sum.gapsOpen, gap_seconds: sum.gapMs / 1_000 },
    stranded: stranded.map(memberJson),
    written_off: writtenOff.map(({ at, since, ...entry }) => ({
      ...entry,
      since: since === 0 ? null : iso(since),
      at: iso(at),
    })),
    differences: differences.map(({ hour, sink, ...difference }) => ({
      ...difference,
      hour: hour === undefined ? null : iso(hour),
      sink: sink === "" ? null : sink,
    })),
  };
}

/** Whether all adds up, and nothing lies where nobody delivers it. */
export function fleetBalances({ differences, stranded }: FleetBalance): boolean {
  return differences.length === 0 && stranded.length === 0;
}

function memberJson({ gapMs, gapsOpen, host, instance, state, toldAt, totals, ...member }: FleetMember): JsonObject {
  return {
    host,
    instance,
    state,
    last_told: toldAt === 0 ? null : iso(toldAt),
    ...totals ? totalsJson(totals) : {},
    waiting: member.waiting,
    waiting_since: member.waitingSince === 0 ? null : iso(member.waitingSince),
    gaps_open: gapsOpen,
    gap_seconds: gapMs / 1_000,
  };
}

function totalsJson({ accepted, dropped, received, repeated, sinks }: MirroredTotals): JsonObject {
  return {
    received,
    accepted,
    repeated,
    dropped: { ...dropped },
    sinks: Object.fromEntries(Object.entries(sinks).map(([sink, counts]) => [sink, { ...counts }])),
  };
}
