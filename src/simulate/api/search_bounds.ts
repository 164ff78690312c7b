/**
 * Between which ids a search looks, by the ids and times of its request, and what X refuses of them.
 * Sources: X's OpenAPI document, version 2.167 (by default up to 30 seconds ago; seven days); AutoGPT#11461 and the
 * messages as people quote them (10 seconds, seven days, to the minute, ids that are too old);
 * plhery/node-twitter-api-v2#152 (ids and times exclude each other). How long after it was posted something is found
 * is not published.
 */

import { isBefore, snowflake } from "../snowflake.ts";
import type { Refusable } from "./parameters.ts";
import { invalidRequest } from "./problems.ts";

/** The bounds of a search: ids above `since` and below `until`. */
export interface Bounds {
  readonly since: string;
  readonly until: string;
}

const LEAST_AGE_MS = 10_000;
const DEFAULT_AGE_MS = 30_000;
const REACH_MS = 7 * 86_400_000;
const IDS = ["since_id", "until_id"];
const TOKENS = ["next_token", "pagination_token"];

/** Reads the bounds; `lagMs` is the age from which tweets are found. */
export function readBounds(query: URLSearchParams, now: number, lagMs: number): Refusable<Bounds> {
  const [since, until] = IDS.map((name) => query.get(name));
  const tokens = TOKENS.map((name) => query.get(name));
  for (const name of [...IDS, ...TOKENS]) {
    const id = query.get(name);
    if (id !== null && !/^\d{1,19}$/.test(id)) return refuse({ [name]: [id] }, `Invalid '${name}':'${id}'.`);
  }
  const start = readTime(query, "start_time", now);
  if (start.refusal) return start;
  const end = readTime(query, "end_time", now);
  if (end.refusal) return end;
  const hasTime = start.value !== undefined || end.value !== undefined;
  if (hasTime && (since || until)) {
    return refuse({}, "Invalid use of 'since_id' or 'until_id' in conjunction with 'start_time' or 'end_time'.");
  }
  const oldest = snowflake(now - REACH_MS, 0);
  if (since && isBefore(since, oldest)) {
    const message =
      `'since_id' must be a tweet id created after ${toMinute(now - REACH_MS)}. Please use a 'since_id' ` +
      `that is larger than ${oldest}`;
    return refuse({ since_id: [since] }, message);
  }
  const newest = Math.min(end.value ?? now - DEFAULT_AGE_MS, now - lagMs);
  const upper = [until, ...tokens].filter((id) => typeof id === "string");
  return {
    value: {
      since: since ?? (start.value === undefined ? "0" : String(BigInt(snowflake(start.value, 0)) - 1n)),
      until: upper.reduce((one, other) => isBefore(other, one) ? other : one, snowflake(newest, 0)),
    },
  };
}

function readTime(query: URLSearchParams, name: string, now: number): Refusable<number | undefined> {
  const text = query.get(name);
  if (text === null) return { value: undefined };
  const time = Date.parse(text);
  if (Number.isNaN(time)) return refuse({ [name]: [text] }, `Invalid '${name}':'${text}'.`);
  const invalid = `Invalid '${name}':'${toMinute(time)}'.`;
  if (time > now - LEAST_AGE_MS) {
    return refuse(
      { [name]: [text] },
      `${invalid} '${name}' must be a minimum of 10 seconds prior to the request time.`,
    );
  }
  if (time < now - REACH_MS) {
    return refuse({ [name]: [text] }, `${invalid} '${name}' must be on or after ${toMinute(now - REACH_MS)}`);
  }
  return { value: time };
}

/** As X writes times in its messages. */
function toMinute(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16)}Z`;
}

function refuse(
  parameters: Readonly<Record<string, unknown>>,
  message: string,
): { refusal: ReturnType<typeof invalidRequest> } {
  return { refusal: invalidRequest(parameters, message) };
}
