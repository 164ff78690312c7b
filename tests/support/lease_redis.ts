/**
 * The lease's scripts as functions: what `src/fleet/lease_scripts.ts` does to Redis, in any unit of time. The model
 * explores them in ticks; a test compares them with the real scripts in milliseconds.
 *
 * @module
 */
import { ALL_GUARDS, type Guards } from "./lease_guards.ts";

/** A lease in Redis, which is gone when `left` is 0. */
export interface Lease {
  readonly owner: number;
  readonly generation: number;
  readonly left: number;
}

/** What Redis holds of one app's lease. */
export interface LeaseRedis {
  readonly lease: Lease | undefined;
  /** The last generation that was granted; 0 where it is not stored. */
  readonly generation: number;
  /** How old the epoch is; undefined where there is none, or that of another run. */
  readonly epochAge: number | undefined;
  /** Who was granted it or told of its stream last, and whether it stepped down in order. */
  readonly last: { readonly instance: number; readonly released: boolean } | undefined;
}

/** A request for the lease. */
export interface Ask {
  readonly owner: number;
  readonly instance: number;
  readonly ttl: number;
  /** How long the key lives; Redis keeps one for the whole of its last millisecond. */
  readonly keyLife: number;
  readonly seen: number;
  /** Redis's time, as a generation. */
  readonly clock: number;
  /** For how long the asker has been in the roster. */
  readonly joined: number;
  readonly isAlone: boolean;
}

/** What Redis answers to a request for the lease. */
export interface Answer {
  readonly what: "granted" | "held" | "new" | "newcomer";
  /** Of `granted`; else 0. */
  readonly generation: number;
  /** Of `held`: by which owner. */
  readonly by: number | undefined;
  /** Who told last, before this was asked. */
  readonly last: LeaseRedis["last"];
}

/** A Redis that holds nothing. */
export const EMPTY_REDIS: LeaseRedis = { lease: undefined, generation: 0, epochAge: undefined, last: undefined };

/** Asks for the lease. Who is granted it is known as its holder from then on, though it may never tell anything. */
export function acquire(redis: LeaseRedis, ask: Ask, guards: Guards = ALL_GUARDS): [LeaseRedis, Answer] {
  const known = { ...redis, epochAge: redis.epochAge ?? 0 };
  const { epochAge, last, lease } = known;
  const refused = (
    what: Answer["what"],
    by?: number,
  ): [LeaseRedis, Answer] => [known, { what, generation: 0, by, last }];
  if (guards.epochWait && epochAge < ask.ttl && !ask.isAlone) return refused("new");
  if (guards.ownerAtAcquire && lease !== undefined && lease.owner !== ask.owner) return refused("held", lease.owner);
  const mayBeAlone = last !== undefined && last.instance !== ask.instance && !last.released && lease === undefined;
  if (guards.newcomerWait && mayBeAlone && !ask.isAlone && ask.joined < ask.ttl) return refused("newcomer");
  const generation = Math.max(known.generation, ask.seen, ask.clock) + 1;
  const granted = {
    ...known,
    generation,
    lease: { owner: ask.owner, generation, left: ask.keyLife },
    last: guards.recordAtGrant ? { instance: ask.instance, released: false } : last,
  };
  return [granted, { what: "granted", generation, by: undefined, last }];
}

/** Renews the lease; answers whether it was the asker's. */
export function renew(
  redis: LeaseRedis,
  { owner, generation, keyLife, tells }: {
    readonly owner: number;
    readonly generation: number;
    readonly keyLife: number;
    readonly tells?: LeaseRedis["last"];
  },
  guards: Guards = ALL_GUARDS,
): [LeaseRedis, boolean] {
  const { lease } = redis;
  if (lease === undefined) return [redis, false];
  if (guards.ownerAtRenew && lease.owner !== owner) return [redis, false];
  if (guards.generationAtRenew && lease.generation !== generation) return [redis, false];
  return [{ ...redis, lease: { ...lease, left: keyLife }, last: tells ?? redis.last }, true];
}

/** Gives the lease back; answers whether it was the asker's. */
export function release(
  redis: LeaseRedis,
  { owner, instance, generation }: { readonly owner: number; readonly instance: number; readonly generation: number },
  guards: Guards = ALL_GUARDS,
): [LeaseRedis, boolean] {
  const { lease } = redis;
  if (lease === undefined) return [redis, false];
  if (guards.ownerAtRelease && lease.owner !== owner) return [redis, false];
  if (guards.generationAtRelease && lease.generation !== generation) return [redis, false];
  return [{ ...redis, lease: undefined, last: { instance, released: true } }, true];
}

/** Time passes in Redis; ages above `oldest` are not told apart. */
export function pass(redis: LeaseRedis, time: number, oldest: number): LeaseRedis {
  const left = (redis.lease?.left ?? 0) - time;
  return {
    ...redis,
    lease: redis.lease === undefined || left <= 0 ? undefined : { ...redis.lease, left },
    epochAge: redis.epochAge === undefined ? undefined : Math.min(oldest, redis.epochAge + time),
  };
}
