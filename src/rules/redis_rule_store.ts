/**
 * Rules in Redis, in both layouts of the Python program, read together: a set a slot (`traptor-track:0`), whose members
 * are values or JSON objects, and a hash a rule (`traptor-track:0:17`). `locations` in a key is `geo`.
 *
 * It promises rules that stood still while they were read: where the slot has a version, it was the same before and
 * after; else two readings were equal. Readings cover all slots at once, for each walks through all keys of the Redis.
 */

import { TransientError } from "../base/errors.ts";
import type { RedisConnection } from "../base/redis.ts";
import { WrongKeyTypeError } from "../base/redis_failure.ts";
import { shown } from "../model/outside_text.ts";
import { type Rule, RuleFault } from "../model/rule.ts";
import { parseSlotName, selects, type Slot, slotName, type SlotSelection, slotsOf } from "../model/slot.ts";
import type { LoadedRules, RuleFaultNote, RuleStore, RuleWatcher } from "./rule_store.ts";
import { KEY_PREFIX, ruleIdInKey, type SlotKeys, slotKeys, versionKey } from "./slot_keys.ts";
import { isSameReading, type SlotReading } from "./slot_reading.ts";
import { hashRule, memberRule } from "./stored_rule.ts";

export interface RedisRuleStoreOptions {
  redis: RedisConnection;
  selection: SlotSelection;
  /** Where notices of changes come. */
  channel: string;
  /** What the keys of rules begin with. */
  prefix?: string;
}

/** How often slots that change all the time are read before that is called a failure. */
const MOST_READINGS = 10;

export class RedisRuleStore implements RuleStore {
  readonly name: string;
  readonly #redis: RedisConnection;
  readonly #selection: SlotSelection;
  readonly #channel: string;
  readonly #prefix: string;

  constructor({ redis, selection, channel, prefix = KEY_PREFIX }: RedisRuleStoreOptions) {
    this.name = redis.target;
    this.#redis = redis;
    this.#selection = selection;
    this.#channel = channel;
    this.#prefix = prefix;
  }

  async load(signal: AbortSignal): Promise<LoadedRules> {
    const standing = await this.#standingReadings(signal);
    const rules: Rule[] = [];
    const faults: RuleFaultNote[] = [];
    for (const { slot, sets, hashes, faults: found } of standing) {
      faults.push(...found);
      for (const [key, members] of sets) {
        for (const member of [...members].sort()) {
          collect(rules, faults, `${key}, member ${shown(member, 60)}`, () => memberRule(member, slot));
        }
      }
      for (const [key, fields] of hashes) {
        collect(rules, faults, key, () => hashRule(fields, ruleIdInKey(key, this.#prefix), slot));
      }
    }
    return { rules, faults };
  }

  watch({ onNotice, onLost }: RuleWatcher): () => void {
    return this.#redis.subscribe(this.#channel, {
      onMessage: (message) => {
        const slot = parseSlotName(message);
        // A notice that names no slot may mean any.
        if (!slot) onNotice(shown(message, 40));
        else if (selects(this.#selection, slot)) onNotice(slotName(slot));
      },
      onListening: () => onNotice("all slots"),
      onLost,
    });
  }

  close(): void {
    this.#redis.close();
  }

  /** For each slot a reading during which it did not change. */
  async #standingReadings(signal: AbortSignal): Promise<SlotReading[]> {
    const standing = new Map<string, SlotReading>();
    let before = new Map<string, SlotReading>();
    for (let readings = 0; readings < MOST_READINGS; readings++) {
      signal.throwIfAborted();
      const slots = await this.#selectedKeys();
      const now = new Map<string, SlotReading>();
      let isStanding = true;
      for (const [name, keys] of slots) {
        if (standing.has(name)) continue;
        signal.throwIfAborted();
        const reading = await this.#read(keys);
        now.set(name, reading);
        const earlier = before.get(name);
        if (reading.isVersioned || (earlier && isSameReading(earlier, reading))) standing.set(name, reading);
        else isStanding = false;
      }
      if (isStanding) return [...slots.keys()].map((name) => standing.get(name)!);
      before = now;
    }
    throw new TransientError(`the rules changed each of the ${MOST_READINGS} times that they were read`);
  }

  /** The keys of each slot that is selected, in the order of the slots; those that are named may have none. */
  #selectedKeys(): Promise<Map<string, SlotKeys>> {
    const isSelected = (slot: Slot) => selects(this.#selection, slot);
    return slotKeys(this.#redis, { prefix: this.#prefix, isSelected, named: slotsOf(this.#selection) });
  }

  async #read({ slot, sets: setKeys, hashes: hashKeys }: SlotKeys): Promise<SlotReading> {
    const faults: RuleFaultNote[] = [];
    const noting = async (wanted: string, read: () => Promise<void>) => {
      try {
        await read();
      } catch (error) {
        if (!(error instanceof WrongKeyTypeError)) throw error;
        faults.push({ where: `the key ${error.key}`, reason: `it is to hold a ${wanted}, but holds a ${error.type}` });
      }
    };
    const version = () => this.#version(slot);
    const before = await version();
    const sets = new Map<string, ReadonlySet<string>>();
    for (const key of setKeys) {
      await noting("set", async () => void sets.set(key, await this.#redis.setMembers(key)));
    }
    const hashes = new Map<string, Readonly<Record<string, string>>>();
    for (const key of hashKeys) {
      await noting("hash", async () => {
        const fields = await this.#redis.hashFields(key);
        // A key that has gone since it was found is no rule any more.
        if (Object.keys(fields).length > 0) hashes.set(key, fields);
      });
    }
    return { slot, sets, hashes, faults, isVersioned: before !== null && before === await version() };
  }

  /** What whoever writes the slot as a whole raises each time; null where nobody does. */
  async #version(slot: Slot): Promise<string | null> {
    try {
      return await this.#redis.get(versionKey(slot));
    } catch (error) {
      if (!(error instanceof WrongKeyTypeError)) throw error;
      return null;
    }
  }
}

/** Adds a rule, or the note of what is wrong with it. */
function collect(rules: Rule[], faults: RuleFaultNote[], where: string, read: () => Rule): void {
  try {
    rules.push(read());
  } catch (error) {
    if (!(error instanceof RuleFault)) throw error;
    faults.push({ where: `the key ${where}`, reason: error.message });
  }
}
