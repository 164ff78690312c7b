/**
 * The steps of the model in `lease_model.ts`: every one that is possible in a state of it.
 *
 * @module
 */
import type { Guards } from "./lease_guards.ts";
import {
  type Count,
  DEAD,
  LONG_AGO,
  mayBegin,
  nameOf,
  type Pending,
  type Process,
  type Stray,
  TTL,
  type World,
} from "./lease_state.ts";
import { acquire, EMPTY_REDIS, pass, release, renew } from "./lease_redis.ts";

type Found = (step: string, world: World) => void;

const JUST_SENT: Count = { elapsed: 0, still: 0, setBack: 0 };

/** Calls back with every state that may follow. */
export function stepsOfTheWorld(world: World, guards: Guards, found: Found): void {
  const { processes } = world;
  const fault: Found = (step, next) => {
    if (world.faults > 0) found(step, { ...next, faults: world.faults - 1 });
  };
  found("a tick passes", tick(world, undefined));
  for (const [number, process] of processes.entries()) {
    const name = nameOf(number);
    if (process.holds !== undefined || process.pending !== undefined) {
      fault(`a tick passes while the VM of ${name} stands still`, tick(world, number));
      const counts = [process.holds?.count, process.pending?.count];
      if (counts.every((count) => count === undefined || count.setBack === 0)) {
        fault(`the wall clock of ${name} is set back by a tick`, withProcess(world, number, setBack(process)));
      }
    }
    const become = (step: string, changes: Partial<Process>) =>
      found(`${name} ${step}`, withProcess(world, number, { ...process, ...changes }));
    stepsOfAProcess(process, number, guards, become);
    stepsOfItsRequests(world, number, guards, found);
    if (process.pending !== undefined) {
      const stray = process.pending.answer === undefined ? strayOf(process.pending, number) : process.stray;
      fault(
        `${name} waits for its answer no more`,
        withProcess(world, number, { ...process, pending: undefined, stray }),
      );
    }
    if (process.holds !== undefined || process.pending !== undefined) {
      fault(`${name} is killed and starts again`, killed(world, number));
    }
  }
  stepsOfRedis(world, guards, fault);
}

function stepsOfAProcess(
  process: Process,
  number: number,
  guards: Guards,
  become: (step: string, changes: Partial<Process>) => void,
): void {
  const { holds, pending } = process;
  if (holds !== undefined && !mayBegin(process, guards)) become("sees its deadline and drops", { holds: undefined });
  const sent = { count: JUST_SENT, answer: undefined, isBeforeRelease: false };
  if (pending === undefined && holds === undefined) {
    become("asks for the lease", { pending: { kind: "acquire", generation: 0, ...sent } });
  }
  if (pending === undefined && holds !== undefined) {
    become("asks to renew", { pending: { kind: "renew", generation: holds.generation, ...sent } });
  }
  if (holds !== undefined) {
    become("gives the lease back", {
      holds: guards.stopsBeforeRelease ? undefined : holds,
      stray: { kind: "release", owner: number, generation: holds.generation },
      pending: pending === undefined ? undefined : { ...pending, isBeforeRelease: true },
    });
  }
  if (pending?.answer !== undefined) {
    const isGood = pending.answer > 0;
    become(
      isGood ? "hears that it has the lease" : "hears that it has not got the lease",
      heard(process, pending, guards),
    );
  }
}

function heard({ holds }: Process, pending: Pending, guards: Guards): Partial<Process> {
  const { answer, count, isBeforeRelease } = pending;
  if (answer === undefined || (isBeforeRelease && guards.answersBeforeRelease)) return { pending: undefined };
  if (answer === 0) return { pending: undefined, holds: guards.dropsWhenLost ? undefined : holds };
  return { pending: undefined, holds: { generation: answer, count: guards.deadlineFromSending ? count : JUST_SENT } };
}

