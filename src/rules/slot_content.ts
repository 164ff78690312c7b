/** A slot's rules as Redis stores them: read whole, written whole, and kept as a copy. */

import type { RedisCommand, RedisConnection } from "../base/redis.ts";
import { WrongKeyTypeError } from "../base/redis_failure.ts";
import { SettingsError } from "../base/errors.ts";
import type { JsonObject } from "../model/json.ts";
import { RuleFault, ruleValue } from "../model/rule.ts";
import { type Slot, slotName } from "../model/slot.ts";
import { ruleIdInKey, type SlotKeys, versionKey } from "./slot_keys.ts";
import type { SlotContent } from "./slot_reading.ts";
import { hashFields, memberFields } from "./stored_rule.ts";

/** How many members, keys or hashes one command or one wait is about. */
const PAGE = 1_000;

/** Nothing stored. */
export function noContent(slot: Slot): SlotContent {
  return { slot, sets: new Map(), hashes: new Map() };
}

/** Reads what is stored under keys. Throws SettingsError when one of them holds something else than rules. */
export async function readContent(redis: RedisConnection, { slot, sets, hashes }: SlotKeys): Promise<SlotContent> {
  const read = { sets: new Map<string, Set<string>>(), hashes: new Map<string, Record<string, string>>() };
  try {
    for (const key of sets) {
      const members = await redis.setMembers(key);
      if (members.size > 0) read.sets.set(key, members);
    }
    for (let at = 0; at < hashes.length; at += PAGE) {
      const page = hashes.slice(at, at + PAGE);
      const found = await Promise.all(page.map((key) => redis.hashFields(key)));
      for (const [index, fields] of found.entries()) {
        if (Object.keys(fields).length > 0) read.hashes.set(page[index]!, fields);
      }
    }
  } catch (error) {
    if (!(error instanceof WrongKeyTypeError)) throw error;
    throw new SettingsError(
      `Cannot write the rules of ${slotName(slot)}: the key ${error.key} is to hold rules, but holds a ${error.type}`,
      { hint: `redis-cli del ${error.key}, if nobody needs it` },
    );
  }
  return { slot, ...read };
}

/** The commands that put one content in the place of another, and raise the slot's version. */
export function replacingCommands(before: SlotContent, after: SlotContent): RedisCommand[] {
  const old = [...before.sets.keys(), ...before.hashes.keys()];
  return [
    ...paged(old).map((keys): RedisCommand => ["DEL", ...keys]),
    ...[...after.sets].flatMap(([key, members]) =>
      paged([...members]).map((page): RedisCommand => ["SADD", key, ...page])
    ),
    ...[...after.hashes].map(([key, fields]): RedisCommand => ["HSET", key, ...Object.entries(fields).flat()]),
    ["INCR", versionKey(before.slot)],
  ];
}

/** A rule in a content. */
export interface StoredRule {
  /** Its fields; undefined when they cannot be read. */
  readonly fields: JsonObject | undefined;
  /** Its value; undefined when there is none. */
  readonly value: string | undefined;
  /** What is stored: a set's member, or the JSON of a hash's key and fields. */
  readonly text: string;
  /** The key of the set or the hash. */
  readonly key: string;
  readonly layout: "set" | "hash";
}

/** The rules in a content, those that cannot be read among them. */
export function* storedRules({ sets, hashes }: SlotContent): Generator<StoredRule> {
  for (const [key, members] of sets) {
    for (const text of members) yield { ...readFields(() => memberFields(text)), text, key, layout: "set" };
  }
  for (const [key, fields] of hashes) {
    const text = JSON.stringify([key, fields]);
    yield { ...readFields(() => hashFields(fields, ruleIdInKey(key))), text, key, layout: "hash" };
  }
}

/** How many rules a content holds. */
export function countOf({ sets, hashes }: SlotContent): number {
  return [...sets.values()].reduce((sum, { size }) => sum + size, hashes.size);
}

/** The text of a copy: JSON, compressed, in base64. */
export async function copyOf({ sets, hashes }: SlotContent): Promise<string> {
  const members = [...sets].map(([key, set]) => [key, [...set]]);
  const json = JSON.stringify({ sets: Object.fromEntries(members), hashes: Object.fromEntries(hashes) });
  const packed = new Blob([json]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer()).toBase64();
}

/** The content of a copy. */
export async function contentOf(copy: string, slot: Slot): Promise<SlotContent> {
  const bytes = new Blob([Uint8Array.fromBase64(copy)]).stream().pipeThrough(new DecompressionStream("gzip"));
  const { sets, hashes } = await new Response(bytes).json() as {
    sets: Record<string, string[]>;
    hashes: Record<string, Record<string, string>>;
  };
  return {
    slot,
    sets: new Map(Object.entries(sets).map(([key, members]) => [key, new Set(members)])),
    hashes: new Map(Object.entries(hashes)),
  };
}

function readFields(read: () => JsonObject): Pick<StoredRule, "fields" | "value"> {
  try {
    const fields = read();
    return { fields, value: ruleValue(fields) };
  } catch (error) {
    if (error instanceof RuleFault) return { fields: undefined, value: undefined };
    throw error;
  }
}

function paged(items: readonly string[]): string[][] {
  const pages: string[][] = [];
  for (let at = 0; at < items.length; at += PAGE) pages.push(items.slice(at, at + PAGE));
  return pages;
}
