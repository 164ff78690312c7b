/**
 * Writes rules into Redis, the one path for all who do: a slot as a whole in one transaction, together with its raised
 * version, the notice to the collectors and the copy from before; slots one after the other.
 *
 * It promises: readers never see half of a slot; a slot that does not change is not written; one writer at a time, and
 * what somebody writes by hand at the same moment is not overwritten unseen; whatever ends it in the middle, doing the
 * same again ends it well.
 */

import type { Clock } from "../base/clock.ts";
import { SettingsError, TryLaterError } from "../base/errors.ts";
import type { RedisCommand, RedisConnection } from "../base/redis.ts";
import type { RuleTable, TypeTable } from "../model/rule_table.ts";
import type { RuleType, Slot } from "../model/slot.ts";
import { slotName } from "../model/slot.ts";
import { countChanges } from "./rule_changes.ts";
import { type ChangeCounts, type OpenChange, RuleHistory } from "./rule_history.ts";
import { keysOf, placedContent, placeRules, type Placing, type PlacingOptions } from "./rule_placing.ts";
import { contentOf, copyOf, countOf, noContent, readContent, replacingCommands } from "./slot_content.ts";
import { KEY_PREFIX, type SlotKeys, slotKeys, versionKey } from "./slot_keys.ts";
import { SlotOwners } from "./slot_owners.ts";
import { isSameContent, type SlotContent } from "./slot_reading.ts";
import { WritingLock } from "./writing_lock.ts";

export interface RuleWriterOptions {
  redis: RedisConnection;
  /** Where collectors hear of changes. */
  channel: string;
  clock: Clock;
  /** `user@host`. */
  by: string;
  /** Hears how many slots of how many were looked at. */
  onProgress: (done: number, all: number) => void;
}

/** What was done to a slot. */
export interface SlotChange extends ChangeCounts {
  readonly slot: Slot;
  /** How many rules it held before and holds now. */
  readonly before: number;
  readonly after: number;
}

export interface StoreOptions extends Omit<PlacingOptions, "perSlot"> {
  readonly perSlot: (type: RuleType) => number;
  /** What is done, for the history. */
  readonly what: string;
}

/** A slot that is to be changed, and what it is to hold. */
interface Target {
  readonly slot: Slot;
  after(before: SlotContent): SlotContent | Promise<SlotContent>;
}

/** How often a slot is read again because somebody changed it meanwhile. */
const MOST_TRIES = 10;

export class RuleWriter {
  readonly #options: RuleWriterOptions;
  readonly #history: RuleHistory;

  constructor(options: RuleWriterOptions) {
    this.#options = options;
    this.#history = new RuleHistory(options);
  }

  /** Says where each rule would go, and writes nothing. */
  async place(table: RuleTable, options: StoreOptions, signal: AbortSignal): Promise<Placing[]> {
    const keys = await slotKeys(this.#options.redis);
    const placings: Placing[] = [];
    for (const typeTable of table.tables) placings.push(await this.#placed(keys, typeTable, options, signal));
    return placings;
  }

  /**
   * Stores gathered rules. Throws SettingsError when slots belong to others or there are too few of them, or when
   * nothing would replace something; TryLaterError when somebody else is writing; TransientError when Redis is away.
   */
  store(table: RuleTable, options: StoreOptions, signal: AbortSignal): Promise<SlotChange[]> {
    return this.#locked(async (lock, keys) => {
      const changes: SlotChange[] = [];
      const change = new LazyChange(this.#history, options.what);
      for (const typeTable of table.tables) {
        const placing = await this.#placed(keys, typeTable, options, signal);
        const { start, places } = placing;
        const ids = [...places.keys()].sort((a, b) => a - b);
        // Before the first rule is in them, so that a run that ends in the middle still knows them for its own.
        await this.#options.redis.pipeline([SlotOwners.noteCommand(start, ids)]);
        const targets = ids.map((id): Target => ({
          slot: { type: start.type, id },
          after: (before) => placedContent(before, placing),
        }));
        changes.push(...await this.#write(targets, keys, change, lock, signal));
        const filled = ids.filter((id) =>
          id === start.id || placing.options.mode === "merge" || places.get(id)!.length > 0
        );
        await this.#options.redis.pipeline([SlotOwners.noteCommand(start, filled)]);
      }
      await change.finish();
      return changes;
    });
  }

  /** Removes all rules of slots. */
  clear(slots: readonly Slot[], what: string, signal: AbortSignal): Promise<SlotChange[]> {
    const targets = slots.map((slot): Target => ({ slot, after: () => noContent(slot) }));
    return this.#locked(async (lock, keys) => {
      const change = new LazyChange(this.#history, what);
      const changes = await this.#write(targets, keys, change, lock, signal);
      await this.#release(slots);
      await change.finish();
      return changes;
    });
  }

  /**
   * Brings back what was stored before a change, in all slots that it or a later one has changed. Throws SettingsError
   * when the change is not known, or a copy is not kept any more.
   */
  rollBack(number: number, what: string, signal: AbortSignal): Promise<SlotChange[]> {
    return this.#locked(async (lock, keys) => {
      const copies = await this.#copiesSince(number);
      const targets = copies.map(({ slot, copy }): Target => ({ slot, after: () => contentOf(copy, slot) }));
      const change = new LazyChange(this.#history, what);
      const changes = await this.#write(targets, keys, change, lock, signal);
      await change.finish();
      return changes;
    });
  }

