/**
 * A Redis that holds the roster of a fleet and nothing else, on a clock that is a test's. It can be away, and its own clock
 * can differ from that of whoever asks.
 *
 * @module
 */
import type { Clock } from "../../src/base/clock.ts";
import { TransientError } from "../../src/base/errors.ts";
import type { RedisCommand, RedisConnection } from "../../src/base/redis.ts";
import { type InstanceReport, readInstance } from "../../src/model/instance.ts";

export class RosterRedis {
  readonly #clock: Clock;
  /** Of `traptor:instances`. */
  readonly fields = new Map<string, string>();
  readonly connection: RedisConnection;
  isAway = false;
  /** How far the test's clock is ahead of Redis's. */
  aheadMs = 0;
  /** How often something was written. */
  writes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    const connection: Partial<RedisConnection> = {
      target: "Redis test",
      time: () => this.#answer(() => this.now),
      evaluate: (_script, _keys, [field, told]) => this.#answer(() => this.#beat(field!, told!)),
      pipeline: (commands) => this.#answer(() => commands.forEach((command) => this.#carryOut(command))),
      subscribe: () => () => {},
      close: () => {},
    };
    this.connection = connection as RedisConnection;
  }

  /** Now, on its own clock. */
  get now(): number {
    return this.#clock.now() - this.aheadMs;
  }

  /** What an instance told last. */
  told(field: string): InstanceReport | undefined {
    return readInstance(this.fields.get(field) ?? "");
  }

  /** What an instance told that no test runs. */
  put(report: InstanceReport): void {
    this.fields.set(`${report.app}:${report.id}`, JSON.stringify(report));
  }

  #answer<T>(of: () => T): Promise<T> {
    return this.isAway ? Promise.reject(new TransientError("Redis is away")) : Promise.resolve(of());
  }

  #beat(field: string, told: string): unknown[] {
    const before = this.fields.get(field) ?? "";
    if (told !== "") this.#carryOut(["HSET", "", field, told]);
    return [this.now, before, ...[...this.fields].flat()];
  }

  #carryOut([name, , field, ...rest]: RedisCommand): void {
    this.writes++;
    if (name === "HSET") this.fields.set(field!, rest[0]!);
    else for (const each of [field!, ...rest]) this.fields.delete(each);
  }
}
