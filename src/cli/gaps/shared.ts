/** Gaps for people and programs. */

import { type Gap, GAP_CAUSES } from "../../journal/gaps.ts";
import { shown } from "../../model/outside_text.ts";
import type { JsonObject } from "../../model/json.ts";

/** A gap as JSON. */
export function gapJson(gap: Gap): JsonObject {
  return {
    number: gap.number,
    began_at: iso(gap.beganAt),
    ended_at: gap.endedAt === undefined ? null : iso(gap.endedAt),
    seconds: gap.endedAt === undefined ? null : (gap.endedAt - gap.beganAt) / 1000,
    cause: gap.cause,
    detail: gap.detail,
    state: gap.state,
    outcome: gap.outcome === "" ? null : gap.outcome,
    rules: gap.rules.length,
    missed: gap.missed ?? null,
  };
}

/** The cause in words, with what exactly happened. */
export function causeShown({ cause, detail }: Pick<Gap, "cause" | "detail">): string {
  const words = GAP_CAUSES[cause] ?? shown(cause);
  return detail === "" ? words : `${words}: ${shown(detail, 200)}`;
}

/** How long a gap was, or is by now, in milliseconds. */
export function lengthOf({ beganAt, endedAt }: Gap, now: number): number {
  return Math.max(0, (endedAt ?? now) - beganAt);
}

/** `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function lengthShown(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
