/**
 * One random sequence of faults, kills and stops, judged at the end: every tweet is in the files or covered by a gap, X's
 * limit of connects is kept, and the states that the collector reported are what the simulator did. The same seed makes
 * the same sequence.
 */

import { assertEquals } from "@std/assert";
import { FAULT_NAMES, type FaultName } from "../../src/simulate/simulator.ts";
import { seeded } from "../support/seeded.ts";
import { judgeStream, type StreamJudgement } from "../support/stream_judge.ts";
import { StreamWorld } from "../support/stream_world.ts";

/** What a step does. */
export type StepKind = FaultName | "kill" | "stop" | "flap";

/** All kinds; some are likelier than others. */
export const STEP_KINDS: readonly StepKind[] = [...FAULT_NAMES, "kill", "kill", "kill", "stop", "stop", "flap"];

/** How a sequence went; what is known of one that failed is little. */
export interface PlayedSequence extends Partial<StreamJudgement> {
  readonly seed: number;
  readonly steps: readonly StepKind[];
  /** Why it failed; undefined when it did not. It says the seed. */
  readonly failure: Error | undefined;
}

export interface SequenceOptions {
  readonly seed: number;
  /** Kinds of steps to choose from. */
  readonly kinds?: readonly StepKind[];
  /** A folder into which what is left of one that failed is copied. */
  readonly keepIn?: string | undefined;
}

const SCALE = 50;
const RATE = 2;
const STEPS = 8;
/** How far X's clock may be off, in either direction. */
const MOST_SKEW_MS = 10 * 60_000;
/** A connection that has stood for 20 s is opened again at once: so it is cut most often. */
const FLAPS = 12;
const FLAP_MS = 21_000;
/**
 * Pieces of a few bytes cost the collector real time, and so much of the faster one; X's silence, in which tweets are lost,
 * can be told only where it lasts longer than what the collector is behind, by 45 s.
 */
const LENGTHS: Readonly<Partial<Record<FaultName, readonly [number, number]>>> = {
  split: [2_000, 4_000],
  stall: [100_000, 70_000],
};
const AS_LONG_AS_IT_LIKES: readonly FaultName[] = ["phantom", "slow"];

/** Plays it. */
export async function playSequence(options: SequenceOptions): Promise<PlayedSequence> {
  const { kinds = STEP_KINDS, seed } = options;
  const chance = seeded(seed);
  const steps = Array.from({ length: STEPS }, () => kinds[Math.floor(chance() * kinds.length)]!);
  const fail = (cause: unknown): PlayedSequence => {
    return { seed, steps, failure: new Error(`seed ${seed} (${steps.join(", ")})`, { cause }) };
  };
  const started = await StreamWorld.start({
    ...{ scale: SCALE, rate: RATE, seed: Math.floor(chance() * 2 ** 31) },
    gzip: chance() < 0.5,
    clockSkewMs: Math.round((chance() - 0.5) * 2 * MOST_SKEW_MS),
  }).catch(fail);
  if (!(started instanceof StreamWorld)) return started;
  await using world = started;
  try {
    for (const kind of steps) await play(world, kind, chance);
    await world.settle();
    const judged = await judgeStream(world);
    assertEquals(judged.wrong, [], judged.wrong.join("\n"));
    return { ...judged, seed, steps, failure: undefined };
  } catch (cause) {
    if (options.keepIn !== undefined) await world.keep(`${options.keepIn}/${seed}`);
    return fail(cause);
  }
}

async function play(world: StreamWorld, kind: StepKind, chance: () => number): Promise<void> {
  const { time } = world;
  // Drawn in any case, so that the same seed makes the same sequence of other kinds.
  const [length, rest, restsLong] = [chance(), chance(), chance() < 0.6];
  if (kind === "kill" || kind === "stop") {
    await (kind === "kill" ? world.kill() : world.stop());
    await time.pause(90_000 * length);
    world.startCollector();
  } else if (kind === "flap") {
    for (let flap = 0; flap < FLAPS; flap++) {
      world.fault("disconnect");
      await time.pause(FLAP_MS);
    }
  } else world.fault(kind, lengthOf(kind, length));
  if (restsLong) await world.moreSent(10 + Math.floor(30 * rest));
  else await time.pause(40_000 * rest);
}

/** How long a fault lasts, where that is not left to chance. */
function lengthOf(kind: FaultName, length: number): number | undefined {
  const [least, more] = LENGTHS[kind] ?? [5_000, 90_000];
  return AS_LONG_AS_IT_LIKES.includes(kind) ? undefined : least + more * length;
}
