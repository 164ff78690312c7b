/**
 * A lone instance that goes on without Redis, and a newcomer: the second model of the lease, beside `lease_model.ts`.
 *
 * The lone one (L) holds the lease, and was alone when it last looked, less than one TTL ago. A question that Redis does
 * not answer is then good for half a TTL from its sending, and so is each one after it while the one before it is. Back
 * at Redis it asks without the waits; the newcomer (N) waits. A question of L is sent, carried out, and answered or given
 * up in steps of their own, and may be carried out after it was given up. The newcomer's are one step: what may happen
 * between its request and the answer is explored in the other model.
 *
 * What it assumes, besides what the other model does:
 *  1. L sends no question that fails, and goes on for it, later than half a TTL after the newcomer joined a Redis that
 *     lives, or after that Redis was back. (So it is not cut off for longer from a Redis that the newcomer reaches.)
 *  2. Only who holds the lease goes on alone, from a question that it sent before its deadline. What an instance noted in
 *     an earlier life, or saw of the roster while it held nothing, does not count.
 *  3. The newcomer does not go on alone: it has seen L in the roster.
 *
 * @module
 */
import type { Model } from "./explore.ts";
import { ALL_GUARDS, type Guards } from "./lease_guards.ts";
import { acquire, EMPTY_REDIS, type LeaseRedis, pass, release, renew } from "./lease_redis.ts";

/** The time to live, in ticks. */
const TTL = 4;

/** For how long a question without an answer counts, from its sending. */
const LONE = TTL / 2;

/** How long after the newcomer came, or Redis came back, L may still send a question that fails. */
const UNSEEN = TTL - LONE;

/** More is not told apart. */
const LONG = TTL;
const LATE = UNSEEN + 1;

const L = 0;
const N = 1;

interface Held {
  readonly elapsed: number;
  readonly generation: number;
}

/**
 * To renew; for the lease as one that goes on alone; the same after Redis said that it is not L's; or for it like
 * everybody.
 */
type Kind = "renew" | "rejoin" | "again" | "ask";

/** What L has asked Redis. */
interface Question {
  readonly kind: Kind;
  readonly elapsed: number;
  /** How long the newcomer was in a Redis that lives when it was sent. */
  readonly sentAt: number;
  /** Of `again`: since the lease that Redis has forgotten was confirmed; else 0. */
  readonly forgotten: number;
  readonly generation: number;
  /** The generation of what it has then, 0 for nothing; undefined where Redis has not carried it out. */
  readonly answer: number | undefined;
}

/** All there is. Times are in ticks. */
interface AloneWorld {
  readonly redis: LeaseRedis;
  readonly isRedisUp: boolean;
  /** Since the newcomer is in a Redis that lives. */
  readonly there: number;
  /** Since L last looked and saw nobody; LONG where it saw somebody. */
  readonly looked: number;
  /** What L was granted, since it asked. */
  readonly lone: Held | undefined;
  /** Since the last question for which L goes on alone was sent; undefined where it does not. */
  readonly sinceTry: number | undefined;
  readonly question: Question | undefined;
  /** A question that was given up, and that Redis may carry out yet, was one for the lease as of one that is alone. */
  readonly isStray: boolean;
  /** Since the newcomer joined the roster; undefined where it has not started. */
  readonly joined: number | undefined;
  readonly newcomer: Held | undefined;
}

type Found = (step: string, world: AloneWorld) => void;

/** The model, without some guards. The newcomer has held the lease before, and gave it back in order. */
export function aloneModel(guards: Guards = ALL_GUARDS): Model<AloneWorld> {
  return {
    first: {
      redis: { ...EMPTY_REDIS, epochAge: TTL, last: { instance: N, released: true } },
      isRedisUp: true,
      there: 0,
      looked: 0,
      lone: undefined,
      sinceTry: undefined,
      question: undefined,
      isStray: false,
      joined: undefined,
      newcomer: undefined,
    },
    key: keyOf,
    next: (world, found) => {
      const short: Found = (step, next) => found(step, withoutThePast(next, guards));
      stepsOfTheSurroundings(world, guards, short);
      stepsOfTheLone(world, guards, short);
      stepsOfTheNewcomer(world, guards, short);
    },
    wrong: (world) =>
      canLone(world, guards) && isValid(world.newcomer) ? "WRONG: L and N may each begin a request" : undefined,
  };
}

