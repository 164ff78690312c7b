/**
 * Which slots belong to which extraction. An extraction is known by the slot at which it begins; slots that it filled
 * beyond that are remembered in Redis, so that the next run finds its rules there and never takes those of others.
 */

import { SettingsError } from "../base/errors.ts";
import type { RedisCommand, RedisConnection } from "../base/redis.ts";
import { type RuleType, type Slot, slotName } from "../model/slot.ts";

const PREFIX = "traptor:allotment:";

/** The slots of one type that belong to extractions. */
export class SlotOwners {
  /** The slot at which the extraction begins, by slot. */
  readonly #owners: ReadonlyMap<number, number>;

  private constructor(readonly type: RuleType, owners: ReadonlyMap<number, number>) {
    this.#owners = owners;
  }

  static async read(redis: RedisConnection, type: RuleType): Promise<SlotOwners> {
    const owners = new Map<number, number>();
    for (const key of await redis.scanKeys(`${PREFIX}${type}:`)) {
      const owner = Number(key.slice(key.lastIndexOf(":") + 1));
      for (const id of (await redis.get(key) ?? "").split(",")) if (/^\d+$/.test(id)) owners.set(Number(id), owner);
    }
    return new SlotOwners(type, owners);
  }

  /** Whether a slot belongs to nobody. */
  isFree(id: number): boolean {
    return !this.#owners.has(id);
  }

  /** The slots of the extraction that begins at a slot, that one first of all. */
  ownedBy(startId: number): number[] {
    const owned = [...this.#owners].filter(([, owner]) => owner === startId).map(([id]) => id);
    return [...new Set([startId, ...owned.sort((a, b) => a - b)])];
  }

  /** Refuses a slot that belongs to another extraction. Throws SettingsError. */
  refuseOthers(ids: Iterable<number>, startId: number): void {
    for (const id of ids) {
      const owner = this.#owners.get(id);
      if (owner === undefined || owner === startId) continue;
      const [slot, other] = [id, owner].map((number) => slotName({ type: this.type, id: number }));
      throw new SettingsError(`Cannot write ${slot}: it belongs to the rules that begin at ${other}`, {
        hint: `--id ${owner} for those, another --id, or \`traptor rules clear ${slot}\` first`,
      });
    }
  }

  /** The commands after which none of some slots of this type belongs to any extraction. */
  releaseCommands(ids: readonly number[]): RedisCommand[] {
    const starts = new Set(ids.flatMap((id) => this.#owners.get(id) ?? []));
    return [...starts].map((startId) =>
      SlotOwners.noteCommand(
        { type: this.type, id: startId },
        ids.includes(startId) ? [] : this.ownedBy(startId).filter((id) => !ids.includes(id)),
      )
    );
  }

  /** The command that notes which slots an extraction has. */
  static noteCommand(start: Slot, ids: readonly number[]): RedisCommand {
    const key = `${PREFIX}${slotName(start)}`;
    return ids.length > 1 ? ["SET", key, [...ids].sort((a, b) => a - b).join(",")] : ["DEL", key];
  }
}
