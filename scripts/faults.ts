/**
 * `deno task faults`: hurts delivery, and a fleet, for as many rounds as are asked for, with the executable, a real Kafka
 * and a real Redis, and compares after every few. Prints a table of each at the end; ends with 1 when anything was missing
 * or not as it is promised.
 *
 *   deno task faults                              every kind, 10 rounds each; needs `deno task compile` first
 *   deno task faults --rounds 300 killed          the kinds with that in their name
 *   deno task faults --seed 7                     the same chance again
 *   deno task faults --keep DIR holder            what is known of a fleet whose rounds fail is kept there
 *
 * @module
 */
import { DELIVERY_KINDS } from "../tests/faults/delivery_kinds.ts";
import { absenceOfPlace as absenceOfDelivery } from "../tests/faults/delivery_scene.ts";
import { FLEET_KINDS } from "../tests/faults/fleet_kinds.ts";
import { absenceOfPlace as absenceOfFleet } from "../tests/faults/fleet_scene.ts";
import { absenceOf } from "../tests/support/services.ts";
import { seedOfRun } from "../tests/support/seeded.ts";
import { playDelivery } from "./faults/delivery.ts";
import { playFleet } from "./faults/fleet.ts";
import { DELIVERY_COLUMNS, type FaultsRow, faultsTable, FLEET_COLUMNS } from "./faults/table.ts";

const USAGE = 64;
const UNAVAILABLE = 69;

if (import.meta.main) Deno.exit(await main([...Deno.args]));

async function main(args: string[]): Promise<number> {
  const rounds = Number(taken(args, "--rounds") ?? 10);
  const seed = Number(taken(args, "--seed") ?? seedOfRun());
  const keepIn = taken(args, "--keep");
  const isWanted = ({ name }: { readonly name: string }) => args.every((word) => name.includes(word));
  const [delivery, fleet] = [DELIVERY_KINDS.filter(isWanted), FLEET_KINDS.filter(isWanted)];
  if (delivery.length + fleet.length === 0 || !(rounds >= 1)) {
    const names = [...DELIVERY_KINDS, ...FLEET_KINDS].map(({ name }) => name);
    console.error(`Cannot play rounds: there is no kind with ${args.join(" ")} in its name.`);
    console.error(`Try one of: ${names.join("; ")}.`);
    return USAGE;
  }
  const absence = (delivery.length > 0 && absenceOf("kafka")) || (fleet.length > 0 && absenceOf("redis"));
  if (absence) {
    console.error(`Cannot play rounds: ${absence.reason}.\nTry tests/README.md, which says what they need.`);
    return UNAVAILABLE;
  }
  const hurt = await eachOf(delivery, absenceOfDelivery, (kind) => playDelivery(kind, rounds, seed));
  const fleets = await eachOf(fleet, absenceOfFleet, (kind) => playFleet(kind, rounds, { keepIn, seed }));
  if (hurt.length > 0) console.log(faultsTable(DELIVERY_COLUMNS, hurt));
  if (fleets.length > 0) console.log(faultsTable(FLEET_COLUMNS, fleets));
  return [...hurt, ...fleets].some(({ failed }) => failed.length > 0) ? 1 : 0;
}

/** Plays all kinds but those that cannot be had here, one after the other. */
async function eachOf<Place, Kind extends { readonly name: string; readonly place: Place }>(
  kinds: readonly Kind[],
  absenceOfPlace: (place: Place) => string | undefined,
  play: (kind: Kind) => Promise<FaultsRow>,
): Promise<FaultsRow[]> {
  const rows: FaultsRow[] = [];
  for (const kind of kinds) {
    const absence = absenceOfPlace(kind.place);
    if (absence === undefined) rows.push(await play(kind));
    else console.error(`${kind.name}: left out, for ${absence}`);
  }
  return rows;
}

/** Takes a flag with its value out of the arguments. */
function taken(args: string[], flag: string): string | undefined {
  const at = args.indexOf(flag);
  return at < 0 ? undefined : args.splice(at, 2)[1];
}
