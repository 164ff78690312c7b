/** Rounds of one kind with one fleet, judged at the end: nothing is wrong. */

import { assertEquals } from "@std/assert";
import type { FleetVerdict } from "../support/fleet_world.ts";
import { seeded } from "../support/seeded.ts";
import type { FleetKind } from "./fleet_kinds.ts";
import { openScene } from "./fleet_scene.ts";

export interface FleetRounds {
  readonly kind: FleetKind;
  readonly rounds: number;
  readonly seed: number;
  onRound?(round: number): void;
  /** Where all that is known is kept of rounds that fail; nowhere without it. */
  readonly keepIn?: string | undefined;
}

/** How rounds went. */
export interface FleetPlayed {
  /** Absent where it did not come to that. */
  readonly verdict: FleetVerdict | undefined;
  /** Why they failed; undefined when they did not. It says the seed. */
  readonly failure: Error | undefined;
}

/** Plays the rounds. */
export async function playFleetRounds(
  { keepIn, kind, onRound = () => {}, rounds, seed }: FleetRounds,
): Promise<FleetPlayed> {
  const chance = seeded(seed);
  const failed = (error: unknown) =>
    new Error(`${kind.name}: seed ${seed} (TEST_SEED=${seed} plays it again)`, { cause: error });
  let verdict: FleetVerdict | undefined;
  try {
    await using world = await openScene(kind.place, seed);
    try {
      for (let round = 0; round < rounds; round++) {
        await kind.round(world, chance);
        await world.allWell();
        onRound(round);
      }
      verdict = await world.finish();
      assertEquals(verdict.wrong, [], verdict.wrong.join("\n"));
    } catch (error) {
      if (keepIn !== undefined) await world.keep(keepIn);
      throw error;
    }
    return { verdict, failure: undefined };
  } catch (error) {
    return { verdict, failure: failed(error) };
  }
}
