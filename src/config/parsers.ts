/**
 * Parsers of settings: from text to a typed value. Each throws a SettingFault that says what is wrong and what would
 * be right; it never repeats a secret, for it does not know which value is one.
 */

import type { Level } from "../base/events.ts";
import { nearestName } from "../model/nearest_name.ts";
import { shown } from "../model/outside_text.ts";
import { MOST_SLOT_ID, RULE_TYPES, type RuleType, ruleTypeOf } from "../model/slot.ts";

/** The largest number that a setting takes: whatever is beyond was not meant. */
const MOST_NUMBER = 1_000_000;

/** The longest duration that a setting takes. */
const LONGEST_MS = 366 * 86_400_000;

const LEVELS: readonly Level[] = ["DEBUG", "INFO", "WARN", "ERROR"];

/** What is wrong with one setting's value. */
export class SettingFault extends Error {
  override readonly name = "SettingFault";
}

export type Parser<Value> = (text: string) => Value;

/** Any text but none, without control characters: no name, password or path has them but by accident. */
export const text: Parser<string> = (value) => {
  if (value === "") throw new SettingFault("it is empty");
  if (/\p{Cc}/u.test(value)) throw new SettingFault("it has a control character inside, such as a line break");
  return value;
};

/** A path. `~` is the shell's to expand, and taken as it is it would make a folder of that name. */
export const path: Parser<string> = (value) => {
  if (/^~(\/|$)/.test(value)) throw new SettingFault("~ means nothing here: write the whole path");
  return text(value);
};

/** `true`, `yes`, `on`, `1`, or their opposites, in any case and abbreviated, as the Python program understood them. */
export const truth: Parser<boolean> = (value) => {
  if (/^(true|t|yes|y|on|1)$/i.test(value)) return true;
  if (/^(false|f|no|n|off|0)$/i.test(value)) return false;
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
  const number = /^(\d+(\.\d+)?|\.\d+)$/.test(value) ? Number(value) : NaN;
  if (number > 0 && number <= MOST_NUMBER) return number;
  throw new SettingFault(`it is no number above 0, and at most ${MOST_NUMBER}`);
};

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, "": 1_000 };

/** A duration such as `500ms`, `60s`, `15m`, `2h`, `1d`, in milliseconds; a bare number is seconds. */
export const duration: Parser<number> = (value) => {
  const parts = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|)$/.exec(value);
  const ms = parts ? Math.round(Number(parts[1]) * UNITS[parts[2]!]!) : 0;
  if (ms >= 1 && ms <= LONGEST_MS) return ms;
  throw new SettingFault("it is no duration such as 500ms, 60s, 15m or 2h, from 1ms to 366d");
};

const SIZE_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

/** A number of bytes, plain or with a unit: `512MiB`; at least so many. */
export function size(least: number): Parser<number> {
  return (value) => {
    const [, digits = "", unit = ""] = /^(\d{1,15})\s?(KiB|MiB|GiB|TiB|)$/.exec(value) ?? [];
    const bytes = digits === "" ? NaN : Number(digits) * SIZE_UNITS[unit]!;
    if (!Number.isSafeInteger(bytes)) throw new SettingFault("it is no size such as 512MiB or 4GiB");
    if (bytes < least) throw new SettingFault(`it is less than ${least / 1024 ** 2} MiB`);
    return bytes;
  };
}

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
  if (/^file:./.test(value)) return { kind: "file", path: path(value.slice("file:".length)) };
  throw new SettingFault("it is neither redis nor file:PATH");
};

/** A host's name or address, in brackets or not; the address without brackets is answered. */
export const host: Parser<string> = (value) => {
  if (HOST.test(value) || /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(value)) return withoutBrackets(value);
  throw new SettingFault("it is no name or address of a host (without a port)");
};

