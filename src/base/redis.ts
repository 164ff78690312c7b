/**
 * Redis, over npm:ioredis, whose only importer this is: the few commands that we use, typed, with errors of ours.
 *
 * It promises: a command completes or fails with a TransientError within seconds; none waits in a queue for a Redis
 * that is away, and none hangs. Where there is no connection the next command makes one, so waiting between tries is
 * the callers' part; a subscription goes on trying by itself. Nothing is printed, and no password is in any message.
 *
 * Signing in and choosing the database are done here, not by the library, which would print a warning about a password
 * that was not needed.
 */

import { Redis as Client } from "ioredis";
import { type Clock, systemClock } from "./clock.ts";
import { TransientError } from "./errors.ts";
import { type Random, systemRandom } from "./random.ts";
import { type RedisAddress, type RedisTarget, redisTarget } from "./redis_address.ts";
import { isNeedlessPassword, isTimeout, isWrongType, redisFailure, WrongKeyTypeError } from "./redis_failure.ts";
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
  delete(keys: readonly string[]): Promise<void>;
  publish(channel: string, message: string): Promise<void>;
  /** Listens to a channel, on a connection of its own, until the function that is returned is called. */
  subscribe(channel: string, listener: RedisListener): () => void;
  /** Lets go of everything; commands that are under way fail. May be called twice. */
  close(): void;
}

const CONNECT_TIMEOUT_MS = 5_000;
const COMMAND_TIMEOUT_MS = 5_000;
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

  async delete(keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await this.#command((client) => client.del(...keys));
  }

  async publish(channel: string, message: string): Promise<void> {
    await this.#command((client) => client.publish(channel, message));
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

/** A client that is signed in and in its database. Throws TransientError. */
async function connect(where: RedisTarget, signal: AbortSignal): Promise<Client> {
  const { host, port, username, password, db, isTls } = where;
  const client = new Client({
    host,
    port,
    ...(isTls ? { tls: {} } : {}),
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    disableClientInfo: true,
    retryStrategy: null,
  });
  // The library prints what nobody listens for. What the socket says is more telling than what connecting throws.
  let seen: Error | undefined;
  client.on("error", (error: Error) => seen ??= error);
  const stop = () => client.disconnect();
  signal.addEventListener("abort", stop, { once: true });
  try {
    await client.connect();
    seen = undefined;
    if (password !== undefined) await signIn(client, username, password);
    if (db !== 0) await client.select(db);
    signal.throwIfAborted();
    return client;
  } catch (error) {
    client.disconnect();
    throw redisFailure(error, where, seen);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function signIn(client: Client, username: string | undefined, password: string): Promise<void> {
  try {
    if (username === undefined) await client.auth(password);
    else await client.auth(username, password);
  } catch (error) {
    // A Redis that is open to all takes the next command as well.
    if (!isNeedlessPassword(error)) throw error;
  }
}
