/**
 * Parsers of settings: from text to a typed value. Each throws a SettingFault that says what is wrong and what would
 * be right; it never repeats a secret, for it does not know which value is one.
 */

import type { Level } from "../base/events.ts";
import { nearestName } from "../model/nearest_name.ts";
import { MOST_SLOT_ID, RULE_TYPES, type RuleType, ruleTypeOf } from "../model/slot.ts";

const LEVELS: readonly Level[] = ["DEBUG", "INFO", "WARN", "ERROR"];

/** What is wrong with one setting's value. */
export class SettingFault extends Error {
  override readonly name = "SettingFault";
}

export type Parser<Value> = (text: string) => Value;

/** Any text. */
export const text: Parser<string> = (value) => value;

/** `true`, `yes`, `on`, `1`, or their opposites, in any case (the Python program wrote `True`). */
export const truth: Parser<boolean> = (value) => {
  if (/^(true|yes|on|1)$/i.test(value)) return true;
  if (/^(false|no|off|0)$/i.test(value)) return false;
  throw new SettingFault("it is neither true nor false");
};

/** A whole number within bounds. */
export function whole(least: number, most: number): Parser<number> {
  return (value) => {
    const number = /^\d+$/.test(value) ? Number(value) : NaN;
    if (number >= least && number <= most) return number;
    throw new SettingFault(`it is no whole number from ${least} to ${most}`);
  };
}

/** A number above 0. */
export const positive: Parser<number> = (value) => {
  const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : NaN;
  if (number > 0) return number;
  throw new SettingFault("it is no number above 0");
};

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, "": 1_000 };

/** A duration such as `500ms`, `60s`, `15m`, `2h`, `1d`, in milliseconds; a bare number is seconds. */
export const duration: Parser<number> = (value) => {
  const parts = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|)$/.exec(value);
  const ms = parts ? Number(parts[1]) * UNITS[parts[2]!]! : 0;
  if (ms >= 1) return ms;
  throw new SettingFault("it is no duration such as 500ms, 60s, 15m or 2h");
};

/** One of some words, in any case. */
export function oneOf<Word extends string>(...words: readonly Word[]): Parser<Word> {
  return (value) => {
    const found = words.find((word) => word.toLowerCase() === value.toLowerCase());
    if (found !== undefined) return found;
    throw new SettingFault(`it is none of ${words.join(", ")}`);
  };
}

/** A level of the log; the Python program's other words for them are understood. */
export const logLevel: Parser<Level> = (value) => {
  const word = value.toUpperCase();
  return oneOf(...LEVELS)(word === "WARNING" ? "WARN" : word === "CRITICAL" ? "ERROR" : word);
};

/** Rule types with commas, each once. */
export const ruleTypes: Parser<RuleType[]> = (value) => {
  const types = parts(value).map((word) => {
    const type = ruleTypeOf(word);
    if (type) return type;
    throw new SettingFault(`it names a type of rule that is none of ${RULE_TYPES.join(", ")}`);
  });
  if (types.length === 0) throw new SettingFault(`it names none of ${RULE_TYPES.join(", ")}`);
  return [...new Set(types)];
};

/** Slot numbers: `0`, `0,3`, `0-7`, or `*` for all that there are. */
export const slotIds: Parser<number[] | "all"> = (value) => {
  if (value === "*") return "all";
  const ids = new Set<number>();
  for (const part of parts(value)) {
    const range = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part);
    const first = Number(range?.[1]);
    const last = Number(range?.[2] ?? range?.[1]);
    if (!range || last < first) {
      throw new SettingFault(
        `it is no slot number from 0 to ${MOST_SLOT_ID}, list such as 0,3, range such as 0-7, or *`,
      );
    }
    for (let id = first; id <= last; id++) ids.add(id);
  }
  if (ids.size === 0) throw new SettingFault("it names no slot");
  return [...ids];
};

/** Where rules are kept. */
export type RulesPlace = { readonly kind: "redis" } | { readonly kind: "file"; readonly path: string };

export const rulesPlace: Parser<RulesPlace> = (value) => {
  if (value === "redis") return { kind: "redis" };
  if (/^file:./.test(value)) return { kind: "file", path: value.slice("file:".length) };
  throw new SettingFault("it is neither redis nor file:PATH");
};

/** A sink to deliver to. */
export type SinkPlace = { readonly kind: "kafka" } | { readonly kind: "stdout" } | {
  readonly kind: "file";
  readonly directory: string;
};

export const sinkPlaces: Parser<SinkPlace[]> = (value) => {
  const places = parts(value).map((word): SinkPlace => {
    if (word === "kafka" || word === "stdout") return { kind: word };
    if (/^file:./.test(word)) return { kind: "file", directory: word.slice("file:".length) };
    throw new SettingFault("it names a sink that is none of kafka, stdout, file:DIR");
  });
  if (places.length === 0) throw new SettingFault("it names no sink");
  if (new Set(places.map((place) => place.kind)).size < places.length) {
    throw new SettingFault("it names a kind of sink twice");
  }
  return places;
};

/** Where the status is served. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export const listenAddress: Parser<ListenAddress | "off"> = (value) => {
  if (value === "off") return "off";
  const found = /^(?:(\[[0-9a-f:]+\]|[\w.-]+):)?(\d{1,5})$/i.exec(value);
  const port = Number(found?.[2]);
  if (!found || port > 65_535) throw new SettingFault("it is neither off nor HOST:PORT");
  return { host: (found[1] ?? "127.0.0.1").replace(/^\[|\]$/g, ""), port };
};

/** A URL of some schemes, without a trailing slash. */
export function url(...schemes: readonly string[]): Parser<string> {
  return (value) => {
    if (URL.canParse(value) && schemes.includes(new URL(value).protocol.replace(":", ""))) {
      return value.replace(/\/+$/, "");
    }
    throw new SettingFault(`it is no URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}`);
  };
}

/** `host:port` with commas. */
export const hostList: Parser<string[]> = (value) => {
  const hosts = parts(value);
  if (hosts.length > 0 && hosts.every((host) => /^(\[[0-9a-f:]+\]|[\w.-]+):\d{1,5}$/i.test(host))) return hosts;
  throw new SettingFault("it is no list of HOST:PORT with commas");
};

/** Names out of X's closed list, with commas; `none` asks for none. `refused` names are known, but not to be had. */
export function fieldList(known: readonly string[], refused: readonly string[] = []): Parser<string[]> {
  return (value) => {
    if (value === "none") return [];
    for (const name of parts(value)) {
      if (refused.includes(name)) {
        throw new SettingFault(`${name} is private to a tweet's author, and an app's token cannot read it`);
      }
      if (known.includes(name)) continue;
      const nearest = nearestName(name, known);
      throw new SettingFault(`X knows no field "${name}"${nearest ? `; ${nearest} is near` : ""}`);
    }
    return [...new Set(parts(value))];
  };
}

/** A secret: no white space within, which is what a copy that went wrong looks like. */
export const secret: Parser<string> = (value) => {
  if (/\s/.test(value)) throw new SettingFault("it has white space inside: it was not copied as a whole");
  return value;
};

/** The parts of a list with commas, without the empty ones. */
function parts(value: string): string[] {
  return value.split(",").map((part) => part.trim()).filter((part) => part !== "");
}
