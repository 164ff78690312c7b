/**
 * `deno task faults`: hurts delivery for as many rounds as are asked for, with the executable and a real Kafka, and
 * compares after every few. Prints a table at the end; ends with 1 when anything was missing.
 *
 *   deno task faults                              every kind, 10 rounds each; needs `deno task compile` first
 *   deno task faults --rounds 300 killed          the kinds with that in their name
 *   deno task faults --seed 7                     the same chance again
 *
 * @module
 */
import { DELIVERY_KINDS, type DeliveryKind } from "../tests/faults/delivery_kinds.ts";
import { playRounds } from "../tests/faults/delivery_rounds.ts";
import { absenceOfPlace } from "../tests/faults/delivery_scene.ts";
import { type KafkaBroker, startKafka } from "../tests/support/kafka.ts";
import { kafkaAbsence } from "../tests/support/kafka_jars.ts";
import { seedOfRun } from "../tests/support/seeded.ts";
import { type FaultsRow, faultsTable } from "./faults/table.ts";

const USAGE = 64;
const UNAVAILABLE = 69;

/** How many rounds are played in one world and judged together: a failure is played again with as many. */
const TOGETHER = 5;

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
  const rows: FaultsRow[] = [];
  for (const kind of kinds) {
    const placeAbsence = absenceOfPlace(kind.place);
    if (placeAbsence === undefined) rows.push(await played(kind, rounds, seed));
    else console.error(`${kind.name}: left out, for ${placeAbsence}`);
  }
  console.log(faultsTable(rows));
  return rows.some(({ failed }) => failed.length > 0) ? 1 : 0;
}

/** All rounds of a kind. */
async function played(kind: DeliveryKind, rounds: number, seed: number): Promise<FaultsRow> {
  const startedAt = performance.now();
  let broker: KafkaBroker | undefined;
  const row = { kind: kind.name, rounds: 0, sent: 0, accepted: 0, repeats: 0, lost: 0, failed: [] as string[] };
  for (let world = 0; row.rounds < rounds; world++) {
    const part = { kind, rounds: Math.min(TOGETHER, rounds - row.rounds), seed: (seed + world) >>> 0 };
    const { verdict, failure } = await playRounds({
      ...part,
      topic: `faults-${world}`,
      broker: async () => broker ??= await startKafka(),
      onRound: (round) => console.error(`${kind.name}: round ${row.rounds + round + 1} of ${rounds}`),
    });
    row.rounds += part.rounds;
    row.sent += verdict?.sent ?? 0;
    row.accepted += verdict?.accepted ?? 0;
    row.repeats += verdict?.repeats ?? 0;
    row.lost += verdict?.missing.length ?? 0;
    if (!failure) continue;
    row.failed.push(`--seed ${part.seed} --rounds ${part.rounds}`);
    console.error(failure);
    // It may have been left paused or dead.
    await broker?.stop();
    broker = undefined;
  }
  await broker?.stop();
  return { ...row, seconds: Math.round((performance.now() - startedAt) / 1_000) };
}

/** Takes a flag with its number out of the arguments. */
function taken(args: string[], flag: string): number | undefined {
  const at = args.indexOf(flag);
  return at < 0 ? undefined : Number(args.splice(at, 2)[1]);
}
