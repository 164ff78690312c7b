/**
 * The lease as a small model: its scripts in Redis, and what processes do with the answers. In no state of it may two
 * processes begin a request to X.
 *
 * Anything may happen at any time: a process stands still between any two of its steps (each step is only possible, none
 * is due; so is SIGSTOP); a VM stands still, its monotonic clock with it, and its wall clock is right when it goes on; a
 * wall clock is set back; a process dies and starts as a new owner that knows nothing; what it sent is carried out late,
 * or after it was given up, or never; an answer is late or lost; Redis starts again with all its data, with older data
 * or with none.
 *
 * What it assumes:
 *  1. A request to X begins in one step with the look at the deadline before it. Nothing can keep one apart from the
 *     other, since X compares no generation.
 *  2. Time passes equally fast for Redis and for the processes, within one TTL; Redis's wall clock is not moved forward
 *     (its keys expire by it).
 *  3. A VM that stood still has the right wall clock as soon as it goes on, and within one lease nobody sets that clock
 *     back by as much as the VM stood still, to within the second that is tolerated.
 *  4. A Redis with older data is another run of it (`run_id`): true of restarts and of replicas that take over, not of a
 *     VM that is put back to an earlier state while it runs. A key that comes back does not live longer than it would
 *     have.
 *  5. Redis's clock is not set back at the same time as it loses its data: generations would begin again.
 *  6. Each process has an owner's name that none before it had.
 * An instance that goes on alone, without Redis, is in `lease_alone_model.ts`.
 *
 * @module
 */
import type { Model } from "./explore.ts";
import { ALL_GUARDS, type Guards } from "./lease_guards.ts";
import type { Lease } from "./lease_redis.ts";
import {
  type Count,
  DEAD,
  mayBegin,
  nameOf,
  PAST,
  type Process,
  TOLERATED_JUMP,
  TTL,
  type World,
} from "./lease_state.ts";
import { stepsOfTheWorld } from "./lease_world.ts";

/** The model with so many processes, at most so many faults, and without some guards. */
export function leaseModel({ processes, faults = Infinity, guards = ALL_GUARDS }: {
  readonly processes: number;
  readonly faults?: number;
  readonly guards?: Guards;
}): Model<World> {
  const nothing: Process = { holds: undefined, pending: undefined, stray: undefined };
  return {
    first: {
      redis: { lease: undefined, generation: 0, epochAge: TTL, last: undefined },
      highest: 0,
      isRepeated: false,
      processes: Array.from({ length: processes }, () => nothing),
      faults,
    },
    key: keyOf,
    next: (world, found) =>
      stepsOfTheWorld(world, guards, (step, next) => {
        found(step, { ...next, processes: next.processes.map((process) => withoutThePast(process, guards)) });
      }),
    wrong: (world) => {
      if (world.isRepeated) return "WRONG: a generation was granted that was there before";
      const able = world.processes.flatMap((process, number) => canBegin(process, guards) ? [nameOf(number)] : []);
      return able.length > 1 ? `WRONG: ${able.join(" and ")} may each begin a request` : undefined;
    },
  };
}

/** Whether a process may begin a request, in a world as it is assumed (3). */
function canBegin(process: Process, guards: Guards): boolean {
  return process.holds !== undefined && isAssumed(process.holds.count) && mayBegin(process, guards);
}

function isAssumed({ still, setBack }: Count): boolean {
  return still === 0 || setBack === 0 || Math.abs(still - setBack) > TOLERATED_JUMP;
}

/** What is past its deadline stays so, however long ago that was: one state stands for all of these. */
function withoutThePast(process: Process, guards: Guards): Process {
  const { holds, pending } = process;
  const isPast = (generation: number, count: Count) =>
    count !== PAST && isAssumed(count) && !mayBegin({ ...process, holds: { generation, count } }, guards);
  return {
    ...process,
    holds: holds !== undefined && isPast(holds.generation, holds.count) ? { ...holds, count: PAST } : holds,
    pending: pending !== undefined && isPast(0, pending.count) ? { ...pending, count: PAST } : pending,
  };
}

/**
 * Which process is which does not matter, nor how large a generation is: whether it is the lease's does, and which of one
 * process's are the same.
 */
function keyOf({ redis, highest, processes, faults }: World): string {
  const { lease } = redis;
  const codes = processes.map((process, number) => codeOf(process, lease?.owner === number, lease)).sort();
  const stored = redis.generation === highest ? 1 : 0;
  return String.fromCharCode(stored, redis.epochAge ?? 9, lease?.left ?? 9, Math.min(faults, 99)) + codes.join("/");
}

function codeOf({ holds, pending, stray }: Process, isOwner: boolean, lease: Lease | undefined): string {
  const others: number[] = [];
  const nameOfGeneration = (generation: number) => {
    if (generation === 0) return 0;
    if (generation === lease?.generation) return 1;
    if (!others.includes(generation)) others.push(generation);
    return 2 + others.indexOf(generation);
  };
  const codes = [isOwner ? 1 : lease !== undefined && stray?.owner === lease.owner ? 2 : 0];
  if (holds !== undefined) codes.push(65, codeOfCount(holds.count), nameOfGeneration(holds.generation));
  if (pending !== undefined) {
    codes.push(pending.kind === "acquire" ? 66 : 67, codeOfCount(pending.count), nameOfGeneration(pending.generation));
    codes.push(pending.answer === undefined ? 90 : nameOfGeneration(pending.answer), pending.isBeforeRelease ? 1 : 0);
  }
  if (stray !== undefined) {
    codes.push(68 + stray.kind.length, stray.owner < DEAD ? 0 : 1, nameOfGeneration(stray.generation));
  }
  return String.fromCharCode(...codes);
}

function codeOfCount({ elapsed, still, setBack }: Count): number {
  return 200 + elapsed * 32 + still * 4 + setBack;
}
