/**
 * Who changed which rules when, in Redis: the last hundred changes, and for those that changed stored rules a copy of
 * each slot as it was before, so that an earlier set can be returned to. Copies take 64 MB at most; the oldest go first.
 */

import type { Clock } from "../base/clock.ts";
import type { RedisCommand, RedisConnection } from "../base/redis.ts";
import { parseSlotName, type Slot, slotName } from "../model/slot.ts";

/** How many rules a change concerned. */
export interface ChangeCounts {
  readonly added: number;
  readonly removed: number;
  /** Same value, other tag or other fields. */
  readonly changed: number;
}

export interface RuleChange extends ChangeCounts {
  /** From 1, in the order of the changes. */
  readonly number: number;
  readonly at: string;
  /** `user@host`. */
  readonly by: string;
  /** What was done, for people: `rules gnip accounts.json`. */
  readonly what: string;
  /** The slots whose stored rules were changed; none for a change at X. */
  readonly slots: number;
  /** Whether it came to its end. */
  readonly isFinished: boolean;
  /** The size of its copies. */
  readonly bytes: number;
}

export interface RuleHistoryOptions {
  redis: RedisConnection;
  clock: Clock;
  /** `user@host`. */
  by: string;
}

const CHANGES_KEY = "traptor:rules:history";
const COUNTER_KEY = "traptor:rules:changes";
const COPY_PREFIX = "traptor:rules:before:";

const MOST_CHANGES = 100;
const MOST_COPY_BYTES = 64 * 1024 * 1024;

export class RuleHistory {
  readonly #options: RuleHistoryOptions;

  constructor(options: RuleHistoryOptions) {
    this.#options = options;
  }

  /** The changes that are remembered, the newest first. */
  async changes(): Promise<RuleChange[]> {
    const fields = await this.#options.redis.hashFields(CHANGES_KEY);
    return Object.values(fields).map((text) => JSON.parse(text) as RuleChange).sort((a, b) => b.number - a.number);
  }

  /** Begins a change of stored rules. */
  async begin(what: string): Promise<OpenChange> {
    const number = await this.#options.redis.increment(COUNTER_KEY);
    const change = new OpenChange(this.#options, number, what);
    await change.save(false);
    return change;
  }

  /** Notes a change at X, which has no copy. */
  async noteAtX(what: string, counts: ChangeCounts): Promise<void> {
    const change = new OpenChange(this.#options, await this.#options.redis.increment(COUNTER_KEY), what);
    change.count(counts);
    await change.save(true);
    await this.#forgetOld();
  }

  /** Ends a change. */
  async finish(change: OpenChange): Promise<void> {
    await change.save(true);
    await this.#forgetOld();
  }

  /** The slots that a change, or one after it, has changed, with the change that has the copy from before. */
  async slotsSince(number: number): Promise<Map<string, { slot: Slot; copiedBy: number }>> {
    const slots = new Map<string, { slot: Slot; copiedBy: number }>();
    for (const key of await this.#options.redis.scanKeys(COPY_PREFIX)) {
      const [, copiedBy = "", name = ""] = /^(\d+):(.+)$/.exec(key.slice(COPY_PREFIX.length)) ?? [];
      const slot = parseSlotName(name);
      if (!slot || Number(copiedBy) < number) continue;
      const known = slots.get(name);
      if (!known || known.copiedBy > Number(copiedBy)) slots.set(name, { slot, copiedBy: Number(copiedBy) });
    }
    return slots;
  }

  /** The copy of a slot from before a change; null when it is not kept any more. */
  copy(slot: Slot, number: number): Promise<string | null> {
    return this.#options.redis.get(copyKey(number, slot));
  }

  /** Forgets what is beyond the bounds: whole changes, and the copies of older ones. */
  async #forgetOld(): Promise<void> {
    const { redis } = this.#options;
    const changes = await this.changes();
    const [remembered, gone] = [changes.slice(0, MOST_CHANGES), changes.slice(MOST_CHANGES)];
    let bytes = 0;
    const tooLarge = remembered.filter((change) => (bytes += change.bytes) > MOST_COPY_BYTES && change.bytes > 0);
    for (const { number } of [...gone, ...tooLarge]) {
      await redis.delete(await redis.scanKeys(`${COPY_PREFIX}${number}:`));
    }
    const commands: RedisCommand[] = tooLarge.map((change) => entryCommand({ ...change, bytes: 0 }));
    if (gone.length > 0) commands.push(["HDEL", CHANGES_KEY, ...gone.map(({ number }) => String(number))]);
    await redis.pipeline(commands);
  }
}

/** A change under way. */
export class OpenChange {
  readonly #options: RuleHistoryOptions;
  readonly number: number;
  readonly #what: string;
  readonly #at: string;
  #counts: ChangeCounts = { added: 0, removed: 0, changed: 0 };
  #slots = 0;
  #bytes = 0;

  constructor(options: RuleHistoryOptions, number: number, what: string) {
    this.#options = options;
    this.number = number;
    this.#what = what;
    this.#at = new Date(options.clock.now()).toISOString();
  }

  /** The command that keeps a slot's copy from before this change; part of the transaction that changes the slot. */
  copyCommand(slot: Slot, copy: string): RedisCommand {
    return ["SET", copyKey(this.number, slot), copy];
  }

  /** Counts a slot that was changed. */
  countSlot(counts: ChangeCounts, copyBytes: number): void {
    this.count(counts);
    this.#slots += 1;
    this.#bytes += copyBytes;
  }

  count({ added, removed, changed }: ChangeCounts): void {
    const counts = this.#counts;
    this.#counts = {
      added: counts.added + added,
      removed: counts.removed + removed,
      changed: counts.changed + changed,
    };
  }

  async save(isFinished: boolean): Promise<void> {
    const { by, redis } = this.#options;
    const change: RuleChange = {
      number: this.number,
      at: this.#at,
      by,
      what: this.#what,
      slots: this.#slots,
      ...this.#counts,
      isFinished,
      bytes: this.#bytes,
    };
    await redis.pipeline([entryCommand(change)]);
  }
}

function entryCommand(change: RuleChange): RedisCommand {
  return ["HSET", CHANGES_KEY, String(change.number), JSON.stringify(change)];
}

function copyKey(number: number, slot: Slot): string {
  return `${COPY_PREFIX}${number}:${slotName(slot)}`;
}
