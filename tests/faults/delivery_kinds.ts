/**
 * The ways in which delivery is hurt, each one round: what is done to a running world. How a round is judged is the
 * world's (`tests/support/delivery_world.ts`).
 */

import type { DeliveryWorld } from "../support/delivery_world.ts";
import type { KafkaBroker } from "../support/kafka.ts";

/** Chance, from 0 up to 1. */
export type Chance = () => number;

/** A way of hurting. */
export interface DeliveryKind {
  readonly name: string;
  /** Whether tweets may be in the topic twice after it: a crash, or a send without an answer. */
  readonly mayRepeat: boolean;
  round(world: DeliveryWorld, broker: KafkaBroker, chance: Chance): Promise<void>;
}

export const DELIVERY_KINDS: readonly DeliveryKind[] = [
  {
    name: "the collector is killed",
    mayRepeat: true,
    async round(world, _broker, chance) {
      await world.moreSent(Math.floor(chance() * 400));
      await pause(chance() * 50);
      await world.kill();
      await world.startCollector();
    },
  },
  {
    name: "the collector is killed while it starts",
    mayRepeat: true,
    async round(world, _broker, chance) {
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
    mayRepeat: true,
    async round(world, broker, chance) {
      await world.moreSent(Math.floor(chance() * 200));
      await broker.process.end();
      await world.moreSent(Math.floor(100 + chance() * 300));
      await broker.process.start();
      await world.moreSent(50);
    },
  },
  {
    name: "the broker is killed",
    mayRepeat: true,
    async round(world, broker, chance) {
      await world.moreSent(Math.floor(chance() * 200));
      await broker.process.kill();
      await broker.process.start();
      await world.moreSent(50);
    },
  },
  {
    name: "the broker is paused",
    mayRepeat: true,
    async round(world, broker, chance) {
      await world.moreSent(Math.floor(chance() * 200));
      await broker.process.pause();
      await world.moreSent(Math.floor(100 + chance() * 300));
      await broker.process.resume();
      await world.moreSent(50);
    },
  },
  {
    name: "both are killed",
    mayRepeat: true,
    async round(world, broker, chance) {
      await world.moreSent(Math.floor(chance() * 200));
      await Promise.all([world.kill(), broker.process.kill()]);
      await Promise.all([world.startCollector(), broker.process.start()]);
      await world.moreSent(50);
    },
  },
];

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
