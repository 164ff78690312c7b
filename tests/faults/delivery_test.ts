/** Delivery is hurt while it goes on; what was accepted is in Kafka all the same. `deno task faults` plays more rounds. */

import { serviceTest, sharedKafka } from "../support/services.ts";
import { seedOfRun } from "../support/seeded.ts";
import { DELIVERY_KINDS } from "./delivery_kinds.ts";
import { playRounds } from "./delivery_rounds.ts";
import { absenceOfPlace } from "./delivery_scene.ts";

const ROUNDS = 2;

for (const [at, kind] of DELIVERY_KINDS.entries()) {
  serviceTest({
    name: `${kind.name}: everything that was accepted is in the topic`,
    needs: ["kafka", "kcat"],
    async fn() {
      const topic = `faults-${at}`;
      const { failure } = await playRounds({ kind, rounds: ROUNDS, seed: seedOfRun(), broker: sharedKafka, topic });
      if (failure) throw failure;
    },
    ignoredBecause: absenceOfPlace(kind.place),
  });
}
