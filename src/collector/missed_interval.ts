/** When that was made, by X's clock, which is missing in a gap: a little more than the gap itself. Pure. */

import type { Gap } from "../journal/gaps.ts";
import { timeOfId } from "../model/stream_message.ts";

/**
 * What had been made shortly before the last tweet that came was still on its way to us: 99 of 100 come within 7 s
 * (docs.x.com, Consuming streaming data), and none at once. Each second more is paid for again with every gap.
 */
const ON_THE_WAY_MS = 5_000;
/**
 * Who reads slowly is behind: what had been made since the last tweet that was accepted was on its way as well. Beyond so
 * much that tweet only tells that there were few.
 */
const MOST_BEHIND_MS = 5 * 60_000;
/** X tells its time in whole seconds, so it may be farther ahead than it says. */
const SECOND_MS = 1_000;

/**
 * The interval in milliseconds since 1970, where X's clock is so far ahead of ours. Where the ids of what came around the
 * gap are forgotten by now, it is the gap itself: more of it would be delivered a second time.
 */
export function missedInterval(
  { beganAt, endedAt = 0, lastId }: Pick<Gap, "beganAt" | "endedAt" | "lastId">,
  aheadMs: number,
  areIdsKnown = true,
): { readonly from: number; readonly to: number } {
  const began = beganAt + aheadMs;
  if (!areIdsKnown) return { from: began, to: endedAt + aheadMs };
  const last = (lastId === undefined ? undefined : timeOfId(lastId)) ?? began;
  const from = Math.min(began, Math.max(last, began - MOST_BEHIND_MS)) - ON_THE_WAY_MS;
  return { from, to: endedAt + aheadMs + SECOND_MS };
}

/** How long the interval is that has to be looked at for a gap, in milliseconds. */
export function missedLength(gap: Gap): number {
  const { from, to } = missedInterval(gap, 0);
  return to - from;
}