/** A generation matters only as far as it is the one that Redis has. */
function keyOf(world: AloneWorld): string {
  const current = world.redis.lease?.generation;
  return JSON.stringify(world, (name, value) => {
    if (name === "generation") return value === current;
    return name === "answer" && value > 0 ? value === current : value;
  });
}

function withoutThePast(world: AloneWorld, guards: Guards): AloneWorld {
  return {
    ...world,
    lone: isValid(world.lone) ? world.lone : undefined,
    newcomer: isValid(world.newcomer) ? world.newcomer : undefined,
    sinceTry: isTryGood(world.sinceTry, guards) ? world.sinceTry : undefined,
  };
}

function isValid(held: Held | undefined): boolean {
  return held !== undefined && held.elapsed < TTL;
}

function isTryGood(sinceTry: number | undefined, guards: Guards): boolean {
  if (sinceTry === undefined) return false;
  return !guards.triesAgain || sinceTry < (guards.halfForATry ? LONE : TTL);
}

function canLone({ lone, sinceTry }: AloneWorld, guards: Guards): boolean {
  return isValid(lone) || isTryGood(sinceTry, guards);
}

function stepsOfTheSurroundings(world: AloneWorld, guards: Guards, found: Found): void {
  const { isRedisUp, joined, looked, question, redis, sinceTry } = world;
  const older = (time: number) => Math.min(LONG, time + 1);
  const olderQuestion = (asked: Question) => ({
    ...asked,
    elapsed: older(asked.elapsed),
    forgotten: asked.kind === "again" ? older(asked.forgotten) : 0,
  });
  const olderHeld = (held: Held | undefined) => held && { ...held, elapsed: older(held.elapsed) };
  found("a tick passes", {
    ...world,
    there: isRedisUp && joined !== undefined ? Math.min(LATE, world.there + 1) : 0,
    looked: older(looked),
    redis: pass(redis, 1, TTL),
    joined: joined === undefined ? undefined : older(joined),
    lone: olderHeld(world.lone),
    newcomer: olderHeld(world.newcomer),
    sinceTry: sinceTry === undefined ? undefined : older(sinceTry),
    question: question && olderQuestion(question),
  });
  if (isRedisUp && world.isStray) {
    found("Redis carries out late what L asked", {
      ...world,
      redis: asked(redis, ASK_OF_ONE_ALONE, guards)[0],
      isStray: false,
    });
  }
  if (isRedisUp) {
    const sent = question && { ...question, sentAt: 0 };
    return found("Redis goes away", { ...world, isRedisUp: false, there: 0, question: sent });
  }
  const back = { ...world, isRedisUp: true, there: 0 };
  found("Redis is back with its data", { ...back, redis: { ...redis, epochAge: undefined } });
  found("Redis is back without data", { ...back, redis: EMPTY_REDIS });
}

const ASK_OF_ONE_ALONE = { owner: L, joined: TTL, isAlone: true };

function stepsOfTheLone(world: AloneWorld, guards: Guards, found: Found): void {
  const { isRedisUp, joined, question, redis } = world;
  if (isRedisUp) found("L looks who is there", { ...world, looked: joined === undefined ? 0 : LONG });
  if (question === undefined) return asks(world, found);
  if (isRedisUp && question.answer === undefined) {
    const [after, answer] = carriedOut(redis, question, guards);
    const said = answer > 0 ? "confirms" : "refuses";
    found(`Redis ${said} what L asked: ${question.kind}`, {
      ...world,
      redis: after,
      question: { ...question, answer },
    });
  }
  if (isRedisUp && question.answer !== undefined) hears(world, question, question.answer, guards, found);
  fails(world, question, guards, found);
}

