/** The lease's scripts in a real Redis, step by step beside the functions that the model explores. */

import { assert, assertEquals } from "@std/assert";
import { openRedis, type RedisConnection } from "../../src/base/redis.ts";
import { ACQUIRE, RELEASE, RENEW } from "../../src/fleet/lease_scripts.ts";
import { acquire, type Answer, EMPTY_REDIS, type LeaseRedis, pass, release, renew } from "../support/lease_redis.ts";
import { startRedis } from "../support/redis.ts";
import { redisCommands } from "../support/redis_commands.ts";
import { withChance } from "../support/seeded.ts";
import { serviceTest } from "../support/services.ts";

const TTL = 150;
const STEPS = 250;
const NUMBER = "1";
const KEYS = { lease: "lease", generation: "generation", epoch: "epoch", alive: "alive", channel: "leases" };

/** Redis's keys may expire by a clock that is so far from the one that a script is told, in milliseconds. */
const NOISE = 2;

/** Both sides of one life of Redis. */
class Pair {
  model: LeaseRedis = EMPTY_REDIS;
  #now = 0;
  /** The generation that each owner was granted last, and the largest that it saw. */
  readonly granted = [0, 0, 0];

  constructor(readonly redis: RedisConnection) {}

  async acquire(owner: number, joined: number, isAlone: boolean): Promise<void> {
    const { lease, generation, epoch, alive } = KEYS;
    const seen = this.granted[owner]!;
    const words = [nameOf(owner), instanceOf(owner), TTL, seen, joined, NUMBER, isAlone ? 1 : 0].map(String);
    const answer = await this.redis.evaluate(ACQUIRE, [lease, generation, epoch, alive], words);
    const [now, what, wait, told] = answer as [number, Answer["what"], number, string];
    const ask = { owner, instance: owner, ttl: TTL, keyLife: TTL, seen, clock: now, joined, isAlone };
    const expected = this.#step(now, (model) => acquire(model, ask), (expected) => expected.what === what);
    assertEquals(what, expected.what);
    assert(Math.abs(wait - expected.wait) <= 2 * NOISE, `${what}: wait ${wait} ms, not ${expected.wait} ms`);
    if (what === "held") assertEquals(told, nameOf(this.model.lease!.owner));
    if (what !== "granted") return;
    assertEquals(Number(told), expected.generation);
    this.granted[owner] = expected.generation;
  }

  async renew(owner: number, generation: number, tells: boolean): Promise<void> {
    const words = [nameOf(owner), String(generation), String(TTL), NUMBER, tells ? aliveOf(owner, false) : ""];
    const [now, isOwn] = await this.redis.evaluate(RENEW, [KEYS.lease, KEYS.alive], words) as [number, number];
    const asked = { owner, generation, keyLife: TTL, tells: tells ? { instance: owner, released: false } : undefined };
    const expected = this.#step(now, (model) => renew(model, asked), (expected) => expected === (isOwn === 1));
    assertEquals(isOwn === 1, expected);
  }

  async release(owner: number, generation: number): Promise<void> {
    const words = [nameOf(owner), String(generation), "0", NUMBER, aliveOf(owner, true), KEYS.channel];
    const [now, isOwn] = await this.redis.evaluate(RELEASE, [KEYS.lease, KEYS.alive], words) as [number, number];
    const asked = { owner, instance: owner, generation };
    const expected = this.#step(now, (model) => release(model, asked), (expected) => expected === (isOwn === 1));
    assertEquals(isOwn === 1, expected);
  }

  /** The model's step at a time of Redis, or within the noise of it where Redis saw an end earlier or later. */
  #step<Told>(
    now: number,
    step: (model: LeaseRedis) => [LeaseRedis, Told],
    isTold: (told: Told) => boolean,
  ): Told {
    const passed = this.#now === 0 ? 0 : now - this.#now;
    this.#now = now;
    const tried = [0, NOISE, -NOISE].map((noise) => step(pass(this.model, passed + noise, Number.MAX_SAFE_INTEGER)));
    const [after, told] = tried.find(([, told]) => isTold(told)) ?? tried[0]!;
    this.model = after;
    return told;
  }
}

serviceTest({
  name: "the lease's scripts answer as the model's do, whatever three owners ask and whatever Redis loses",
  needs: ["redis"],
  async fn() {
    await withChance(async (chance) => {
      const server = await startRedis();
      const redis = openRedis({ host: "127.0.0.1", port: server.port });
      const seen = new Set<string>();
      const steps: string[] = [];
      try {
        const pair = new Pair(redis);
        for (let step = 0; step < STEPS; step++) {
          await randomStep(pair, chance, steps, async (isRestart) => {
            if (!isRestart) return await redisCommands(server.port, ["FLUSHALL"]);
            await server.process.kill();
            await server.process.start();
          });
          seen.add(steps.at(-1)!.split(" ")[0]!);
        }
        assertEquals(seen, new Set(["acquire", "renew", "release", "wait", "lose"]));
      } catch (error) {
        throw new Error(`after these steps:\n${steps.slice(-20).join("\n")}`, { cause: error });
      } finally {
        redis.close();
        await server.stop();
      }
    });
  },
});

async function randomStep(
  pair: Pair,
  chance: () => number,
  steps: string[],
  lose: (isRestart: boolean) => Promise<unknown>,
): Promise<void> {
  const owner = Math.floor(chance() * 3);
  const generation = pair.granted[chance() < 0.8 ? owner : Math.floor(chance() * 3)]!;
  const fate = chance();
  if (fate < 0.4) {
    const joined = Math.floor(chance() * 2 * TTL);
    const isAlone = chance() < 0.1;
    steps.push(`acquire ${nameOf(owner)} ${joined} ${isAlone ? "alone" : ""}`);
    await pair.acquire(owner, joined, isAlone);
  } else if (fate < 0.65) {
    const tells = chance() < 0.5;
    steps.push(`renew ${nameOf(owner)} ${generation} ${tells ? "and tells" : ""}`);
    await pair.renew(owner, generation, tells);
  } else if (fate < 0.75) {
    steps.push(`release ${nameOf(owner)} ${generation}`);
    await pair.release(owner, generation);
  } else if (fate < 0.97) {
    const milliseconds = Math.floor(chance() ** 2 * 1.3 * TTL);
    steps.push(`wait ${milliseconds}`);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  } else {
    const isRestart = chance() < 0.3;
    steps.push(`lose ${isRestart ? "in a restart" : "by FLUSHALL"}`);
    await lose(isRestart);
    pair.model = EMPTY_REDIS;
  }
}

function nameOf(owner: number): string {
  return `${instanceOf(owner)}:process${owner}`;
}

function instanceOf(owner: number): string {
  return `instance${owner}`;
}

function aliveOf(owner: number, released: boolean): string {
  return JSON.stringify({ instance: instanceOf(owner), released });
}
