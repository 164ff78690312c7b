/** Gaps for people and programs. */

import { UsageError } from "../../base/errors.ts";
import { type Gap, GAP_CAUSES } from "../../journal/gaps.ts";
import { shown } from "../../model/outside_text.ts";
import type { JsonObject } from "../../model/json.ts";
import { DOLLAR } from "../../model/prices.ts";
import { iso } from "../figures.ts";

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
    last_id: gap.lastId ?? null,
    repair: gap.repair === "" ? null : gap.repair,
    read: gap.reads,
    found: gap.found,
    cost_usd: gap.cost / DOLLAR,
  };
}

/** The cause in words, with what exactly happened. */
export function causeShown({ cause, detail }: Pick<Gap, "cause" | "detail">): string {
  const words = GAP_CAUSES[cause] ?? shown(cause);
  return detail === "" ? words : `${words}: ${shown(detail, 200)}`;
}

/** Its state, with what came of repairing it. */
export function stateShown({ outcome, state }: Pick<Gap, "outcome" | "state">): string {
  return outcome === "" ? state : `${state} (${shown(outcome, 200)})`;
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

/** The gap that a person names by its number. Throws UsageError. */
export function gapNumber(what: string, [text = "", ...others]: readonly string[]): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (number > 0 && others.length === 0) return number;
  throw new UsageError(
    text === "" ? `Cannot tell which gap to ${what}` : `Cannot ${what} "${shown(text, 40)}": one number is wanted`,
    { hint: "a number that `traptor gaps list` shows" },
  );
}
