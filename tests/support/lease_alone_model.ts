/**
 * A lone instance that goes on without Redis, and a newcomer: the second model of the lease, beside `lease_model.ts`.
 *
 * The lone one (L) may begin requests past its deadline where, before it, Redis was away and nobody else was in the
 * roster. Back at Redis it asks at once, without the waits; the newcomer (N) waits. A request and its answer are one step
 * here; what may happen between them is explored in the other model.
 *
 * What it assumes, besides what the other model does:
 *  1. The lone one does not fail to reach a Redis that the newcomer reaches later than one TTL, less the time for which
 *     such a failed try counts, after the newcomer joined or that Redis came back. So no second instance may start while
 *     the lone one is cut off for longer than that from a Redis that lives.
 *  2. The lone one was alone when it looked: only an instance that held the lease, and found Redis away before its
 *     deadline, goes on alone. What it noted in an earlier life does not count.
 *
 * @module
 */
import type { Model } from "./explore.ts";
import { ALL_GUARDS, type Guards } from "./lease_guards.ts";
import { acquire, EMPTY_REDIS, type LeaseRedis, pass, release, renew } from "./lease_redis.ts";
import { TTL } from "./lease_state.ts";

/** For how long a failed try at Redis counts. */
const TRY_COUNTS = 2;

/** Until when, after the newcomer joined, the lone one may still fail to reach a Redis that the newcomer reaches. */
const UNSEEN = TTL - TRY_COUNTS;

/** More is not told apart. */
const LONG = TTL + 1;

const L = 0;
const N = 1;

/** All there is. Times are in ticks. */
interface AloneWorld {
  readonly redis: LeaseRedis;
  readonly isRedisUp: boolean;
  readonly isCut: boolean;
  /** For how long the newcomer is in a Redis that others reach, and the lone one has not seen it. */
  readonly unseen: number;
  readonly knowsOther: boolean;
  /** Since the last renewal was sent, with its generation; undefined where the lease is not held. */
  readonly lone: { readonly elapsed: number; readonly generation: number } | undefined;
  /** Since the last failed try of the lone one; undefined where it is not going on alone. */
  readonly sinceTry: number | undefined;
  /** Since the newcomer joined the roster; undefined where it has not started. */
  readonly joined: number | undefined;
  readonly newcomer: { readonly elapsed: number; readonly generation: number } | undefined;
}

type Found = (step: string, world: AloneWorld) => void;

/** The model, without some guards. The newcomer has held the lease before, and gave it back in order. */
export function aloneModel(guards: Guards = ALL_GUARDS): Model<AloneWorld> {
  return {
    first: {
      redis: { ...EMPTY_REDIS, epochAge: TTL, last: { instance: N, released: true } },
      isRedisUp: true,
      isCut: false,
      unseen: 0,
      knowsOther: false,
      lone: undefined,
      sinceTry: undefined,
      joined: undefined,
      newcomer: undefined,
    },
    // A generation does not matter here beyond whose it is.
    key: (world) => JSON.stringify(world, (name, value) => name === "generation" ? undefined : value),
    next: (world, found) => {
      stepsOfTheSurroundings(world, found);
      stepsOfTheLone(world, guards, found);
      stepsOfTheNewcomer(world, guards, found);
    },
    wrong: (world) =>
      canLone(world, guards) && isValid(world.newcomer) ? "WRONG: L and N may each begin a request" : undefined,
  };
}

function isValid(held: AloneWorld["lone"]): boolean {
  return held !== undefined && held.elapsed < TTL;
}

function canLone({ lone, sinceTry }: AloneWorld, guards: Guards): boolean {
  if (isValid(lone)) return true;
  return sinceTry !== undefined && (!guards.triesAgain || sinceTry < TRY_COUNTS);
}