function stepsOfItsRequests(world: World, number: number, guards: Guards, found: Found): void {
  const { pending, stray } = world.processes[number]!;
  const name = nameOf(number);
  if (pending !== undefined && pending.answer === undefined) {
    const [after, answer] = carriedOut(world, strayOf(pending, number), guards);
    const step = `Redis ${answer > 0 ? "grants" : "refuses"} ${name} what it asked`;
    found(step, withProcess(after, number, { ...world.processes[number]!, pending: { ...pending, answer } }));
  }
  if (stray !== undefined) {
    const [after] = carriedOut(world, stray, guards);
    const step = `Redis carries out late what ${nameOf(stray.owner)} sent: ${stray.kind}`;
    found(step, withProcess(after, number, { ...world.processes[number]!, stray: undefined }));
  }
}

/** Redis carries out a request; the answer is the generation, or 0 where it refuses. */
function carriedOut(world: World, { kind, owner, generation }: Stray, guards: Guards): [World, number] {
  const instance = owner % DEAD;
  if (kind === "acquire") {
    const clock = guards.timeInGeneration ? world.highest : 0;
    const ask = { owner, instance, ttl: TTL, keyLife: TTL, seen: 0, clock, joined: TTL, isAlone: false };
    const [redis, answer] = acquire(world.redis, ask, guards);
    if (answer.what !== "granted") return [{ ...world, redis: { ...redis, last: undefined } }, 0];
    const isRepeated = answer.generation <= world.highest;
    const highest = Math.max(world.highest, answer.generation);
    return [{ ...world, redis: { ...redis, last: undefined }, isRepeated, highest }, answer.generation];
  }
  const [redis, isOwn] = kind === "renew"
    ? renew(world.redis, { owner, generation, keyLife: TTL }, guards)
    : release(world.redis, { owner, instance, generation }, guards);
  return [{ ...world, redis: { ...redis, last: undefined } }, isOwn ? generation : 0];
}

function stepsOfRedis(world: World, guards: Guards, found: Found): void {
  const { redis } = world;
  const epochAge = guards.runInEpoch ? undefined : redis.epochAge;
  const restarted = (data: string, kept: Partial<World["redis"]>) =>
    found(`Redis starts again with ${data}`, { ...world, redis: { ...redis, epochAge, ...kept } });
  restarted("all its data", {});
  restarted("no data", EMPTY_REDIS);
  if (redis.lease === undefined) return;
  restarted("older data, without the lease", { lease: undefined });
  if (redis.lease.left === 1) return;
  restarted("older data, before the last renewal", { lease: { ...redis.lease, left: redis.lease.left - 1 } });
}

function tick(world: World, still: number | undefined): World {
  const counted = (count: Count, isStill: boolean): Count =>
    count.elapsed === LONG_AGO
      ? count
      : { ...count, elapsed: count.elapsed + 1, still: count.still + (isStill ? 1 : 0) };
  return {
    ...world,
    redis: pass(world.redis, 1, TTL),
    processes: world.processes.map((process, number) =>
      eachCount(process, (count) => counted(count, number === still))
    ),
  };
}

function setBack(process: Process): Process {
  return eachCount(process, (count) => ({ ...count, setBack: count.setBack + 1 }));
}

function eachCount(process: Process, change: (count: Count) => Count): Process {
  const { holds, pending } = process;
  return {
    ...process,
    holds: holds === undefined ? undefined : { ...holds, count: change(holds.count) },
    pending: pending === undefined ? undefined : { ...pending, count: change(pending.count) },
  };
}

/** A process that starts again is another owner; what the dead one sent may still come. */
function killed(world: World, number: number): World {
  const { pending, stray } = world.processes[number]!;
  const left = pending !== undefined && pending.answer === undefined ? strayOf(pending, number) : stray;
  const { lease } = world.redis;
  const isOwn = lease?.owner === number;
  const redis = isOwn ? { ...world.redis, lease: { ...lease, owner: number + DEAD } } : world.redis;
  return withProcess({ ...world, redis }, number, {
    holds: undefined,
    pending: undefined,
    stray: left === undefined ? undefined : { ...left, owner: number + DEAD },
  });
}

function strayOf({ kind, generation }: Pending, owner: number): Stray {
  return { kind, owner, generation };
}

function withProcess(world: World, number: number, process: Process): World {
  return { ...world, processes: world.processes.map((other, at) => at === number ? process : other) };
}
