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
import {
  inSlotOrder,
  parseSlotName,
  selects,
  type Slot,
  slotName,
  type SlotSelection,
  slotsOf,
} from "../model/slot.ts";
import type { LoadedRules, RuleFaultNote, RuleStore, RuleWatcher } from "./rule_store.ts";
import { KEY_PREFIX, ruleIdInKey, type SlotKeys, slotKeys, versionKey } from "./slot_keys.ts";
import { isSameReading, type SlotReading } from "./slot_reading.ts";
import { hashRule, memberRule } from "./stored_rule.ts";

/** Which slots are read: those of one process, or of all that collect for an app. */
export interface SlotChoice {
  /** Waits until that is known. Throws TransientError where it cannot be, and the signal's reason. */
  readonly slots: (signal: AbortSignal) => Promise<readonly SlotSelection[]>;
  /** Whether a slot may be one of them. */
  readonly mayHold: (slot: Slot) => boolean;
  /** Calls back when they are others than before; the function that is returned ends it. */
  readonly onSlots: (listener: () => void) => () => void;
}

/** The slots of one process, which never change. */
export function fixedSlots(selection: SlotSelection): SlotChoice {
  return {
    slots: () => Promise.resolve([selection]),
    mayHold: (slot) => selects(selection, slot),
    onSlots: () => () => {},
  };
}

export interface RedisRuleStoreOptions {
  redis: RedisConnection;
  choice: SlotChoice;
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
  readonly #choice: SlotChoice;
  readonly #channel: string;
  readonly #prefix: string;

  constructor({ redis, choice, channel, prefix = KEY_PREFIX }: RedisRuleStoreOptions) {
    this.name = redis.target;
    this.#redis = redis;
    this.#choice = choice;
    this.#channel = channel;
    this.#prefix = prefix;
  }

  async load(signal: AbortSignal): Promise<LoadedRules> {
    const standing = await this.#standingReadings(await this.#choice.slots(signal), signal);
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
    const endSlots = this.#choice.onSlots(() => onNotice("all slots"));
    const endListening = this.#redis.subscribe(this.#channel, {
      onMessage: (message) => {
        const slot = parseSlotName(message);
        // A notice that names no slot may mean any.
        if (!slot) onNotice(shown(message, 40));
        else if (this.#choice.mayHold(slot)) onNotice(slotName(slot));
      },
      onListening: () => onNotice("all slots"),
      onLost,
    });
    return () => {
      endSlots();
      endListening();
    };
  }

  close(): void {
    this.#redis.close();
  }

  /** For each slot a reading during which it did not change. */
  async #standingReadings(selections: readonly SlotSelection[], signal: AbortSignal): Promise<SlotReading[]> {
    const standing = new Map<string, SlotReading>();
    let before = new Map<string, SlotReading>();
    for (let readings = 0; readings < MOST_READINGS; readings++) {
      signal.throwIfAborted();
      const slots = await this.#selectedKeys(selections);
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
  #selectedKeys(selections: readonly SlotSelection[]): Promise<Map<string, SlotKeys>> {
    const isSelected = (slot: Slot) => selections.some((selection) => selects(selection, slot));
    const named = selections.flatMap(slotsOf).sort(inSlotOrder);
    return slotKeys(this.#redis, { prefix: this.#prefix, isSelected, named });
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
