/**
 * The fields of one instance in a hash of Redis that all instances write to, kept like a table here. Only what has changed
 * is written; a Redis that has lost them, or was written to by an earlier process of the instance, is brought up to date.
 */

import type { RedisCommand, RedisConnection } from "../base/redis.ts";

/** How many fields go with one command. */
const FIELDS_AT_ONCE = 200;

const HAS = "return redis.call('HEXISTS', KEYS[1], ARGV[1])";

export class MirroredHash {
  readonly #redis: RedisConnection;
  readonly #key: string;
  readonly #owner: string;
  readonly #witness: string;
  /** What is there; undefined where that has to be looked up. */
  #known: ReadonlyMap<string, string> | undefined;

  /** The witness is a field that is always there, and that nobody but `write` writes: where it is gone, all is. */
  constructor(redis: RedisConnection, key: string, names: { readonly instance: string; readonly witness: string }) {
    this.#redis = redis;
    this.#key = key;
    this.#owner = `${names.instance}:`;
    this.#witness = names.witness;
  }

  /**
   * Makes the instance's fields be these, by what follows the instance's name in a field. `alsoGone` are hashes from which
   * a field goes when it goes here. Answers whether what was there had been lost. Throws TransientError, WrongKeyTypeError.
   */
  async write(wanted: ReadonlyMap<string, string>, alsoGone: readonly string[] = []): Promise<boolean> {
    const isLost = await this.#hasLost();
    const known = isLost || !this.#known ? await this.#read() : this.#known;
    this.#known = undefined;
    const changed = [...wanted].filter(([name, value]) => known.get(name) !== value);
    const gone = [...known.keys()].filter((name) => !wanted.has(name));
    const commands: RedisCommand[] = [
      ...chunks(changed).map((fields): RedisCommand => [
        ...["HSET", this.#key] as const,
        ...fields.flatMap(([name, value]) => [`${this.#owner}${name}`, value]),
      ]),
      ...[this.#key, ...alsoGone].flatMap((key) =>
        chunks(gone).map((names): RedisCommand => ["HDEL", key, ...names.map((name) => `${this.#owner}${name}`)])
      ),
    ];
    if (commands.length > 0) await this.#redis.pipeline(commands);
    this.#known = new Map(wanted);
    return isLost;
  }

  /** Somebody has written one of the fields for us. */
  wrote(name: string, value: string): void {
    if (this.#known) this.#known = new Map([...this.#known, [name, value]]);
  }

  async #hasLost(): Promise<boolean> {
    if (!this.#known) return false;
    return await this.#redis.evaluate(HAS, [this.#key], [`${this.#owner}${this.#witness}`]) !== 1;
  }

  async #read(): Promise<Map<string, string>> {
    const fields = Object.entries(await this.#redis.hashFields(this.#key));
    const own = fields.filter(([field]) => field.startsWith(this.#owner));
    return new Map(own.map(([field, value]) => [field.slice(this.#owner.length), value]));
  }
}

function chunks<Item>(items: readonly Item[]): Item[][] {
  const count = Math.ceil(items.length / FIELDS_AT_ONCE);
  return Array.from({ length: count }, (_, at) => items.slice(at * FIELDS_AT_ONCE, (at + 1) * FIELDS_AT_ONCE));
}
