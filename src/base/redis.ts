/**
 * Redis: the few commands that we use, typed, with errors of ours.
 *
 * It promises: a command completes or fails with a TransientError within seconds; none waits in a queue for a Redis
 * that is away, and none hangs. Where there is no connection the next command makes one, so waiting between tries is
 * the callers' part; a subscription goes on trying by itself. Nothing is printed, and no password is in any message.
 */

import { type Clock, systemClock } from "./clock.ts";
import { TransientError } from "./errors.ts";
import { type Random, systemRandom } from "./random.ts";
import { type Client, connect } from "./redis_client.ts";
import { type RedisAddress, type RedisTarget, redisTarget } from "./redis_address.ts";
import { isTimeout, isWrongType, redisFailure, WrongKeyTypeError } from "./redis_failure.ts";
import { BACKOFF, Backoff } from "./retry.ts";

export type { RedisAddress } from "./redis_address.ts";

/** What a subscription tells. */
export interface RedisListener {
  onMessage(message: string): void;
  /** Listening has begun, or has begun again: what was published before is unknown. */
  onListening(): void;
  /** Listening has ended or cannot begin; told once until it begins again. */
  onLost(reason: string): void;
}

/** A command that writes: its name and its arguments. */
export type RedisCommand = readonly [name: string, ...args: string[]];

/** A connection. Every command throws TransientError when Redis does not do it. */
export interface RedisConnection {
  /** Where it is, for people: `Redis localhost:6379`. */
  readonly target: string;
  ping(): Promise<void>;
  /** Redis's own clock, in milliseconds since 1970. */
  time(): Promise<number>;
  /** Redis's word for the type of what a key holds; `none` when there is no such key. */
  keyType(key: string): Promise<string>;
  /** All members of a set, read in pages; empty when there is no such key. Throws WrongKeyTypeError. */
  setMembers(key: string): Promise<Set<string>>;
  /** All fields of a hash; empty when there is no such key. Throws WrongKeyTypeError. */
  hashFields(key: string): Promise<Record<string, string>>;
  /** All keys that begin with a prefix, each once; those that come or go meanwhile may be left out. */
  scanKeys(prefix: string): Promise<string[]>;
  /** Throws WrongKeyTypeError. */
  get(key: string): Promise<string | null>;
  /** Sets a key unless it is there; answers with what it holds afterwards. Throws WrongKeyTypeError. */
  setIfAbsent(key: string, value: string): Promise<string>;
  setExpiring(key: string, value: string, ttlMs: number): Promise<void>;
  /** Adds 1 to a counter and answers with what it is then. */
  increment(key: string): Promise<number>;
  delete(keys: readonly string[]): Promise<void>;
  publish(channel: string, message: string): Promise<void>;
  /** Sends commands together, and answers when all are done; others may come between them. Of what fails, the first is thrown. */
  pipeline(commands: readonly RedisCommand[]): Promise<void>;
  /** The next transaction is not done when one of these keys changes before it; forgotten with that transaction. */
  watch(keys: readonly string[]): Promise<void>;
  /** Forgets what is watched. */
  unwatch(): Promise<void>;
  /** Does all commands, and nothing of others between them, or none; false when a watched key has changed. */
  transaction(commands: readonly RedisCommand[]): Promise<boolean>;
  /** Runs a script of Redis's own on keys, with nothing of others in between; answers with what it returns. */
  evaluate(script: string, keys: readonly [string, ...string[]], args: readonly string[]): Promise<unknown>;
  /** Sets a key for a while unless it is there; answers whether it was set. */
  claim(key: string, value: string, ttlMs: number): Promise<boolean>;
  /** Listens to a channel, on a connection of its own, until the function that is returned is called. */
  subscribe(channel: string, listener: RedisListener): () => void;
  /** Lets go of everything; commands that are under way fail. May be called twice. */
  close(): void;
}

/** How many keys or members are asked for at once. */
const PAGE = 1_000;
/** How often a silent subscription is asked whether it is still there: a cut line tells nobody. */
const PROBE_MS = 30_000;

/** Opens a connection, which connects with its first command. Throws SettingsError for an address that makes no sense. */
export function openRedis(
  address: RedisAddress,
  { clock, random }: { clock: Clock; random: Random } = { clock: systemClock(), random: systemRandom },
): RedisConnection {
  return new Connection(redisTarget(address), clock, random);
}

class Connection implements RedisConnection {
  readonly target: string;
  readonly #where: RedisTarget;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #closing = new AbortController();
  #client: Client | undefined;
  #connecting: Promise<Client> | undefined;
  /** The connection on which keys are watched. */
  #watching: Client | undefined;

  constructor(where: RedisTarget, clock: Clock, random: Random) {
    this.target = `Redis ${where.place}`;
    this.#where = where;
    this.#clock = clock;
    this.#random = random;
  }

  async ping(): Promise<void> {
    await this.#command((client) => client.ping());
  }

  async time(): Promise<number> {
    const [seconds, microseconds] = await this.#command((client) => client.time());
    return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
  }

  keyType(key: string): Promise<string> {
    return this.#command((client) => client.type(key));
  }

  async setMembers(key: string): Promise<Set<string>> {
    const members = new Set<string>();
    for await (const page of this.#pages((client, cursor) => client.sscan(key, cursor, "COUNT", PAGE), key)) {
      for (const member of page) members.add(member);
    }
    return members;
  }

  hashFields(key: string): Promise<Record<string, string>> {
    return this.#command((client) => client.hgetall(key), key);
  }

