/** Rounds in which a fleet of three is hurt. */

import type { FleetKind } from "../../tests/faults/fleet_kinds.ts";
import { playFleetRounds } from "../../tests/faults/fleet_rounds.ts";
import { secondsSince } from "./delivery.ts";
import type { FaultsRow } from "./table.ts";

/** How many rounds are played by one fleet and judged together: a failure is played again with as many. */
const TOGETHER = 5;

/** All rounds of a kind; what is known of those that fail is kept in the folder, where one is named. */
export async function playFleet(
  kind: FleetKind,
  wanted: number,
  { keepIn, seed }: { readonly keepIn: string | undefined; readonly seed: number },
): Promise<FaultsRow> {
  const startedAt = performance.now();
  const rounds = Math.min(wanted, kind.most ?? wanted);
  const sums = { rounds: 0, posted: 0, missing: 0, silentMs: 0, terms: 0, wrong: 0 };
  const failed: string[] = [];
  for (let fleet = 0; sums.rounds < rounds; fleet++) {
    const part = { kind, rounds: Math.min(TOGETHER, rounds - sums.rounds), seed: (seed + fleet) >>> 0 };
    const { failure, verdict } = await playFleetRounds({
      ...part,
      onRound: (round) => console.error(`${kind.name}: round ${sums.rounds + round + 1} of ${rounds}`),
      keepIn: keepIn && `${keepIn}/${kind.name.replaceAll(/\W+/g, "-")}-${part.seed}`,
    });
    sums.rounds += part.rounds;
    sums.posted += verdict?.sent ?? 0;
    sums.missing += verdict?.missing ?? 0;
    sums.silentMs += verdict?.silentMs ?? 0;
    sums.terms += verdict?.terms ?? 0;
    sums.wrong += verdict?.wrong.length ?? 1;
    if (!failure) continue;
    failed.push(`--seed ${part.seed} --rounds ${part.rounds}`);
    console.error(failure);
  }
  const numbers = [
    ...[sums.rounds, sums.posted, sums.missing, Math.round(sums.silentMs / 1_000)],
    ...[sums.terms, sums.wrong],
  ];
  return { kind: kind.name, numbers, failed, seconds: secondsSince(startedAt) };
}
