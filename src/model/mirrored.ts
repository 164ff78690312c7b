/**
 * What instances of the fleet tell each other of their journals through Redis, and how its JSON is read. Members are named
 * as in the JSON; times are milliseconds since 1970 on Redis's clock, money is in millionths of a dollar.
 */

import { isObject, jsonIn, type JsonObject, type JsonValue } from "./json.ts";

/** The names of the keys. A field of a hash is `<instance>:<number or hour>`. */
export function mirrorKeys(prefix: string, app: string) {
  const key = (name: string) => `${prefix}traptor:${name}:${app}`;
  return {
    instances: `${prefix}traptor:instances`,
    gaps: key("gaps"),
    /** Who has taken which gap over; the same fields as `gaps`. */
    taken: key("taken"),
    hours: key("hours"),
    writtenOff: key("written-off"),
    ruleSet: (hash: string) => `${key("gap-rules")}:${hash}`,
  };
}
export type MirrorKeys = ReturnType<typeof mirrorKeys>;

/** How far the search for one query is. */
export interface MirroredSearch {
  readonly query: string;
  readonly state: "begun" | "done" | "impossible";
  readonly until_id: string | null;
  readonly reason: string;
}

/** A gap of an instance's journal. */
export interface MirroredGap {
  readonly began_at: number;
  /** Null while it lasts. */
  readonly ended_at: number | null;
  readonly cause: string;
  readonly detail: string;
  readonly state: string;
  readonly outcome: string;
  readonly missed: number | null;
  readonly last_id: string | null;
  readonly repair: string;
  readonly reads: number;
  readonly found: number;
  readonly cost: number;
  /** It is let alone until then; null where that is until a person asks. */
  readonly waits_until: number | null;
  /** What a person has allowed it to cost from now on; null where nobody has asked. */
  readonly allowed: number | null;
  /** The name of its set of rules; empty where nothing is to be done about it any more. */
  readonly rules: string;
  readonly searches: readonly MirroredSearch[];
  readonly host: string;
}

/** A rule of a set that gaps name. */
export interface MirroredRule {
  readonly slot: string;
  readonly rule_id: string;
  readonly value: string;
  readonly tag: string | null;
}

/** Who has taken a gap over, and as which gap of its own journal: 0 until it is written there. */
export interface TakenMark {
  readonly by: string;
  readonly host: string;
  readonly number: number;
}

/** What became of what was accepted for a sink. */
export interface MirroredSink {
  readonly due: number;
  readonly delivered: number;
  readonly dead: number;
  readonly unread: number;
  readonly lost: number;
}