  async scanKeys(prefix: string): Promise<string[]> {
    const pattern = `${prefix.replace(/[*?[\]\\]/g, "\\$&")}*`;
    const keys = new Set<string>();
    for await (const page of this.#pages((client, cursor) => client.scan(cursor, "MATCH", pattern, "COUNT", PAGE))) {
      for (const key of page) keys.add(key);
    }
    return [...keys];
  }

  get(key: string): Promise<string | null> {
    return this.#command((client) => client.get(key), key);
  }

  async setIfAbsent(key: string, value: string): Promise<string> {
    await this.#command((client) => client.setnx(key, value));
    return await this.get(key) ?? value;
  }

  async setExpiring(key: string, value: string, ttlMs: number): Promise<void> {
    await this.#command((client) => client.set(key, value, "PX", Math.ceil(ttlMs)));
  }

  increment(key: string): Promise<number> {
    return this.#command((client) => client.incr(key), key);
  }

  async delete(keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await this.#command((client) => client.del(...keys));
  }

  async publish(channel: string, message: string): Promise<void> {
    await this.#command((client) => client.publish(channel, message));
  }

  async pipeline(commands: readonly RedisCommand[]): Promise<void> {
    await this.#command(async (client) => refuseFailed(await client.pipeline(asCalls(commands)).exec()));
  }

  async watch(keys: readonly string[]): Promise<void> {
    await this.#command(async (client) => {
      await client.watch(...keys);
      this.#watching = client;
    });
  }

  async unwatch(): Promise<void> {
    this.#watching = undefined;
    await this.#command((client) => client.unwatch());
  }

  transaction(commands: readonly RedisCommand[]): Promise<boolean> {
    return this.#command(async (client) => {
      const watching = this.#watching;
      this.#watching = undefined;
      // What was watched is unknown to a new connection.
      if (watching !== undefined && watching !== client) return false;
      const answers = await client.multi(asCalls(commands)).exec();
      refuseFailed(answers);
      return answers !== null;
    });
  }

  evaluate(script: string, keys: readonly [string, ...string[]], args: readonly string[]): Promise<unknown> {
    return this.#command((client) => client.eval(script, keys.length, ...keys, ...args), keys[0]);
  }

  async claim(key: string, value: string, ttlMs: number): Promise<boolean> {
    return await this.#command((client) => client.set(key, value, "PX", Math.ceil(ttlMs), "NX")) !== null;
  }

  subscribe(channel: string, listener: RedisListener): () => void {
    const ending = new AbortController();
    this.#listen(channel, listener, AbortSignal.any([ending.signal, this.#closing.signal]));
    return () => ending.abort();
  }

  close(): void {
    this.#closing.abort();
    this.#client?.disconnect();
  }

  /** Runs a command, connecting first where there is no connection. `key` is the one whose type may be wrong. */
  async #command<T>(run: (client: Client) => Promise<T>, key?: string): Promise<T> {
    const client = await this.#connected();
    try {
      return await run(client);
    } catch (error) {
      if (key !== undefined && isWrongType(error)) throw new WrongKeyTypeError(key, await this.keyType(key));
      if (isTimeout(error)) this.#abandon(client);
      throw redisFailure(error, this.#where);
    }
  }

  /** The pages of a scan, to its end. */
  async *#pages(
    read: (client: Client, cursor: string) => Promise<[string, string[]]>,
    key?: string,
  ): AsyncGenerator<string[]> {
    let cursor = "0";
    do {
      const [next, page] = await this.#command((client) => read(client, cursor), key);
      yield page;
      cursor = next;
    } while (cursor !== "0");
  }

  async #connected(): Promise<Client> {
    if (this.#closing.signal.aborted) throw new TransientError(`the connection to ${this.#where.place} was closed`);
    if (this.#client?.status === "ready") return this.#client;
    this.#connecting ??= connect(this.#where, this.#closing.signal).finally(() => this.#connecting = undefined);
    return this.#client = await this.#connecting;
  }

  /** Lets go of a connection that does not answer: the line may be cut, and nobody would ever tell. */
  #abandon(client: Client): void {
    client.disconnect();
    if (this.#client === client) this.#client = undefined;
  }

  async #listen(channel: string, listener: RedisListener, signal: AbortSignal): Promise<void> {
    const backoff = new Backoff(BACKOFF.redis, this.#random);
    let isTold = false;
    while (!signal.aborted) {
      try {
        const client = await connect(this.#where, signal);
        const ended = new AbortController();
        client.on("message", (_channel: string, message: string) => {
          if (!signal.aborted) listener.onMessage(message);
        });
        client.on("end", () => ended.abort(new TransientError(`the connection to ${this.#where.place} was lost`)));
        try {
          await client.subscribe(channel);
          signal.throwIfAborted();
          backoff.reset();
          isTold = false;
          listener.onListening();
          await this.#probe(client, AbortSignal.any([signal, ended.signal]));
        } finally {
          client.disconnect();
        }
      } catch (error) {
        if (signal.aborted) return;
        const failure = error instanceof TransientError ? error : redisFailure(error, this.#where);
        if (!isTold) listener.onLost(failure.message);
        isTold = true;
        await this.#clock.sleep(backoff.next(), signal).catch((reason) => {
          if (!signal.aborted) throw reason;
        });
      }
    }
  }

  async #probe(client: Client, signal: AbortSignal): Promise<never> {
    while (true) {
      await this.#clock.sleep(PROBE_MS, signal);
      await client.ping();
    }
  }
}

/** The library calls its methods by these names. */
function asCalls(commands: readonly RedisCommand[]): string[][] {
  return commands.map(([name, ...args]) => [name.toLowerCase(), ...args]);
}

/** Throws what the first command that failed was answered. */
function refuseFailed(answers: readonly [error: Error | null, result: unknown][] | null): void {
  const failed = answers?.find(([error]) => error);
  if (failed) throw failed[0];
}