function stepsOfTheSurroundings(world: AloneWorld, found: Found): void {
  const { isCut, isRedisUp, joined, lone, newcomer, redis, sinceTry } = world;
  const isUnseen = isRedisUp && joined !== undefined && !world.knowsOther;
  const unseen = isUnseen ? Math.min(LONG, world.unseen + 1) : world.unseen;
  const older = (time: number) => Math.min(LONG, time + 1);
  found("a tick passes", {
    ...world,
    unseen,
    redis: pass(redis, 1, TTL),
    joined: joined === undefined ? undefined : older(joined),
    lone: lone === undefined ? undefined : { ...lone, elapsed: older(lone.elapsed) },
    newcomer: newcomer === undefined ? undefined : { ...newcomer, elapsed: older(newcomer.elapsed) },
    sinceTry: sinceTry === undefined ? undefined : older(sinceTry),
  });
  if (isCut) found("the link between L and Redis is mended", { ...world, isCut: false });
  else found("the link between L and Redis is cut", { ...world, isCut: true });
  if (isRedisUp) return found("Redis goes away", { ...world, isRedisUp: false });
  const back = { ...world, isRedisUp: true, unseen: 0 };
  found("Redis is back with its data", { ...back, redis: { ...redis, epochAge: undefined } });
  found("Redis is back without data", { ...back, redis: EMPTY_REDIS });
}

function stepsOfTheLone(world: AloneWorld, guards: Guards, found: Found): void {
  const { isCut, isRedisUp, joined, lone, redis, sinceTry } = world;
  const isAway = isCut || !isRedisUp;
  const mayGoOn = isValid(lone) || sinceTry !== undefined && canLone(world, guards) || !guards.onlyWhenAway;
  const wasHolder = lone !== undefined || sinceTry !== undefined;
  const isAssumed = !isRedisUp || world.unseen <= UNSEEN;
  if (isAssumed && (isAway || !guards.onlyWhenAway) && wasHolder && mayGoOn && !world.knowsOther) {
    found(isAway ? "L finds Redis away and goes on alone" : "L goes on alone", { ...world, sinceTry: 0 });
  }
  if (isAway) return;
  const looked = { ...world, knowsOther: joined !== undefined, sinceTry: undefined };
  if (isValid(lone) && sinceTry === undefined) {
    const tells = { instance: L, released: false };
    const [after, isOwn] = renew(redis, { owner: L, generation: lone!.generation, keyLife: TTL, tells });
    const held = isOwn ? { ...lone!, elapsed: 0 } : undefined;
    found(`L renews: ${isOwn ? "confirmed" : "refused"}`, { ...looked, redis: after, lone: held });
    return;
  }
  const isAlone = sinceTry !== undefined && (!guards.asksInTime || canLone(world, guards));
  const [after, generation] = asked(redis, { owner: L, joined: TTL, isAlone }, guards);
  const held = generation === 0 ? undefined : { elapsed: 0, generation };
  const step = `L asks${isAlone ? " as one that was alone" : ""}: ${held === undefined ? "refused" : "granted"}`;
  found(step, { ...looked, redis: after, lone: held });
}

function stepsOfTheNewcomer(world: AloneWorld, guards: Guards, found: Found): void {
  const { isRedisUp, joined, newcomer, redis } = world;
  if (!isRedisUp) return;
  if (joined === undefined) return found("N starts and joins the roster", { ...world, joined: 0 });
  if (isValid(newcomer)) {
    const asOwn = { owner: N, instance: N, generation: newcomer!.generation };
    const [renewed, isOwn] = renew(redis, { ...asOwn, keyLife: TTL, tells: { instance: N, released: false } });
    const held = isOwn ? { ...newcomer!, elapsed: 0 } : undefined;
    found(`N renews: ${isOwn ? "confirmed" : "refused"}`, { ...world, redis: renewed, newcomer: held });
    found("N gives the lease back", { ...world, redis: release(redis, asOwn)[0], newcomer: undefined });
    return;
  }
  const [after, generation] = asked(redis, { owner: N, joined, isAlone: false }, guards);
  const held = generation === 0 ? undefined : { elapsed: 0, generation };
  found(`N asks: ${held === undefined ? "refused" : "granted"}`, { ...world, redis: after, newcomer: held });
}

/** Asks for the lease; the generation is 0 where it is refused. */
function asked(
  redis: LeaseRedis,
  { owner, joined, isAlone }: { readonly owner: number; readonly joined: number; readonly isAlone: boolean },
  guards: Guards,
): [LeaseRedis, number] {
  const ask = { owner, instance: owner, ttl: TTL, keyLife: TTL, seen: 0, clock: 0, joined, isAlone };
  const [after, { what, generation }] = acquire(redis, ask, guards);
  if (what !== "granted") return [after, 0];
  const last = guards.lastHolderAtGrant ? { instance: owner, released: false } : after.last;
  return [{ ...after, last }, generation];
}
