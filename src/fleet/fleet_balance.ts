/**
 * Whether what the instances of an app have told of their journals adds up, and what lies on machines that are gone. Pure.
 * Times are on Redis's clock, in milliseconds since 1970.
 */

import { type InstanceReport, isLive } from "../model/instance.ts";
import {
  fieldParts,
  type MirroredGap,
  type MirroredJournal,
  type MirroredTotals,
  type TakenMark,
  type WrittenOff,
} from "../model/mirrored.ts";

/** All that the fleet's instances have told; what is by instance and hour, or number, has its fields' names. */
export interface FleetTold {
  readonly now: number;
  readonly instances: ReadonlyMap<string, InstanceReport>;
  readonly hours: ReadonlyMap<string, MirroredTotals>;
  readonly journals: ReadonlyMap<string, MirroredJournal>;
  readonly gaps: ReadonlyMap<string, MirroredGap>;
  readonly marks: ReadonlyMap<string, TakenMark>;
  readonly writtenOff: readonly WrittenOff[];
}

/** `ended`: in order, with nothing left behind. `gone`: nobody hears of it. */
export type InstanceState = "holder" | "standby" | "ended" | "gone" | "written_off";

export interface FleetMember {
  readonly instance: string;
  readonly host: string;
  readonly state: InstanceState;
  /** When it told last; 0 where that is not known. */
  readonly toldAt: number;
  /** All that its journal has counted; undefined where it has told nothing of it. */
  readonly totals: MirroredTotals | undefined;
  /** Records that a sink waits for, and when the oldest of them was accepted (0: nothing tells). */
  readonly waiting: number;
  readonly waitingSince: number;
  readonly gapsOpen: number;
  /** How long its gaps were that nobody else has taken over, in milliseconds. */
  readonly gapMs: number;
}

/** Two numbers of an instance that must agree and do not. */
export interface FleetDifference {
  readonly instance: string;
  /** The beginning of the hour; undefined where it is about all hours together. */
  readonly hour: number | undefined;
  /** Empty where it is about no sink. */
  readonly sink: string;
  /**
   * `received`: tweets received, and accepted, repeated or dropped; `due`: tweets accepted, and those due to a sink, which
   * are not more; `settled`: those due to a sink, and those of which something became, which are not more; `waiting`:
   * records that wait by the counts, and those that do; `hours`: tweets received in all, and in the last days, which are
   * not more.
   */
  readonly what: "received" | "due" | "settled" | "waiting" | "hours";
  readonly expected: number;
  readonly found: number;
}

export interface FleetBalance {
  readonly now: number;
  /** By host. */
  readonly members: readonly FleetMember[];
  readonly differences: readonly FleetDifference[];
  /** Members that are gone, with records that wait. */
  readonly stranded: readonly FleetMember[];
  /** What was written off and did not come back. */
  readonly writtenOff: readonly WrittenOff[];
}

export function fleetBalance(told: FleetTold): FleetBalance {
  const { gaps, hours, instances, journals, now } = told;
  const named = [...gaps.keys(), ...hours.keys()].flatMap((field) => fieldParts(field)?.instance ?? []);
  const ids = new Set([...instances.keys(), ...journals.keys(), ...named]);
  const writtenOff = told.writtenOff.filter(({ at, instance }) =>
    !instances.has(instance) && (journals.get(instance)?.at ?? 0) <= at
  );
  const members = [...ids].map((id) => memberOf(id, told, writtenOff))
    .sort((one, other) =>
      one.host < other.host ? -1 : one.host > other.host ? 1 : one.instance < other.instance ? -1 : 1
    );
  return {
    now,
    members,
    differences: [...ids].sort().flatMap((id) => differencesOf(id, told)),
    stranded: members.filter(({ state, waiting }) => state === "gone" && waiting > 0),
    writtenOff,
  };
}

