/** Rounds of one kind against one world, judged at the end. */

import { assert, assertEquals } from "@std/assert";
import { DeliveryWorld } from "../support/delivery_world.ts";
import type { KafkaBroker } from "../support/kafka.ts";
import { seeded } from "../support/seeded.ts";
import type { DeliveryKind } from "./delivery_kinds.ts";

export interface Rounds {
  readonly kind: DeliveryKind;
  readonly rounds: number;
  readonly seed: number;
  readonly broker: KafkaBroker;
  readonly topic: string;
  onRound?(round: number): void;
}

/** What is in flight at a crash at most: a batch that was sent, and groups that were acknowledged and not yet noted. */
const MOST_TWICE_A_ROUND = 2_500;

/** Plays the rounds; throws when anything is missing. A failure says the seed. */
export async function playRounds({ kind, rounds, seed, broker, topic, onRound = () => {} }: Rounds): Promise<string> {
  const chance = seeded(seed);
  try {
    await using world = await DeliveryWorld.start({ bootstrap: broker.bootstrap, topic, rate: 400, seed });
    for (let round = 0; round < rounds; round++) {
      await kind.round(world, broker, chance);
      onRound(round);
    }
    const { sent, accepted, twice } = await world.finish();
    if (!kind.mayRepeat) assertEquals(twice, []);
    assert(twice.length <= rounds * MOST_TWICE_A_ROUND, `${twice.length} tweets are in the topic twice`);
    return `${rounds} rounds: ${sent} sent, ${accepted} accepted, all in the topic, ${twice.length} of them twice`;
  } catch (error) {
    throw new Error(`seed ${seed} (TEST_SEED=${seed} plays it again)`, { cause: error });
  }
}
