/**
 * `deno task soak`: one collector, the executable, for hours, while the stream is hurt by chance, and it is killed and
 * stopped now and then; judged at the end as a sequence of faults is. Prints one row of a table; ends with 1 when
 * anything is missing without a word, or is not as it is promised.
 *
 *   deno task soak                       one hour; needs `deno task compile` first
 *   deno task soak --hours 8 --seed 7    the same chance again
 *   deno task soak --hours 1 --scale 20  an hour of time that runs faster
 *   deno task soak --keep DIR            what it has left goes there, where it failed
 *
 * @module
 */
import { FAULT_NAMES, type FaultName } from "../src/simulate/simulator.ts";
import { judgeStream } from "../tests/support/stream_judge.ts";
import { seeded, seedOfRun } from "../tests/support/seeded.ts";
import { StreamWorld } from "../tests/support/stream_world.ts";
import { MemorySamples } from "./soak/memory.ts";
import { type SoakResult, soakTable } from "./soak/table.ts";

const USAGE = 64;
const HOUR_MS = 3_600_000;
/** Tweets a second. */
const RATE = 10;
/** How long it is left alone between two faults. */
const REST_MS = [15_000, 75_000] as const;
/** How long it is away after a kill or a stop. */
const AWAY_MS = 60_000;
/** How many of the steps end the collector, in the first half: in the second one its memory is watched as it grows old. */
const ENDS = 0.12;
/** What happens though no stream is open. */
const WITHOUT_STREAM: readonly Kind[] = ["kill", "stop", "rate-limit", "unavailable"];

if (import.meta.main) Deno.exit(await main([...Deno.args]));

async function main(args: string[]): Promise<number> {
  const hours = Number(taken(args, "--hours") ?? 1);
  const seed = Number(taken(args, "--seed") ?? seedOfRun());
  const scale = Number(taken(args, "--scale") ?? 1);
  const keepIn = taken(args, "--keep");
  if (args.length > 0 || !(hours > 0 && seed >= 0 && scale > 0)) {
    console.error(`Cannot soak: ${args.join(" ") || "a number"} is not understood.`);
    console.error("Try `deno task soak --hours 1 --seed 7`.");
    return USAGE;
  }
  console.error(`seed ${seed}`);
  const { failure, ...result } = await soak({ hours, seed, scale, keepIn });
  console.log(soakTable(result));
  if (failure === undefined) return 0;
  console.error(`Failed; the same chance again: deno task soak --hours ${hours} --seed ${seed} --scale ${scale}`);
  console.error(failure);
  return 1;
}

interface Wanted {
  readonly hours: number;
  readonly seed: number;
  readonly scale: number;
  readonly keepIn: string | undefined;
}

async function soak({ hours, keepIn, scale, seed }: Wanted): Promise<SoakResult & { failure: unknown }> {
  const chance = seeded(seed);
  await using world = await StreamWorld.start({ scale, rate: RATE, seed: Math.floor(chance() * 2 ** 31) });
  const startedAt = world.time.now();
  const end = startedAt + hours * HOUR_MS;
  const faults: string[] = [];
  const memory = new MemorySamples(world);
  let failure: unknown;
  try {
    while (world.time.now() < end) {
      await world.time.pause(REST_MS[0] + (REST_MS[1] - REST_MS[0]) * chance());
      const kind = stepOf(chance, world.time.now() < (startedAt + end) / 2);
      const length = chance();
      // What hits a stream does not wait for one: it would end each that opens, again and again.
      if (!world.isConnected && !WITHOUT_STREAM.includes(kind)) continue;
      console.error(`${new Date(world.time.now()).toISOString()} ${kind}`);
      faults.push(kind);
      await step(world, kind, length);
    }
    memory.stop();
    await world.settle();
  } catch (error) {
    failure = error;
  }
  memory.stop();
  const judged = await judgeStream(world);
  failure ??= judged.wrong.length > 0 ? new Error(judged.wrong.join("\n")) : undefined;
  if (failure !== undefined && keepIn !== undefined) await world.keep(keepIn);
  const { first, last, most } = memory.medians();
  return { ...judged, hours, seed, faults: faults.length, kills: world.kills, first, last, most, failure };
}

type Kind = FaultName | "kill" | "stop";

function stepOf(chance: () => number, mayEnd: boolean): Kind {
  const [which, name] = [chance(), FAULT_NAMES[Math.floor(chance() * FAULT_NAMES.length)]!];
  if (!mayEnd || which >= ENDS) return name;
  return which < ENDS / 2 ? "kill" : "stop";
}

async function step(world: StreamWorld, kind: Kind, length: number): Promise<void> {
  if (kind !== "kill" && kind !== "stop") return world.fault(kind);
  await (kind === "kill" ? world.kill() : world.stop());
  await world.time.pause(AWAY_MS * length);
  world.startCollector();
}

/** Takes a flag with its value out of the arguments. */
function taken(args: string[], flag: string): string | undefined {
  const at = args.indexOf(flag);
  return at < 0 ? undefined : args.splice(at, 2)[1];
}