  async #copiesSince(number: number): Promise<{ slot: Slot; copy: string }[]> {
    const changes = await this.#history.changes();
    const known = changes.find((change) => change.number === number);
    const later = changes.filter((change) => change.number >= number && change.slots > 0);
    const [missing] = later.filter(({ bytes, isFinished }) => bytes === 0 && isFinished);
    if (!known || missing) {
      const why = known ? `the copy of change ${missing!.number} is not kept any more` : "no such change is remembered";
      throw new SettingsError(`Cannot return to the rules before change ${number}: ${why}`, {
        hint: "`traptor rules history` for the changes that can be undone",
      });
    }
    const copies: { slot: Slot; copy: string }[] = [];
    for (const { slot, copiedBy } of (await this.#history.slotsSince(number)).values()) {
      const copy = await this.#history.copy(slot, copiedBy);
      if (copy !== null) copies.push({ slot, copy });
    }
    return copies;
  }

  #placed(keys: ReadonlyMap<string, SlotKeys>, table: TypeTable, options: StoreOptions, signal: AbortSignal) {
    const { layout, mode, perSlot, startId } = options;
    const placing = { layout, mode, startId, perSlot: perSlot(table.type) };
    return placeRules(this.#options.redis, keys, table, placing, signal);
  }

  async #release(slots: readonly Slot[]): Promise<void> {
    const { redis } = this.#options;
    for (const type of new Set(slots.map((slot) => slot.type))) {
      const ids = slots.filter((slot) => slot.type === type).map(({ id }) => id);
      await redis.pipeline((await SlotOwners.read(redis, type)).releaseCommands(ids));
    }
  }

  async #locked<T>(write: (lock: WritingLock, keys: Map<string, SlotKeys>) => Promise<T>): Promise<T> {
    const { by, clock, redis } = this.#options;
    const lock = await WritingLock.take(redis, `${by} since ${new Date(clock.now()).toISOString()}`);
    try {
      return await write(lock, await slotKeys(redis));
    } finally {
      await lock.release();
    }
  }

  async #write(
    targets: readonly Target[],
    keys: ReadonlyMap<string, SlotKeys>,
    change: LazyChange,
    lock: WritingLock,
    signal: AbortSignal,
  ): Promise<SlotChange[]> {
    const changes: SlotChange[] = [];
    for (const [at, target] of targets.entries()) {
      signal.throwIfAborted();
      await lock.renew();
      const done = await this.#writeSlot(target, keysOf(keys, target.slot), change);
      if (done) changes.push(done);
      this.#options.onProgress(at + 1, targets.length);
    }
    return changes;
  }

  /** Writes one slot; undefined when it holds already what it is to. */
  async #writeSlot({ slot, after }: Target, keys: SlotKeys, lazy: LazyChange): Promise<SlotChange | undefined> {
    const { channel, redis } = this.#options;
    const name = slotName(slot);
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      await redis.watch([...new Set([...keys.sets, `${KEY_PREFIX}${name}`, versionKey(slot)])]);
      const before = await readContent(redis, withSetKey(keys));
      const next = await after(before);
      if (isSameContent(before, next)) {
        await redis.unwatch();
        return undefined;
      }
      const counts = countChanges(before, next);
      const copy = await copyOf(before);
      const change = await lazy.open();
      const commands: RedisCommand[] = [
        ...replacingCommands(before, next),
        change.copyCommand(slot, copy),
        ["PUBLISH", channel, name],
      ];
      if (!await redis.transaction(commands)) continue;
      change.countSlot(counts, copy.length);
      return { slot, before: countOf(before), after: countOf(next), ...counts };
    }
    throw new TryLaterError(`Cannot write ${name}: somebody changes it all the time`, { hint: "again in a minute" });
  }
}

/** A set that came since the keys were looked for is found as well. */
function withSetKey(keys: SlotKeys): SlotKeys {
  return { ...keys, sets: [...new Set([...keys.sets, `${KEY_PREFIX}${slotName(keys.slot)}`])] };
}

/** A change in the history that begins with the first slot that is really changed. */
class LazyChange {
  #change: OpenChange | undefined;

  constructor(readonly history: RuleHistory, readonly what: string) {}

  async open(): Promise<OpenChange> {
    return this.#change ??= await this.history.begin(this.what);
  }

  async finish(): Promise<void> {
    if (this.#change) await this.history.finish(this.#change);
  }
}
