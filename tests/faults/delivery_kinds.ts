/**
 * The ways in which delivery is hurt, each one round: what is done to a running world. How a round is judged is the
 * referee's (`tests/support/delivery_verdict.ts`, `delivery_rounds.ts`).
 */

import type { Place, Scene } from "./delivery_scene.ts";

/** Chance, from 0 up to 1. */
export type Chance = () => number;

/** A way of hurting. */
export interface DeliveryKind {
  readonly name: string;
  readonly place: Place;
  /** How many crashes of the collector, and how many sends without an answer, a round has at most. */
  readonly crashes: number;
  readonly unanswered: number;
  /** Whether the fault cannot pass without repeats: where there are none it was not there. */
  readonly mustRepeat?: boolean;
  round(scene: Scene, chance: Chance): Promise<void>;
}

export const DELIVERY_KINDS: readonly DeliveryKind[] = [
  {
    name: "the collector is killed",
    place: "plain",
    crashes: 1,
    unanswered: 0,
    async round({ world }, chance) {
      await world.moreSent(Math.floor(chance() * 400));
      await pause(chance() * 50);
      await world.kill();
      await world.startCollector();
    },
  },
  {
    name: "the collector is killed while it starts",
    place: "plain",
    crashes: 2,
    unanswered: 0,
    async round({ world }, chance) {
      await world.kill();
      const starting = world.startCollector().catch(() => {});
      await pause(chance() * 600);
      await world.kill();
      await starting;
      await world.startCollector();
    },
  },
  {
    name: "the broker is stopped and started",
    place: "plain",
    crashes: 0,
    unanswered: 1,
    async round({ world, broker }, chance) {
      await world.moreSent(Math.floor(chance() * 200));
      await broker.process.end();
      await world.moreSent(Math.floor(100 + chance() * 300));
      await broker.process.start();
      await world.moreSent(50);
    },
  },
  {
    name: "the broker is killed",
    place: "plain",
    crashes: 0,
    unanswered: 1,
    async round({ world, broker }, chance) {
      await world.moreSent(Math.floor(chance() * 200));
      await broker.process.kill();
      await broker.process.start();
      await world.moreSent(50);
    },
  },
  {
    name: "the broker is paused",
    place: "plain",
    crashes: 0,
    // It answers late, and it does answer.
    unanswered: 0,
    async round({ world, broker }, chance) {
      await world.moreSent(Math.floor(chance() * 200));
      await broker.process.pause();
      await world.moreSent(Math.floor(100 + chance() * 300));
      await broker.process.resume();
      await world.moreSent(50);
    },
  },
  {
    name: "both are killed",
    place: "plain",
    crashes: 1,
    unanswered: 1,
    async round({ world, broker }, chance) {
      await world.moreSent(Math.floor(chance() * 200));
      await Promise.all([world.kill(), broker.process.kill()]);
      await Promise.all([world.startCollector(), broker.process.start()]);
      await world.moreSent(50);
    },
  },
  {
    name: "the answers of the broker are swallowed",
    place: "behind a proxy",
    crashes: 0,
    unanswered: 1,
    mustRepeat: true,
    async round({ world, proxy }, chance) {
      await world.collector.says(/Delivering to Kafka/);
      await world.moreSent(Math.floor(chance() * 200));
      await proxy.swallow();
      await pause(chance() * 1_500);
      await world.saysAfter(/takes tweets again/, () => proxy.cut());
      await world.moreSent(50);
    },
  },
  {
    name: "the answers of the broker are swallowed while the collector connects",
    place: "behind a proxy",
    crashes: 0,
    unanswered: 2,
    async round({ world, proxy }, chance) {
      await world.collector.says(/Delivering to Kafka/);
      proxy.cut();
      await pause(chance() * 600);
      proxy.swallow();
      await pause(chance() * 200);
      proxy.cut();
      await world.moreSent(100);
    },
  },
  {
    name: "the disk is full for a while",
    place: "small disk",
    crashes: 0,
    unanswered: 0,
    async round({ world, disk }, chance) {
      await world.moreSent(Math.floor(chance() * 200));
      disk.fill();
      // Longer than it takes to be noticed, and sometimes longer than the stream is held open.
      await pause(2_000 + chance() * 6_000);
      await world.saysAfter(/journal can be written again|journal has room again/, () => disk.free());
      await world.moreSent(50);
    },
  },
  {
    name: "the journal is full while the broker is paused",
    place: "small journal",
    crashes: 0,
    // A broker that was away from its cluster for long may refuse what it has already written.
    unanswered: 1,
    async round({ world, broker }, chance) {
      await world.moreSent(Math.floor(chance() * 100));
      await world.saysAfter(/The journal is full/, () => broker.process.pause());
      await pause(chance() * 7_000);
      await world.saysAfter(/The journal has room again/, () => broker.process.resume());
      await world.moreSent(50);
    },
  },
];

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
