/**
 * The ways in which a fleet is hurt, each one round: what is done to three instances that run, one of which reads. How a
 * round is judged is the referees' (`tests/support/fleet_ownership.ts`, `fleet_listening.ts`).
 */

import { assert, assertEquals } from "@std/assert";
import type { FleetInstance } from "../support/fleet_instance.ts";
import type { FleetWorld } from "../support/fleet_world.ts";
import { instanceOf } from "../support/lease_book.ts";
import type { Chance } from "./delivery_kinds.ts";
import type { FleetPlace } from "./fleet_scene.ts";

/** A way of hurting. */
export interface FleetKind {
  readonly name: string;
  readonly place: FleetPlace;
  /** How many rounds at most, where each takes long. */
  readonly most?: number;
  round(world: FleetWorld, chance: Chance): Promise<void>;
}

/** Within this, by the promise, somebody else reads after a holder is gone. */
const TAKEN_OVER_MS = 15_000;
/** For how long a standby that is there may not have taken over yet: what is left of the lease, and its next look. */
const UNCERTAIN_MS = 4_000;

export const FLEET_KINDS: readonly FleetKind[] = [
  { name: "the holder is killed", place: "plain", round: killed },
  { name: "the holder is killed, and gaps are repaired", place: "repairing", round: killed },
  {
    name: "the holder is killed in real time, with the settings that nobody changed",
    place: "real time",
    most: 1,
    round: killed,
  },
  {
    name: "the holder stands still",
    place: "plain",
    async round(world, chance) {
      const { holder } = world.roles();
      await world.morePosted(chance() * 50);
      const ms = between(chance, 5_000, 60_000);
      const from = world.time.now();
      if (ms > TAKEN_OVER_MS * 2) world.due("the holder stood still", TAKEN_OVER_MS);
      holder.signal("SIGSTOP");
      await world.time.pause(ms);
      if (world.holder !== holder) holder.deaf.push({ from, to: world.time.now() });
      holder.signal("SIGCONT");
      await world.someoneReads();
    },
  },
  {
    name: "the holder is stopped in order",
    place: "plain",
    async round(world, chance) {
      const { holder } = world.roles();
      await world.morePosted(chance() * 50);
      world.due("the holder was stopped in order", TAKEN_OVER_MS);
      await holder.stop();
      await world.someoneReads();
      const term = world.terms.findLast((term) => instanceOf(term) === holder.id);
      assert(term?.isGivenBack, "the lease was given back, and did not have to run out");
      world.start(holder);
    },
  },
  {
    name: "a person asks for a handover",
    place: "plain",
    async round(world, chance) {
      const { holder } = world.roles();
      await world.morePosted(chance() * 50);
      await holder.ask("handover");
      await until(world, () => world.holder !== undefined && world.holder !== holder);
      await world.someoneReads();
    },
  },
  {
    name: "Redis is stopped, and started with its data",
    place: "plain",
    async round(world, chance) {
      await world.redis.stop();
      await world.time.pause(between(chance, 500, 40_000));
      await world.redis.process.start();
      await world.someoneReads();
    },
  },
  {
    name: "Redis is started again and has forgotten all but the rules",
    place: "plain",
    async round(world, chance) {
      await world.redis.process.kill();
      await world.redis.forget();
      await world.time.pause(between(chance, 0, 20_000));
      await world.redis.process.start();
      await world.someoneReads();
    },
  },
  {
    name: "Redis is paused",
    place: "plain",
    async round(world, chance) {
      const ms = between(chance, 1_000, 40_000);
      if (chance() < 0.5) {
        await world.redis.commands(["CLIENT", "PAUSE", String(Math.round(ms / world.time.scale)), "ALL"]);
        await world.time.pause(ms);
      } else {
        await world.redis.process.pause();
        await world.time.pause(ms);
        await world.redis.process.resume();
      }
      await world.someoneReads();
    },
  },
  {
    name: "the holder is cut off from Redis",
    place: "plain",
    async round(world, chance) {
      const { holder } = world.roles();
      const ms = between(chance, 1_000, 40_000);
      if (ms > TAKEN_OVER_MS * 2) world.due("the holder was cut off from Redis", TAKEN_OVER_MS);
      await cutOff(world, holder, ms, chance);
      await world.someoneReads();
    },
  },
  {
    name: "a standby is cut off from Redis",
    place: "plain",
    async round(world, chance) {
      const standby = oneOf(world.roles().standbys, chance);
      await costsNothing(world, () => cutOff(world, standby, between(chance, 1_000, 40_000), chance));
    },
  },
  {
    name: "the clock of the holder is moved",
    place: "own clocks",
    async round(world, chance) {
      const { holder } = world.roles();
      await world.morePosted(chance() * 50);
      world.due("the clock of the holder was moved", TAKEN_OVER_MS);
      await moveClock(world, holder, chance);
    },
  },
  {
    name: "the clock of a standby is moved",
    place: "own clocks",
    async round(world, chance) {
      const standby = oneOf(world.roles().standbys, chance);
      await costsNothing(world, () => moveClock(world, standby, chance));
    },
  },
];

async function killed(world: FleetWorld, chance: Chance): Promise<void> {
  const { holder } = world.roles();
  await world.morePosted(chance() * 50);
  world.due("the holder was killed", TAKEN_OVER_MS);
  await world.kill(holder);
  await world.someoneReads();
  world.start(holder);
}

/** What is on the way waits, is lost, or all connections break at once. */
async function cutOff(world: FleetWorld, { way }: FleetInstance, ms: number, chance: Chance): Promise<void> {
  if (chance() < 0.3) way.refuse();
  else way.hold();
  await world.time.pause(ms);
  way.restore({ isForgotten: chance() < 0.5 });
}

/** Moved by more than a moment, to either side, and for a while. */
async function moveClock(world: FleetWorld, { clock }: FleetInstance, chance: Chance): Promise<void> {
  const ms = chance() < 0.5 ? between(chance, 1_500, 10_000) : between(chance, 10_000, 300_000);
  clock.move(chance() < 0.5 ? ms : -ms);
  await world.time.pause(between(chance, 100, 6_000));
  await world.someoneReads();
  clock.move(0);
  // Whoever reads may let go a moment later, when it looks at its clock.
  await world.time.pause(UNCERTAIN_MS);
  await world.someoneReads();
}

/** Whoever reads goes on to read, with the lease that it has. */
async function costsNothing(world: FleetWorld, act: () => Promise<void>): Promise<void> {
  const { holder } = world.roles();
  const terms = world.terms.length;
  await act();
  await world.time.pause(UNCERTAIN_MS);
  assertEquals(world.terms.slice(terms).map(instanceOf), [], "nobody else is granted the lease");
  assertEquals(world.holder, holder, "whoever reads goes on");
}

async function until(world: FleetWorld, look: () => boolean): Promise<void> {
  for (let waited = 0; !look(); waited += 200) {
    if (waited > TAKEN_OVER_MS * 4) throw new Error("nobody took over");
    await world.time.pause(200);
  }
}

function between(chance: Chance, least: number, most: number): number {
  return least + chance() * (most - least);
}

function oneOf<Thing>(things: readonly Thing[], chance: Chance): Thing {
  return things[Math.floor(chance() * things.length)]!;
}
