/** Rounds in which delivery to a real Kafka is hurt. */

import type { DeliveryKind } from "../../tests/faults/delivery_kinds.ts";
import { playRounds } from "../../tests/faults/delivery_rounds.ts";
import { type KafkaBroker, startKafka } from "../../tests/support/kafka.ts";
import type { FaultsRow } from "./table.ts";

/** How many rounds are played in one world and judged together: a failure is played again with as many. */
const TOGETHER = 5;

/** All rounds of a kind. */
export async function playDelivery(kind: DeliveryKind, rounds: number, seed: number): Promise<FaultsRow> {
  const startedAt = performance.now();
  let broker: KafkaBroker | undefined;
  const sums = { rounds: 0, sent: 0, accepted: 0, repeats: 0, lost: 0 };
  const failed: string[] = [];
  for (let world = 0; sums.rounds < rounds; world++) {
    const part = { kind, rounds: Math.min(TOGETHER, rounds - sums.rounds), seed: (seed + world) >>> 0 };
    const { verdict, failure } = await playRounds({
      ...part,
      topic: `faults-${world}`,
      broker: async () => broker ??= await startKafka(),
      onRound: (round) => console.error(`${kind.name}: round ${sums.rounds + round + 1} of ${rounds}`),
    });
    sums.rounds += part.rounds;
    sums.sent += verdict?.sent ?? 0;
    sums.accepted += verdict?.accepted ?? 0;
    sums.repeats += verdict?.repeats ?? 0;
    sums.lost += verdict?.missing.length ?? 0;
    if (!failure) continue;
    failed.push(`--seed ${part.seed} --rounds ${part.rounds}`);
    console.error(failure);
    // It may have been left paused or dead.
    await broker?.stop();
    broker = undefined;
  }
  await broker?.stop();
  const numbers = [sums.rounds, sums.sent, sums.accepted, sums.repeats, sums.lost];
  return { kind: kind.name, numbers, failed, seconds: secondsSince(startedAt) };
}

export function secondsSince(startedAt: number): number {
  return Math.round((performance.now() - startedAt) / 1_000);
}
