/**
 * A Redis that answers a script when a test says so, and what it says.
 *
 * @module
 */
import { TransientError } from "../../src/base/errors.ts";
import type { RedisConnection } from "../../src/base/redis.ts";
import { settle } from "./fake_clock.ts";

/** A script that was sent, and waits for its answer. */
export interface Question {
  readonly script: string;
  readonly args: readonly string[];
  answer(value: unknown): Promise<void>;
  fail(error?: Error): Promise<void>;
}

export class ScriptedRedis {
  /** All that was asked, in order. */
  readonly asked: Question[] = [];
  /** What keys hold; a key that is not here is never answered about. */
  readonly keyTypes = new Map<string, string>();
  readonly connection: RedisConnection;

  constructor() {
    const evaluate = (script: string, _keys: readonly string[], args: readonly string[]) => {
      const { promise, reject, resolve } = Promise.withResolvers<unknown>();
      const ended = (end: () => void) => {
        end();
        return settle();
      };
      this.asked.push({
        ...{ script, args },
        answer: (value) => ended(() => resolve(value)),
        fail: (error = new TransientError("Redis is away")) => ended(() => reject(error)),
      });
      return promise;
    };
    const keyType = (key: string) => {
      const type = this.keyTypes.get(key);
      return type === undefined ? new Promise(() => {}) : Promise.resolve(type);
    };
    this.connection = { target: "Redis test", evaluate, keyType } as unknown as RedisConnection;
  }

  /** The newest question. */
  get last(): Question {
    return this.asked.at(-1)!;
  }
}
