/** Which gaps of other instances the holder takes over. Pure. */

import { type InstanceReport, isLive } from "../model/instance.ts";
import { fieldParts, type TakenMark } from "../model/mirrored.ts";
import type { FleetGap } from "./gap_mirror.ts";

export interface TakeChoice {
  readonly gaps: readonly FleetGap[];
  readonly marks: ReadonlyMap<string, TakenMark>;
  readonly instances: ReadonlyMap<string, InstanceReport>;
  /** Ours. */
  readonly instance: string;
  /** The causes of gaps that a person has to ask for; all need that where it is undefined. */
  readonly askedFor: readonly string[] | undefined;
  /** On Redis's clock. */
  readonly now: number;
}

/** How far back X's search goes. */
const REACH_MS = 7 * 24 * 3_600_000;

/** How long whoever reads the second connection has for that. */
const SETTLING_MS = 60_000;

/** They are over, something is to be done about them that needs no asking, and nobody does it. The oldest first. */
export function gapsToTake(choice: TakeChoice): FleetGap[] {
  return choice.gaps.filter((candidate) => isToBeTaken(candidate, choice))
    .sort((one, other) => one.gap.began_at - other.gap.began_at);
}

function isToBeTaken({ field, gap }: FleetGap, choice: TakeChoice): boolean {
  const { askedFor, instance, instances, marks, now } = choice;
  const owner = fieldParts(field)?.instance;
  if (owner === undefined || owner === instance) return false;
  if (gap.state !== "open" && gap.state !== "repairing") return false;
  if (gap.ended_at === null || gap.ended_at <= now - REACH_MS) return false;
  if (gap.waits_until === null || gap.waits_until > now) return false;
  const needsAsking = askedFor === undefined || askedFor.includes(gap.cause);
  if (needsAsking && gap.allowed === null) return false;
  if (isLiveHolder(owner, instances, now)) return false;
  // Whoever reads a second connection finds out by itself what came by the first one meanwhile.
  const report = instances.get(owner);
  if (report?.role === "holder" && isLive(report, now) && gap.ended_at > now - SETTLING_MS) return false;
  const mark = marks.get(field);
  // Who has taken its own gap back does not have the connection any more.
  return mark?.by === owner || isFree(mark, choice);
}

/** Nobody has it, or whoever wanted it is gone, or it was us and we did not come to it. */
function isFree(mark: TakenMark | undefined, { instance, instances, now }: TakeChoice): boolean {
  if (!mark) return true;
  if (mark.number !== 0) return false;
  return mark.by === instance || isGone(mark.by, instances, now);
}

/** Whether an instance is no more, as far as anybody knows. */
export function isGone(instance: string, instances: ReadonlyMap<string, InstanceReport>, now: number): boolean {
  const report = instances.get(instance);
  return !report || !isLive(report, now);
}

/** Whether an instance has the first of the app's connections to X: it alone repairs. */
export function isLiveHolder(
  instance: string,
  instances: ReadonlyMap<string, InstanceReport>,
  now: number,
): boolean {
  const report = instances.get(instance);
  return report?.role === "holder" && report.lease <= 1 && isLive(report, now);
}
