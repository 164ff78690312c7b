/**
 * `deno task faults`: hurts delivery for as many rounds as are asked for, with the executable and a real Kafka, and
 * compares at the end. Prints a line for each kind; ends with 1 when anything was missing.
 *
 *   deno task faults                              every kind, 10 rounds each; needs `deno task compile` first
 *   deno task faults --rounds 300 killed          the kinds with that in their name
 *   deno task faults --seed 7                     the same chance again
 *
 * @module
 */
import { DELIVERY_KINDS } from "../tests/faults/delivery_kinds.ts";
import { playRounds } from "../tests/faults/delivery_rounds.ts";
import { startKafka } from "../tests/support/kafka.ts";
import { kafkaAbsence } from "../tests/support/kafka_jars.ts";
import { seedOfRun } from "../tests/support/seeded.ts";

const USAGE = 64;
const UNAVAILABLE = 69;

if (import.meta.main) Deno.exit(await main([...Deno.args]));

async function main(args: string[]): Promise<number> {
  const rounds = taken(args, "--rounds") ?? 10;
  const seed = taken(args, "--seed") ?? seedOfRun();
  const kinds = DELIVERY_KINDS.filter(({ name }) => args.every((word) => name.includes(word)));
  if (kinds.length === 0 || !(rounds >= 1)) {
    console.error(`Cannot play rounds: there is no kind with ${args.join(" ")} in its name.`);
    console.error(`Try one of: ${DELIVERY_KINDS.map(({ name }) => name).join("; ")}.`);
    return USAGE;
  }
  const absence = kafkaAbsence("current");
  if (absence) {
    console.error(`Cannot play rounds: ${absence.reason}.\nTry tests/README.md, which says what they need.`);
    return UNAVAILABLE;
  }
  let failed = 0;
  for (const kind of kinds) {
    const broker = await startKafka();
    const startedAt = performance.now();
    try {
      const onRound = (round: number) => console.error(`${kind.name}: round ${round + 1} of ${rounds}`);
      const said = await playRounds({ kind, rounds, seed, broker, topic: "faults", onRound });
      console.log(
        `passed  ${kind.name} (seed ${seed}, ${Math.round((performance.now() - startedAt) / 1000)} s): ${said}`,
      );
    } catch (error) {
      failed += 1;
      console.log(`FAILED  ${kind.name} (seed ${seed})`);
      console.error(error);
    } finally {
      await broker.stop();
    }
  }
  return failed > 0 ? 1 : 0;
}

/** Takes a flag with its number out of the arguments. */
function taken(args: string[], flag: string): number | undefined {
  const at = args.indexOf(flag);
  return at < 0 ? undefined : Number(args.splice(at, 2)[1]);
}
