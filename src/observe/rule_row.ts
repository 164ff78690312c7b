/**
 * The statistics of one rule as they stand in Redis: a hash for each app and slot, a field for each rule, JSON. Whoever
 * reads them cannot know who wrote there: what is no such row is none, and what is missing is zero.
 */

import { isObject, jsonIn, type JsonValue } from "../model/json.ts";

/** How long the window of the rate is, in milliseconds. */
export const RATE_WINDOW_MS = 10_000;
/** How old a row may be for its rate to hold: one that still changes is written more often. */
const RATE_HOLDS_MS = 30_000;

export interface RuleRow {
  readonly value: string;
  readonly tag: string | null;
  /** Accepted tweets within the window. */
  readonly matches: number;
  readonly windowMs: number;
  /** When counting began, in milliseconds since 1970, where that is later than the window's beginning. */
  readonly since: number | undefined;
  /** Accepted tweets since ever. */
  readonly total: number;
  /** Tweets that the rate limit dropped. */
  readonly limited: number;
  /** When the last tweet was accepted, in milliseconds since 1970. */
  readonly lastAt: number | undefined;
  /** Accepted tweets a second, lately. */
  readonly rate: number;
  /** When the row was written, in milliseconds since 1970; 0 where that is not known. */
  readonly at: number;
}

/** The key of the hash of one slot, such as `track:0`. */
export function statisticsKey(prefix: string, app: string, slot: string): string {
  return `${prefix}traptor:stats:${app}:${slot}`;
}

export function writeRuleRow(row: RuleRow): string {
  return JSON.stringify({
    value: row.value,
    tag: row.tag,
    matches: row.matches,
    window_ms: row.windowMs,
    ...row.since === undefined ? {} : { since: new Date(row.since).toISOString() },
    total: row.total,
    limited: row.limited,
    ...row.lastAt === undefined ? {} : { last_at: new Date(row.lastAt).toISOString() },
    rate: row.rate,
    at: new Date(row.at).toISOString(),
  });
}

/** The row that a field holds; undefined where it is none. */
export function readRuleRow(text: string): RuleRow | undefined {
  const fields = jsonIn(text);
  if (!isObject(fields) || typeof fields["value"] !== "string") return undefined;
  return {
    value: fields["value"],
    tag: typeof fields["tag"] === "string" ? fields["tag"] : null,
    matches: wholeOf(fields["matches"]),
    windowMs: wholeOf(fields["window_ms"]),
    since: momentOf(fields["since"]),
    total: wholeOf(fields["total"]),
    limited: wholeOf(fields["limited"]),
    lastAt: momentOf(fields["last_at"]),
    rate: numberOf(fields["rate"]),
    at: momentOf(fields["at"]) ?? 0,
  };
}

/** The row as it is to be understood now: what nobody writes on any more has nothing left in its window. */
export function agedRow(row: RuleRow, now: number): RuleRow {
  const age = now - row.at;
  return {
    ...row,
    matches: age > row.windowMs ? 0 : row.matches,
    rate: age > RATE_HOLDS_MS ? 0 : row.rate,
  };
}

function numberOf(value: JsonValue | undefined): number {
  return typeof value === "number" && value >= 0 && Number.isFinite(value) ? value : 0;
}

function wholeOf(value: JsonValue | undefined): number {
  const number = numberOf(value);
  return Number.isSafeInteger(number) ? number : 0;
}

function momentOf(value: JsonValue | undefined): number | undefined {
  const moment = typeof value === "string" ? Date.parse(value) : NaN;
  return Number.isNaN(moment) ? undefined : moment;
}