function asks(world: AloneWorld, found: Found): void {
  const isAlone = world.sinceTry !== undefined;
  const sent = {
    elapsed: 0,
    sentAt: world.there,
    forgotten: 0,
    generation: world.lone?.generation ?? 0,
    answer: undefined,
  };
  const kind = isAlone ? "rejoin" : isValid(world.lone) ? "renew" : "ask";
  found(`L asks: ${kind}`, { ...world, question: { kind, ...sent } });
}

function carriedOut(redis: LeaseRedis, { generation, kind }: Question, guards: Guards): [LeaseRedis, number] {
  if (kind !== "renew") return asked(redis, { owner: L, joined: TTL, isAlone: kind !== "ask" }, guards);
  const [after, isOwn] = renew(redis, { owner: L, generation, keyLife: TTL });
  return [after, isOwn ? generation : 0];
}

function hears(world: AloneWorld, question: Question, answer: number, guards: Guards, found: Found): void {
  const { elapsed, kind } = question;
  const wasAlone = isAloneNow(world, guards);
  const heard = { ...world, question: undefined };
  const isLate = isTooLate(world, question, guards);
  if (answer > 0) {
    const lone = isLate ? world.lone : { elapsed, generation: answer };
    return found(`L hears that it has the lease: ${kind}`, { ...heard, lone, sinceTry: undefined });
  }
  if (kind !== "renew") {
    return found("L hears that it has not got it", { ...heard, lone: undefined, sinceTry: undefined });
  }
  if (!wasAlone || isLate) return found("L hears that it is not its own, and ends", { ...heard, lone: undefined });
  const again = { ...question, kind: "again" as const, forgotten: world.lone!.elapsed, answer: undefined };
  const rests = { ...world, lone: undefined, question: again };
  if (guards.restsWhenForgotten) found("L hears that it is not its own, and asks again", rests);
  else found("L hears that it is not its own, and goes on alone", { ...rests, question: undefined, sinceTry: elapsed });
}

/** A renewal counts only while the lease does; a grant without the waits while what L went by before does. */
function isTooLate(world: AloneWorld, { forgotten, kind }: Question, guards: Guards): boolean {
  if (kind === "renew") return !isValid(world.lone);
  if (!guards.answersInTime) return false;
  return kind === "rejoin" ? world.sinceTry === undefined : kind === "again" && forgotten >= TTL;
}

/** L waits no more for an answer: where it is alone it goes on for the question's sake. */
function fails(world: AloneWorld, question: Question, guards: Guards, found: Found): void {
  const { elapsed, kind } = question;
  const isAssumed = !world.isRedisUp || world.joined === undefined || question.sentAt <= UNSEEN;
  const isStray = world.isStray || question.answer === undefined && (kind === "rejoin" || kind === "again");
  const given = { ...world, question: undefined, isStray };
  const isOfHolder = kind !== "ask" || !guards.onlyWhoHeld;
  const mayGoOn = kind === "rejoin" ? world.sinceTry !== undefined : isOfHolder && isAloneNow(world, guards);
  const wasGood = kind !== "renew" || isValid(world.lone);
  if (mayGoOn && wasGood && isAssumed) found("L has no answer, and goes on alone", { ...given, sinceTry: elapsed });
  else if (!mayGoOn || !wasGood) found("L has no answer", given);
}

function isAloneNow({ looked }: AloneWorld, guards: Guards): boolean {
  return guards.youngLook ? looked < TTL : true;
}

function stepsOfTheNewcomer(world: AloneWorld, guards: Guards, found: Found): void {
  const { isRedisUp, joined, newcomer, redis } = world;
  if (!isRedisUp) return;
  if (joined === undefined) return found("N starts and joins the roster", { ...world, joined: 0, there: 0 });
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
  const [after, { generation }] = acquire(redis, ask, guards);
  return [after, generation];
}
