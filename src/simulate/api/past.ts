/**
 * What a connect of the stream wants of the past: the last minutes (backfill), or an interval and nothing else
 * (recovery). Source: docs.x.com, Recovery and redundancy; X's OpenAPI document, version 2.167. X has published no
 * words for what it refuses here, nor what it does with an interval that has not ended: here it ends with the connect.
 */

import type { Caps } from "../caps.ts";
import { readNumber, type Refusable } from "./parameters.ts";
import { invalidRequest, notInThisTier } from "./problems.ts";

/** An interval of which the past is asked for, its end excluded: milliseconds since 1970. */
export interface Past {
  readonly kind: "backfill" | "recovery";
  readonly start: number;
  readonly end: number;
}

/** The parameters of the past. */
export const PAST_PARAMETERS = ["backfill_minutes", "start_time", "end_time"];

const MINUTE_MS = 60_000;
/** How far back an interval may begin. */
const REACH_MS = 24 * 60 * MINUTE_MS;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/** Reads them; undefined when nothing of the past is wanted. */
export function readPast(query: URLSearchParams, caps: Caps, now: number): Refusable<Past | undefined> {
  const ofOtherTier = PAST_PARAMETERS.find((name) =>
    query.has(name) && (name === "backfill_minutes" ? caps.backfillMinutes : caps.recoveries) === 0
  );
  if (ofOtherTier !== undefined) return { refusal: notInThisTier(ofOtherTier) };
  const minutes = readNumber(query, "backfill_minutes", { least: 0, most: caps.backfillMinutes, fallback: 0 });
  if (minutes.refusal) return minutes;
  const times = [query.get("start_time"), query.get("end_time")] as const;
  if (times.every((time) => time === null)) {
    const start = now - minutes.value * MINUTE_MS;
    return { value: minutes.value === 0 ? undefined : { kind: "backfill", start, end: Infinity } };
  }
  const refuse = (message: string) => ({
    refusal: invalidRequest({ start_time: [times[0]], end_time: [times[1]] }, message),
  });
  const [start, end] = times.map((time) => time !== null && TIME.test(time) ? Date.parse(time) : NaN) as [
    number,
    number,
  ];
  if (Number.isNaN(start) || Number.isNaN(end)) {
    return refuse("`start_time` and `end_time` must be YYYY-MM-DDTHH:mm:ssZ");
  }
  if (end <= start) return refuse("`end_time` must be after `start_time`");
  if (start < now - REACH_MS) return refuse("`start_time` must be within the last 24 hours");
  if (minutes.value > 0) return refuse("`backfill_minutes` cannot be used with `start_time` and `end_time`");
  return { value: { kind: "recovery", start, end } };
}
