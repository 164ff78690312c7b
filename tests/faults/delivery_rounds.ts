/** Rounds of one kind in one world, judged at the end: nothing is missing, and no more came twice than may. */

import { assert, assertEquals } from "@std/assert";
import { type DeliveryVerdict, stretchesOver } from "../support/delivery_verdict.ts";
import type { KafkaBroker } from "../support/kafka.ts";
import { seeded } from "../support/seeded.ts";
import type { DeliveryKind } from "./delivery_kinds.ts";
import { openScene } from "./delivery_scene.ts";

export interface Rounds {
  readonly kind: DeliveryKind;
  readonly rounds: number;
  readonly seed: number;
  readonly broker: () => Promise<KafkaBroker>;
  readonly topic: string;
  onRound?(round: number): void;
}

/** How rounds went. */
export interface Played {
  /** Absent where it did not come to that. */
  readonly verdict: DeliveryVerdict | undefined;
  /** Why they failed; undefined when they did not. It says the seed. */
  readonly failure: Error | undefined;
}

/** The most records that Kafka is sent at a time (`kafka_sink.ts`): what a send without an answer may repeat. */
const BATCH = 1_000;
/** What a crash may repeat: a batch in flight, and what was acknowledged and not yet noted, for at most 20 ms. */
const CRASH = 2 * BATCH;

/** Plays the rounds. */
export async function playRounds({ kind, rounds, seed, broker, topic, onRound = () => {} }: Rounds): Promise<Played> {
  const chance = seeded(seed);
  let verdict: DeliveryVerdict | undefined;
  try {
    await using scene = await openScene({ place: kind.place, topic, seed, broker });
    for (let round = 0; round < rounds; round++) {
      await kind.round(scene, chance);
      scene.world.takeDown();
      onRound(round);
    }
    verdict = await scene.world.finish();
    judge(verdict, kind, rounds);
    return { verdict, failure: undefined };
  } catch (error) {
    const cause = { cause: error };
    return { verdict, failure: new Error(`${kind.name}: seed ${seed} (TEST_SEED=${seed} plays it again)`, cause) };
  }
}

function judge({ missing, repeated }: DeliveryVerdict, kind: DeliveryKind, rounds: number): void {
  assertEquals(missing, [], `${missing.length} accepted tweets are not in the topic`);
  const most = rounds * (kind.crashes + kind.unanswered);
  const stretches = stretchesOver(repeated, kind.crashes > 0 ? CRASH : BATCH);
  assert(
    stretches <= most,
    `${repeated.length} tweets are in the topic twice, in ${stretches} places, where ${most} may be: ${repeated}`,
  );
  if (kind.mustRepeat) assert(repeated.length > 0, "the fault was there");
}
