/** A fleet is hurt while it reads; one at a time reads all the same, and what nobody read is told. `deno task faults` plays more. */

import { seedOfRun } from "../support/seeded.ts";
import { serviceTest } from "../support/services.ts";
import { FLEET_KINDS } from "./fleet_kinds.ts";
import { playFleetRounds } from "./fleet_rounds.ts";
import { absenceOfPlace } from "./fleet_scene.ts";

const ROUNDS = 1;

for (const kind of FLEET_KINDS) {
  serviceTest({
    name: `${kind.name}: one instance speaks to X at a time, and what nobody has is in a gap`,
    needs: ["redis"],
    async fn() {
      const { failure } = await playFleetRounds({ kind, rounds: ROUNDS, seed: seedOfRun() });
      if (failure) throw failure;
    },
    ignoredBecause: absenceOfPlace(kind.place),
  });
}