/** Where the status is served; port 0 takes any that is free. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export const listenAddress: Parser<ListenAddress | "off"> = (value) => {
  if (value === "off") return "off";
  const address = /^\d+$/.test(value) ? hostAndPort(`127.0.0.1:${value}`) : hostAndPort(value);
  if (!address) throw new SettingFault("it is neither off nor HOST:PORT nor a port");
  return address;
};

/** A URL of some schemes, without a trailing slash. It is never repeated: there may be a password in it. */
export function url(...schemes: readonly string[]): Parser<string> {
  return (value) => {
    const begins = schemes.some((scheme) => value.toLowerCase().startsWith(`${scheme}://`));
    const parsed = begins ? URL.parse(value) : null;
    if (!parsed || parsed.hostname === "") {
      throw new SettingFault(`it is no URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}`);
    }
    if (parsed.search !== "" || parsed.hash !== "") throw new SettingFault("what follows ? or # has no meaning in it");
    return value.replace(/\/+$/, "");
  };
}

/** Where X's API is: a request to a URL with a user or password inside could not be made. */
export const apiUrl: Parser<string> = (value) => {
  const base = url("https", "http")(value);
  const { username, password, pathname } = new URL(base);
  if (username !== "" || password !== "") throw new SettingFault("a user or password has no meaning in it");
  if (pathname.includes("/1.1")) throw new SettingFault("it names v1.1, which X has switched off; leave it unset");
  return base;
};

/** `host:port` with commas. The Kafka client takes no address of IPv6 in brackets, but a name for one. */
export const hostList: Parser<string[]> = (value) => {
  const hosts = parts(value);
  const bracketed = hosts.find((entry) => entry.startsWith("["));
  if (bracketed !== undefined) {
    throw new SettingFault(
      `${shown(bracketed, 60)} cannot be used: an address of IPv6 needs a name, in DNS or /etc/hosts`,
    );
  }
  if (hosts.length > 0 && hosts.every((entry) => (hostAndPort(entry)?.port ?? 0) > 0)) return hosts;
  throw new SettingFault("it is no list of HOST:PORT with commas");
};

/** A topic's name, as Kafka allows them. */
export const topic: Parser<string> = (value) => {
  if (/^[\w.-]{1,249}$/.test(value) && value !== "." && value !== "..") return value;
  throw new SettingFault("it is no topic's name: letters, digits, . _ and -, at most 249 of them");
};

/** Names out of X's closed list, with commas; `none` asks for none. `refused` names are known, but not to be had. */
export function fieldList(known: readonly string[], refused: readonly string[] = []): Parser<string[]> {
  return (value) => {
    if (value === "none") return [];
    const names = parts(value);
    if (names.length === 0) throw new SettingFault("it names nothing; none asks for nothing");
    for (const name of names) {
      if (refused.includes(name)) {
        throw new SettingFault(`${name} is private to the author of a tweet: an app's token cannot read it`);
      }
      if (known.includes(name)) continue;
      const nearest = nearestName(name, known);
      throw new SettingFault(`X knows no "${shown(name, 60)}"${nearest ? `; ${nearest} is near` : ""}`);
    }
    return [...new Set(names)];
  };
}

/** A token or key of X: visible ASCII, for it travels in a header; anything else is a copy that went wrong. */
export const token: Parser<string> = (value) => {
  if (/^[!-~]+$/.test(value)) return value;
  throw new SettingFault("it holds white space or characters that no token has: it was not copied as it is");
};

const HOST = /^(\[[0-9a-f:.]+\]|[\w.-]+)$/i;

function hostAndPort(value: string): ListenAddress | undefined {
  const [, name, digits] = /^(.+):(\d{1,5})$/.exec(value) ?? [];
  const port = Number(digits);
  return name !== undefined && HOST.test(name) && port <= 65_535 ? { host: withoutBrackets(name), port } : undefined;
}

function withoutBrackets(name: string): string {
  return name.replace(/^\[|\]$/g, "");
}

/** The parts of a list with commas, without the empty ones. */
export function parts(value: string): string[] {
  return value.split(",").map((part) => part.trim()).filter((part) => part !== "");
}
