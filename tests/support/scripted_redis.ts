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
  fail(): Promise<void>;
}

export class ScriptedRedis {
  /** All that was asked, in order. */
  readonly asked: Question[] = [];
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
        fail: () => ended(() => reject(new TransientError("Redis is away"))),
      });
      return promise;
    };
    this.connection = { target: "Redis test", evaluate } as unknown as RedisConnection;
  }

  /** The newest question. */
  get last(): Question {
    return this.asked.at(-1)!;
  }
}