function memberOf(instance: string, told: FleetTold, writtenOff: readonly WrittenOff[]): FleetMember {
  const { instances, journals, now } = told;
  const report = instances.get(instance);
  const totals = journals.get(instance);
  const waiting = report?.waiting ?? totals?.waiting ?? 0;
  const state = stateOf(report, {
    now,
    waiting,
    isWrittenOff: writtenOff.some((entry) => entry.instance === instance),
  });
  const toldAt = Math.max(report?.at ?? 0, totals?.at ?? 0);
  const gaps = ownGaps(instance, told);
  const until = state === "holder" || state === "standby" ? now : toldAt;
  return {
    instance,
    host: report?.host ?? totals?.host ?? gaps[0]?.host ?? "",
    state,
    toldAt,
    totals,
    waiting: state === "written_off" ? 0 : waiting,
    waitingSince: report?.waiting_since ?? 0,
    gapsOpen: gaps.filter((gap) => gap.state === "open" || gap.state === "repairing").length,
    gapMs: gaps.reduce((sum, { began_at, ended_at }) => sum + Math.max(0, (ended_at ?? until) - began_at), 0),
  };
}

function stateOf(
  report: InstanceReport | undefined,
  { isWrittenOff, now, waiting }: { now: number; waiting: number; isWrittenOff: boolean },
): InstanceState {
  if (isWrittenOff) return "written_off";
  if (report && isLive(report, now)) return report.role === "holder" ? "holder" : "standby";
  const hasEnded = !report || report.role === "leaving";
  return hasEnded && waiting === 0 ? "ended" : "gone";
}

/** Gaps of listening that are still its own. */
function ownGaps(instance: string, { gaps, marks }: FleetTold): MirroredGap[] {
  return [...gaps].flatMap(([field, gap]) => {
    if (fieldParts(field)?.instance !== instance || gap.cause === "journal_damaged") return [];
    const mark = marks.get(field);
    const isTaken = mark !== undefined && mark.number !== 0 && mark.by !== instance;
    return isTaken ? [] : [gap];
  });
}

function differencesOf(instance: string, { hours, journals }: FleetTold): FleetDifference[] {
  const own = [...hours].flatMap(([field, totals]) => {
    const parts = fieldParts(field);
    return parts?.instance === instance ? [{ hour: Number(parts.rest), totals }] : [];
  });
  const journal = journals.get(instance);
  const all = own.sort((one, other) => one.hour - other.hour)
    .flatMap(({ hour, totals }) => unlike(totals).map((difference) => ({ instance, hour, ...difference })));
  if (!journal) return all;
  const inHours = own.reduce((sum, { totals }) => sum + totals.received, 0);
  const more: Omit<FleetDifference, "instance" | "hour">[] = [
    ...unlike(journal),
    ...unlikeWaiting(journal),
    ...inHours > journal.received
      ? [{ sink: "", what: "hours" as const, expected: journal.received, found: inHours }]
      : [],
  ];
  return [...all, ...more.map((difference) => ({ instance, hour: undefined, ...difference }))];
}

function unlike({ accepted, dropped, received, repeated, sinks }: MirroredTotals) {
  const differences: Omit<FleetDifference, "instance" | "hour">[] = [];
  const found = accepted + repeated + Object.values(dropped).reduce((sum, count) => sum + count, 0);
  if (found !== received) differences.push({ sink: "", what: "received", expected: received, found });
  for (const [sink, { dead, delivered, due, lost, unread }] of Object.entries(sinks)) {
    const settled = delivered + dead + lost + unread;
    if (due > accepted) differences.push({ sink, what: "due", expected: accepted, found: due });
    if (settled > due) differences.push({ sink, what: "settled", expected: due, found: settled });
  }
  return differences;
}

/** A record may wait for several sinks: at least as many wait as for one, at most as many as for all together. */
function unlikeWaiting({ sinks, waiting }: MirroredJournal): Omit<FleetDifference, "instance" | "hour">[] {
  const bySink = Object.values(sinks).map(({ dead, delivered, due, lost, unread }) =>
    due - delivered - dead - lost - unread
  );
  const least = Math.max(0, ...bySink);
  const most = bySink.reduce((sum, count) => sum + count, 0);
  if (waiting >= least && waiting <= most) return [];
  return [{ sink: "", what: "waiting", expected: waiting < least ? least : most, found: waiting }];
}