/** Tweets by what became of them, each once. */
export interface MirroredTotals {
  readonly received: number;
  readonly accepted: number;
  readonly repeated: number;
  /** By reason. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly sinks: Readonly<Record<string, MirroredSink>>;
}

/** All that a journal has ever counted: the field `<instance>:total` beside the hours. */
export interface MirroredJournal extends MirroredTotals {
  readonly at: number;
  readonly host: string;
  /** Records that a sink still waits for. */
  readonly waiting: number;
}

/** What was on a machine that is lost with its disk. */
export interface WrittenOff {
  readonly instance: string;
  readonly host: string;
  readonly waiting: number;
  readonly since: number;
  readonly at: number;
  readonly by: string;
}

/** A field's instance and the rest of its name; undefined for what is none. */
export function fieldParts(field: string): { readonly instance: string; readonly rest: string } | undefined {
  const [, instance, rest] = /^([0-9a-f]{8}):(\w+)$/.exec(field) ?? [];
  return instance === undefined || rest === undefined ? undefined : { instance, rest };
}

/** The readers answer undefined for what another program has written. */
export function readMirroredGap(text: string): MirroredGap | undefined {
  const value = objectIn(text);
  if (!value || typeof value["began_at"] !== "number" || typeof value["cause"] !== "string") return undefined;
  const searches = Array.isArray(value["searches"]) ? value["searches"] : [];
  return {
    began_at: value["began_at"],
    ended_at: numberOrNull(value["ended_at"]),
    cause: value["cause"],
    detail: textOf(value["detail"]),
    state: textOf(value["state"]),
    outcome: textOf(value["outcome"]),
    missed: numberOrNull(value["missed"]),
    last_id: textOrNull(value["last_id"]),
    repair: textOf(value["repair"]),
    reads: numberOf(value["reads"]),
    found: numberOf(value["found"]),
    cost: numberOf(value["cost"]),
    waits_until: numberOrNull(value["waits_until"]),
    allowed: numberOrNull(value["allowed"]),
    rules: textOf(value["rules"]),
    searches: searches.flatMap((search) => isObject(search) ? searchIn(search) : []),
    host: textOf(value["host"]),
  };
}

function searchIn(value: JsonObject): MirroredSearch[] {
  const { query, state, until_id } = value;
  if (typeof query !== "string" || (state !== "begun" && state !== "done" && state !== "impossible")) return [];
  return [{ query, state, until_id: textOrNull(until_id), reason: textOf(value["reason"]) }];
}

export function readRuleSet(text: string): MirroredRule[] | undefined {
  const value = jsonIn(text);
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((rule) => {
    if (!isObject(rule)) return [];
    const { rule_id, slot, tag, value } = rule;
    if (typeof slot !== "string" || typeof rule_id !== "string" || typeof value !== "string") return [];
    return [{ slot, rule_id, value, tag: textOrNull(tag) }];
  });
}

export function readTakenMark(text: string): TakenMark | undefined {
  const value = objectIn(text);
  if (!value || typeof value["by"] !== "string") return undefined;
  return { by: value["by"], host: textOf(value["host"]), number: numberOf(value["number"]) };
}

export function readTotals(text: string): MirroredTotals | undefined {
  const value = objectIn(text);
  return value && typeof value["received"] === "number" ? totalsIn(value) : undefined;
}

export function readMirroredJournal(text: string): MirroredJournal | undefined {
  const value = objectIn(text);
  if (!value || typeof value["received"] !== "number") return undefined;
  return {
    ...totalsIn(value),
    at: numberOf(value["at"]),
    host: textOf(value["host"]),
    waiting: numberOf(value["waiting"]),
  };
}

export function readWrittenOff(text: string): WrittenOff | undefined {
  const value = objectIn(text);
  if (!value || typeof value["instance"] !== "string") return undefined;
  return {
    instance: value["instance"],
    host: textOf(value["host"]),
    waiting: numberOf(value["waiting"]),
    since: numberOf(value["since"]),
    at: numberOf(value["at"]),
    by: textOf(value["by"]),
  };
}

function totalsIn(value: JsonObject): MirroredTotals {
  const membersOf = (name: string) => Object.entries(isObject(value[name]) ? value[name] : {});
  return {
    received: numberOf(value["received"]),
    accepted: numberOf(value["accepted"]),
    repeated: numberOf(value["repeated"]),
    dropped: Object.fromEntries(membersOf("dropped").map(([reason, count]) => [reason, numberOf(count)])),
    sinks: Object.fromEntries(
      membersOf("sinks").map(([sink, counts]) => [sink, sinkIn(isObject(counts) ? counts : {})]),
    ),
  };
}

function sinkIn(counts: JsonObject): MirroredSink {
  return {
    due: numberOf(counts["due"]),
    delivered: numberOf(counts["delivered"]),
    dead: numberOf(counts["dead"]),
    unread: numberOf(counts["unread"]),
    lost: numberOf(counts["lost"]),
  };
}

function objectIn(text: string): JsonObject | undefined {
  const value = jsonIn(text);
  return isObject(value) ? value : undefined;
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function textOrNull(value: JsonValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}

function numberOf(value: JsonValue | undefined): number {
  return typeof value === "number" ? value : 0;
}

function numberOrNull(value: JsonValue | undefined): number | null {
  return typeof value === "number" ? value : null;
}
