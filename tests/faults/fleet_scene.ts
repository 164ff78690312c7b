/** Where rounds of a fleet are played: how fast time runs, with which settings, and on whose clocks. */

import { FleetWorld, type FleetWorldOptions } from "../support/fleet_world.ts";
import { FAKETIME } from "../support/moved_clock.ts";

/**
 * `plain`: in time that runs faster. `repairing`: the same, and what is missed is fetched. `real time`: as it is, with the
 * settings' defaults. `own clocks`: real time with a short lease, for a clock that runs faster cannot be moved.
 */
export type FleetPlace = "plain" | "repairing" | "real time" | "own clocks";

type Options = Omit<FleetWorldOptions, "seed">;

const DEFAULTS = { ttlMs: 10_000, renewMs: 3_000, beatMs: 5_000 };
const SHORT = { ttlMs: 2_000, renewMs: 600, beatMs: 1_000 };
const SCALE = 5;

const PLACES: Readonly<Record<FleetPlace, Options>> = {
  "plain": { scale: SCALE, lease: DEFAULTS, repair: "off", hasClocks: false },
  "repairing": { scale: SCALE, lease: DEFAULTS, repair: "auto", hasClocks: false },
  "real time": { scale: 1, lease: DEFAULTS, repair: "off", hasClocks: false },
  "own clocks": { scale: 1, lease: SHORT, repair: "off", hasClocks: true },
};

/** Why a place cannot be had here; undefined where it can. */
export function absenceOfPlace(place: FleetPlace): string | undefined {
  return place === "own clocks" && FAKETIME === undefined ? "faketime is not installed" : undefined;
}

/** Sets the scene; everything of it is gone when it is disposed of. */
export function openScene(place: FleetPlace, seed: number): Promise<FleetWorld> {
  return FleetWorld.start({ ...PLACES[place], seed });
}
