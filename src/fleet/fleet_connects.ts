/**
 * The connects to X of all who use one token, in Redis: a sorted set, `traptor:connects:<app>`, of unique members by the
 * time when each began, on Redis's own clock, so the clocks of the machines need not agree. An operator's `--test` and
 * another machine's collector are counted with ours.
 *
 * It promises: reading, counting and noting a connect are one step, which nobody comes between, before the connect
 * begins; a connect is there once, however often it is handed over; a Redis that does not answer is waited for no longer
 * than some seconds, and told. What began meanwhile is written there as soon as it answers, beside collecting; so is what
 * we know of others' connects, where Redis has lost it. Until then two machines know nothing of each other. The token
 * itself never gets there.
 */

import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import { Flag } from "../base/flag.ts";
import { answeredIn } from "../base/patience.ts";
import type { Random } from "../base/random.ts";
import type { RedisConnection } from "../base/redis.ts";
import { isRedisFailure } from "../base/redis_failure.ts";
import { BACKOFF } from "../base/retry.ts";
import { writeBehind } from "../base/write_behind.ts";
import type { Connect, ConnectAnswer, ConnectRequest } from "../model/connect.ts";

export interface FleetConnectsOptions {
  /** Closed when `run` ends. */
  redis: RedisConnection;
  /** Before the key; a simulation has one of its own. */
  prefix: string;
  app: string;
  clock: Clock;
  random: Random;
  events: Events;
}

/** How long a connect waits for Redis. */
const PATIENCE_MS = 3_000;
/** How much longer than the window the key lives. */
const AFTERGLOW_MS = 60_000;

/**
 * KEYS: the log. ARGV: what the connect is known by, empty where none begins; what makes our members our own; how many
 * may begin within the window; the window and how long the key lives, in milliseconds; then of each connect that is
 * known to us its name and its age. Answers whether the connect is counted, then the name and the age of each.
 */
const TAKE = `
local log, name, owner = KEYS[1], ARGV[1], ARGV[2]
local most, window, life = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function nameOf(member) return string.match(member, '^[^:]*') end

redis.call('ZREMRANGEBYSCORE', log, '-inf', now - window)
-- Redis's clock was put back: nobody can tell when these were, and now is the safest guess.
for _, member in ipairs(redis.call('ZRANGEBYSCORE', log, '(' .. now, '+inf')) do
  redis.call('ZADD', log, now, member)
end

local isThere = {}
for _, member in ipairs(redis.call('ZRANGE', log, 0, -1)) do isThere[nameOf(member)] = true end
for at = 6, #ARGV, 2 do
  if not isThere[ARGV[at]] then redis.call('ZADD', log, now - ARGV[at + 1], ARGV[at] .. ':' .. owner) end
end

local isTaken = 0
if name ~= '' and redis.call('ZCARD', log) < most then
  redis.call('ZADD', log, now, name .. ':' .. owner)
  isTaken = 1
end
redis.call('PEXPIRE', log, life)

local answer = { isTaken }
local connects = redis.call('ZRANGE', log, 0, -1, 'WITHSCORES')
for at = 1, #connects, 2 do
  table.insert(answer, nameOf(connects[at]))
  table.insert(answer, now - connects[at + 1])
end
return answer
`;

export class FleetConnects {
  readonly #options: FleetConnectsOptions;
  readonly #key: string;
  readonly #owner: string;
  readonly #noted = new Flag();
  /** What Redis may not know yet. */
  #waiting: { readonly connects: readonly Connect[]; readonly windowMs: number } | undefined;

  constructor(options: FleetConnectsOptions) {
    this.#options = options;
    this.#key = `${options.prefix}traptor:connects:${options.app}`;
    this.#owner = options.random.hex(8);
  }

  /**
   * Counts a connect before it begins, if there is room for it, together with what is known to us and not there;
   * undefined where Redis does not answer. Rejects with the signal's reason.
   */
  take(request: ConnectRequest, signal: AbortSignal): Promise<ConnectAnswer | undefined> {
    return this.#ask(request, signal);
  }

  /** Takes what began while Redis did not answer, and all else that is known; it is written as soon as Redis answers. */
  add(connects: readonly Connect[], windowMs: number): void {
    this.#waiting = { connects, windowMs };
    this.#noted.raise();
  }

  /** Writes what Redis may not know until the signal is aborted, then what is left, once, and rejects with its reason. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random, redis } = this.#options;
    const write = (signal: AbortSignal) => this.#write(signal);
    try {
      await writeBehind({ noted: this.#noted, write, policy: BACKOFF.redis, clock, random }, signal);
    } finally {
      redis.close();
    }
  }

  /** Writes what waits; answers whether nothing waits any more. */
  async #write(signal: AbortSignal): Promise<boolean> {
    if (!this.#waiting) return true;
    const { connects: known, windowMs } = this.#waiting;
    return await this.#ask({ name: "", most: 0, windowMs, known }, signal) !== undefined;
  }

  async #ask(request: ConnectRequest, signal: AbortSignal): Promise<ConnectAnswer | undefined> {
    const { clock, events, redis } = this.#options;
    const waiting = this.#waiting;
    try {
      const answer = await answeredIn(
        { clock, ms: PATIENCE_MS, signal, who: redis.target },
        () => redis.evaluate(TAKE, [this.#key], this.#argumentsOf(request)),
      );
      // What was handed over meanwhile still waits.
      if (this.#waiting === waiting) this.#waiting = undefined;
      return this.#read(answer as readonly (string | number)[]);
    } catch (error) {
      if (!isRedisFailure(error)) throw error;
      events.emit("connects_unshared", { reason: error.message });
      return undefined;
    }
  }

  #argumentsOf({ name, most, windowMs, known }: ConnectRequest): string[] {
    const { clock } = this.#options;
    const now = clock.monotonic();
    const inRedis = (ms: number) => String(Math.ceil(ms / clock.scale));
    const age = ({ beganAt }: Connect) => String(Math.floor(Math.max(0, now - beganAt) / clock.scale));
    const numbers = [String(most), inRedis(windowMs), inRedis(windowMs + AFTERGLOW_MS)];
    return [name, this.#owner, ...numbers, ...known.flatMap((connect) => [connect.name, age(connect)])];
  }

  #read([isTaken, ...rest]: readonly (string | number)[]): ConnectAnswer {
    const { clock } = this.#options;
    const now = clock.monotonic();
    const connects: Connect[] = [];
    for (let at = 0; at < rest.length; at += 2) {
      connects.push({ name: String(rest[at]), beganAt: now - Number(rest[at + 1]) * clock.scale });
    }
    return { isTaken: isTaken === 1, connects };
  }
}
