/**
 * What the model in `lease_model.ts` has in each state, and the look that decides whether a process may begin a request.
 *
 * @module
 */
import type { Guards } from "./lease_guards.ts";
import type { LeaseRedis } from "./lease_redis.ts";

/** The time to live, in ticks. */
export const TTL = 3;

/** By how many ticks the clocks may differ. */
export const TOLERATED_JUMP = 1;

/** Longer ago is not told apart. */
export const LONG_AGO = TTL + 3;

/** Owners from this number on are dead: those of one instance have one name. */
export const DEAD = 10;

/** What passed since a request was sent. */
export interface Count {
  readonly elapsed: number;
  /** Ticks of these for which the VM stood still. */
  readonly still: number;
  /** Ticks by which the wall clock was set back. */
  readonly setBack: number;
}

/** A deadline that is past. */
export const PAST: Count = { elapsed: LONG_AGO, still: 0, setBack: 0 };

/** A request to Redis of which the answer is waited for. */
export interface Pending {
  readonly kind: "acquire" | "renew";
  readonly generation: number;
  readonly count: Count;
  /** What Redis answered, the generation of a lease or 0; undefined while it has not carried the request out. */
  readonly answer: number | undefined;
  /** Whether the lease was given back after this was sent. */
  readonly isBeforeRelease: boolean;
}

/** A request that was sent and is not waited for, or no more. Redis may still carry it out. */
export interface Stray {
  readonly kind: "acquire" | "renew" | "release";
  readonly owner: number;
  readonly generation: number;
}

/** One process. */
export interface Process {
  readonly holds: { readonly generation: number; readonly count: Count } | undefined;
  readonly pending: Pending | undefined;
  readonly stray: Stray | undefined;
}

/** All there is. */
export interface World {
  readonly redis: LeaseRedis;
  /** The largest generation that was ever granted. */
  readonly highest: number;
  /** Whether one was granted that was not the largest. */
  readonly isRepeated: boolean;
  readonly processes: readonly Process[];
  /** How many more faults may happen. */
  readonly faults: number;
}

/** What a process is called in a trace. */
export function nameOf(number: number): string {
  return "ABC"[number % DEAD]! + (number >= DEAD ? "(dead)" : "");
}

/** The look at the deadline before each request. */
export function mayBegin({ holds }: Process, guards: Guards): boolean {
  if (holds === undefined) return false;
  if (!guards.deadline) return true;
  const { elapsed, still, setBack } = holds.count;
  if (guards.monotonicDeadline && elapsed - still >= TTL) return false;
  if (guards.wallDeadline && elapsed - setBack >= TTL) return false;
  return !guards.clockJump || Math.abs(still - setBack) <= TOLERATED_JUMP;
}
