/**
 * What an instance of the fleet tells of itself: the JSON in Redis's `traptor:instances`, and a part of `/status`. Its
 * members are named as in the JSON. Times are milliseconds since 1970, on Redis's clock where one is there.
 */

import { isObject, jsonIn, type JsonObject, type JsonValue } from "./json.ts";

/** `holder`: it has the app's connection. `leaving`: it has ended in order, and what it told is the last of it. */
export type InstanceRole = "holder" | "standby" | "leaving";

export interface InstanceReport {
  /** Of its state directory: 8 hex digits, the same after each start. */
  readonly id: string;
  /** Of this process alone. */
  readonly process: string;
  readonly pid: number;
  readonly host: string;
  readonly version: string;
  readonly app: string;
  /** What it was told to collect: `track:0`, or `track:*` for all slots of a type. */
  readonly slots: readonly string[];
  /** Whether its owner has said that apps in this Redis have each a use case of their own. */
  readonly separate: boolean;
  readonly role: InstanceRole;
  /** Which of the app's connections it has, from 1; 0 for a standby. */
  readonly lease: number;
  readonly started_at: number;
  /** When this was told. */
  readonly at: number;
  /** How long until it tells again, in milliseconds. */
  readonly interval: number;
  /** The stream's state, since when, and why, where that is not the usual way; until when it waits, 0 for never. */
  readonly state: string;
  readonly since: number;
  readonly reason: string;
  readonly until: number;
  readonly rules: {
    readonly rules: number;
    readonly queries: number;
    readonly held: number;
    readonly refused: number;
    readonly unplaced: number;
    /** How many X holds otherwise than is wanted, as far as nobody may change that but a person. */
    readonly drifted: number;
  };
  /** The last tweet, 0 before the first. */
  readonly last_tweet_at: number;
  /** Accepted tweets a second: in the last ten seconds, and in the last hour. */
  readonly rate_now: number;
  readonly rate_hour: number;
  /** Accepted tweets that a sink still waits for; when the oldest of them was accepted, 0 where there is none. */
  readonly waiting: number;
  readonly waiting_bytes: number;
  readonly waiting_since: number;
  readonly journal_full: boolean;
  /** How long tweets that were delivered lately took from acceptance to the sink's word: the mean, in milliseconds. */
  readonly delivery_ms: number;
  readonly gaps_open: number;
  /** How many of them wait for a word of a person. */
  readonly gaps_asking: number;
  readonly gap_ms: number;
  readonly connects_left: number;
  /** How far its clock is ahead of Redis's, in milliseconds. */
  readonly clock_ahead: number;
  /** Whether tweets can flow, and the reasons in words. */
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

/** How many intervals may pass without a word before an instance is taken for gone. */
export const INTERVALS_TO_LIVE = 3;

/** Whether an instance that told this is still there, at a moment of the same clock. */
export function isLive({ at, interval, role }: InstanceReport, now: number): boolean {
  // A clock that was put back makes nobody live for longer.
  return role !== "leaving" && Math.abs(now - at) <= interval * INTERVALS_TO_LIVE;
}

/** A report from its JSON; undefined for what is none. Members that a newer version adds are left out, none is missing. */
export function readInstance(text: string): InstanceReport | undefined {
  const value = jsonIn(text);
  if (!isObject(value) || typeof value["id"] !== "string" || typeof value["app"] !== "string") return undefined;
  return instanceIn(value);
}

function instanceIn(value: JsonObject): InstanceReport {
  const rules = isObject(value["rules"]) ? value["rules"] : {};
  const role = value["role"];
  return {
    ...texts(value, ["id", "process", "host", "version", "app", "state", "reason"]),
    ...numbers(value, ["pid", "lease", "started_at", "at", "interval", "since", "until", "last_tweet_at"]),
    ...numbers(value, ["rate_now", "rate_hour", "waiting", "waiting_bytes", "waiting_since", "delivery_ms"]),
    ...numbers(value, ["gaps_open", "gaps_asking", "gap_ms", "connects_left", "clock_ahead"]),
    ...truths(value, ["separate", "journal_full", "ready"]),
    slots: textsIn(value["slots"]),
    role: role === "holder" || role === "leaving" ? role : "standby",
    rules: numbers(rules, ["rules", "queries", "held", "refused", "unplaced", "drifted"]),
    reasons: textsIn(value["reasons"]),
  };
}

function textsIn(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function texts<Name extends string>(value: JsonObject, names: readonly Name[]): Record<Name, string> {
  return members(names, (name) => typeof value[name] === "string" ? value[name] : "");
}

function numbers<Name extends string>(value: JsonObject, names: readonly Name[]): Record<Name, number> {
  return members(names, (name) => typeof value[name] === "number" ? value[name] : 0);
}

function truths<Name extends string>(value: JsonObject, names: readonly Name[]): Record<Name, boolean> {
  return members(names, (name) => value[name] === true);
}

function members<Name extends string, Value>(names: readonly Name[], valueOf: (name: Name) => Value) {
  return Object.fromEntries(names.map((name) => [name, valueOf(name)])) as Record<Name, Value>;
}
