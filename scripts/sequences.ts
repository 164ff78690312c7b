/**
 * `deno task sequences`: plays random sequences of faults of the stream, with kills and stops of the executable between
 * them, and judges each. Prints a table at the end; ends with 1 when one has failed.
 *
 *   deno task sequences                          20 of them; needs `deno task compile` first
 *   deno task sequences --rounds 200 --seed 7    so many, from this seed on: each has its own, the next number
 *   deno task sequences --seed 7 --rounds 1      the same one again
 *   deno task sequences --only stall,kill        of these steps alone
 *   deno task sequences --jobs 3                 so many at a time (2)
 *   deno task sequences --keep DIR               what those that failed have left goes there
 *
 * @module
 */
import { playSequence, STEP_KINDS, type StepKind } from "../tests/faults/stream_sequence.ts";
import { seedOfRun } from "../tests/support/seeded.ts";
import { sequencesTable } from "./sequences/table.ts";
import type { PlayedSequence } from "../tests/faults/stream_sequence.ts";

const USAGE = 64;

if (import.meta.main) Deno.exit(await main([...Deno.args]));

async function main(args: string[]): Promise<number> {
  const rounds = Number(taken(args, "--rounds") ?? 20);
  const seed = Number(taken(args, "--seed") ?? seedOfRun());
  const jobs = Number(taken(args, "--jobs") ?? 2);
  const keepIn = taken(args, "--keep");
  const only = taken(args, "--only")?.split(",");
  const kinds = STEP_KINDS.filter((kind) => only?.includes(kind) ?? true);
  const unknown = only?.find((name) => !STEP_KINDS.some((kind) => kind === name));
  if (args.length > 0 || unknown !== undefined || !(rounds >= 1 && jobs >= 1 && seed >= 0)) {
    console.error(`Cannot play sequences: ${unknown ?? args.join(" ")} is not understood.`);
    console.error(`Try \`deno task sequences --rounds 20 --seed 1 --only ${[...new Set(STEP_KINDS)].join(",")}\`.`);
    return USAGE;
  }
  const played = await playAll({ rounds, seed, jobs, kinds, keepIn });
  console.log(sequencesTable(played, only ? `--only ${only.join(",")}` : ""));
  return played.some(({ failure }) => failure) ? 1 : 0;
}

interface Wanted {
  readonly rounds: number;
  readonly seed: number;
  readonly jobs: number;
  readonly kinds: readonly StepKind[];
  readonly keepIn: string | undefined;
}

/** Plays them, some at a time, and answers in the order of their seeds. */
async function playAll({ jobs, keepIn, kinds, rounds, seed }: Wanted): Promise<PlayedSequence[]> {
  const played: PlayedSequence[] = [];
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < rounds) {
      const sequence = await playSequence({ seed: (seed + next++) >>> 0, kinds, keepIn });
      played.push(sequence);
      const { failure, steps } = sequence;
      console.error(`${played.length} of ${rounds}: seed ${sequence.seed} (${steps.join(", ")})`);
      if (failure) console.error(failure);
    }
  };
  await Promise.all(Array.from({ length: jobs }, one));
  return played.sort((some, other) => some.seed - other.seed);
}

/** Takes a flag with its value out of the arguments. */
function taken(args: string[], flag: string): string | undefined {
  const at = args.indexOf(flag);
  return at < 0 ? undefined : args.splice(at, 2)[1];
}
