/**
 * Carries out what people ask of whoever holds the app's connection, from any machine, for as long as this instance does.
 * A Redis that is away is asked again, and stops nothing.
 */

import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import type { RedisConnection } from "../base/redis.ts";
import { isRedisFailure } from "../base/redis_failure.ts";
import { diskTrouble } from "../base/sqlite.ts";
import type { CommandList } from "../fleet/command_list.ts";
import type { Companion } from "./collector.ts";
import type { Requests } from "./requests.ts";

export interface FleetCommandsOptions {
  readonly list: CommandList;
  /** What the list speaks through; closed when `run` ends. */
  readonly redis: RedisConnection;
  readonly requests: Requests;
  readonly isHolder: () => boolean;
  readonly clock: Clock;
  readonly events: Events;
}

const POLL_MS = 1_000;

export class FleetCommands implements Companion {
  readonly #options: FleetCommandsOptions;

  constructor(options: FleetCommandsOptions) {
    this.#options = options;
  }

  /** Looks for commands until the signal is aborted; rejects with its reason then. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, isHolder, redis } = this.#options;
    try {
      while (true) {
        await clock.sleep(POLL_MS, signal);
        while (isHolder() && await this.#next(signal));
      }
    } finally {
      redis.close();
    }
  }

  /** Carries one command out; answers whether there was one. */
  async #next(signal: AbortSignal): Promise<boolean> {
    const { events, list, requests } = this.#options;
    try {
      const command = await list.take();
      if (!command) return false;
      const words = await requests.carryOut(command.name, command.argumentsText, signal);
      await list.answer(command.id, words);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      const reason = diskTrouble(error);
      if (reason !== undefined) events.emit("journal_failed", { reason });
      else if (isRedisFailure(error)) {
        events.emit("commands_unread", { reason: error.message });
      } else throw error;
      return false;
    }
  }
}
