/** The lease's scripts in a real Redis, step by step beside the functions that the model explores. */

import { assertEquals } from "@std/assert";
import { openRedis, type RedisConnection } from "../../src/base/redis.ts";
import { aliveText } from "../../src/fleet/alive_record.ts";
import { ACQUIRE, RELEASE, RENEW } from "../../src/fleet/lease_scripts.ts";
import { acquire, type Answer, EMPTY_REDIS, type LeaseRedis, pass, release, renew } from "../support/lease_redis.ts";
import { startRedis } from "../support/redis.ts";
import { redisCommands } from "../support/redis_commands.ts";
import { withChance } from "../support/seeded.ts";
import { serviceTest } from "../support/services.ts";

const TTL = 150;
const STEPS = 150;
/** How often it begins anew. */
const LIVES = 5;
const NUMBER = "1";
const KEYS = { lease: "lease", generation: "generation", epoch: "epoch", alive: "alive", channel: "leases" };

/** Redis's keys may expire by a clock that is so far from the one that a script is told, in milliseconds. */
const NOISE = 2;

type AliveText = Readonly<Record<string, unknown>>;

/** Both sides of one life of Redis. */
class Pair {
  model: LeaseRedis = EMPTY_REDIS;
  /** What Redis must have as told last, whole. */
  record: AliveText | undefined;
  #now = 0;
  /** The generation that each owner was granted last, and the largest that it saw. */
  readonly granted = [0, 0, 0];

  constructor(readonly redis: RedisConnection) {}

  lose(): void {
    this.model = EMPTY_REDIS;
    this.record = undefined;
  }

  async acquire(owner: number, joined: number, isAlone: boolean): Promise<Answer["what"]> {
    const { lease, generation, epoch, alive } = KEYS;
    const seen = this.granted[owner]!;
    const instance = instanceOf(owner);
    const words = [
      nameOf(owner),
      instance,
      TTL,
      seen,
      joined,
      NUMBER,
      isAlone ? 1 : 0,
      `process${owner}`,
      `host${owner}`,
    ];
    const answer = await this.redis.evaluate(ACQUIRE, [lease, generation, epoch, alive], words.map(String));
    const [now, what, word, ...records] = answer as [number, Answer["what"], string, ...string[]];
    const ask = { owner, instance: owner, ttl: TTL, keyLife: TTL, seen, clock: now, joined, isAlone };
    const expected = this.#step(now, (model) => acquire(model, ask), (expected) => expected.what === what);
    assertEquals(what, expected.what);
    const before = this.record === undefined ? [] : [NUMBER, this.record];
    assertEquals(records.map((text, at) => at % 2 === 0 ? text : JSON.parse(text)), before, "what was told before it");
    assertEquals(shortOf(this.record), expected.last);
    if (what !== "granted") assertEquals(word, what === "held" ? nameOf(expected.by!) : "");
    if (what !== "granted") return what;
    assertEquals(Number(word), expected.generation);
    this.granted[owner] = expected.generation;
    const { record } = this;
    const isOther = record !== undefined && record["process"] !== `process${owner}`;
    this.record = {
      ...record ?? { at: now, up: false, tweet_id: "", connection: "", granted_at: 0 },
      ...{ instance, process: `process${owner}`, host: `host${owner}` },
      ...{ generation: expected.generation, released: false },
      ...isOther
        ? { before: { instance: record["instance"], host: record["host"], released: record["released"] } }
        : {},
    };
    return what;
  }

  async renew(owner: number, generation: number, tells: AliveText | undefined): Promise<void> {
    const text = tells === undefined ? "" : JSON.stringify(tells);
    const words = [nameOf(owner), String(generation), String(TTL), NUMBER, text];
    const [now, isOwn] = await this.redis.evaluate(RENEW, [KEYS.lease, KEYS.alive], words) as [number, number];
    const asked = { owner, generation, keyLife: TTL, tells: shortOf(tells) };
    const expected = this.#step(now, (model) => renew(model, asked), (expected) => expected === (isOwn === 1));
    assertEquals(isOwn === 1, expected);
    if (expected && tells !== undefined) this.record = tells;
  }

  async release(owner: number, generation: number, tells: AliveText): Promise<void> {
    const words = [nameOf(owner), String(generation), "0", NUMBER, JSON.stringify(tells), KEYS.channel];
    const [now, isOwn] = await this.redis.evaluate(RELEASE, [KEYS.lease, KEYS.alive], words) as [number, number];
    const asked = { owner, instance: owner, generation };
    const expected = this.#step(now, (model) => release(model, asked), (expected) => expected === (isOwn === 1));
    assertEquals(isOwn === 1, expected);
    if (expected) this.record = tells;
  }

  /** What the keys hold is what both sides say, as far as time has no part in it. */
  async compare(): Promise<void> {
    const told = await this.redis.hashFields(KEYS.alive);
    assertEquals(told[NUMBER] === undefined ? undefined : JSON.parse(told[NUMBER]), this.record);
    assertEquals(shortOf(this.record), this.model.last);
    assertEquals(Number(await this.redis.get(KEYS.generation) ?? 0), this.model.generation);
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
  name: "the lease's scripts answer and write as the model's do, whatever three owners ask and whatever Redis loses",
  needs: ["redis"],
  async fn() {
    await withChance(async (chance) => {
      const seen = new Set<string>();
      for (let life = 0; life < LIVES; life++) {
        const steps: string[] = [];
        const server = await startRedis();
        const redis = openRedis({ host: "127.0.0.1", port: server.port });
        try {
          const pair = new Pair(redis);
          for (let step = 0; step < STEPS; step++) {
            await randomStep(pair, chance, steps, async (isRestart) => {
              if (!isRestart) return await redisCommands(server.port, ["FLUSHALL"]);
              await server.process.kill();
              await server.process.start();
            });
            await pair.compare();
            seen.add(steps.at(-1)!);
          }
        } catch (error) {
          throw new Error(`in life ${life} after these steps:\n${steps.slice(-20).join("\n")}`, { cause: error });
        } finally {
          redis.close();
          await server.stop();
        }
      }
      const kinds = new Set([...seen].map((step) => step.replace(/^(\w+).*?(?:: (\w+))?$/, "$1 $2").trim()));
      assertEquals(
        [...kinds].sort(),
        ["acquire granted", "acquire held", "acquire new", "acquire newcomer", "lose", "release", "renew", "wait"],
      );
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
    const step = `acquire ${nameOf(owner)} after ${joined}${isAlone ? ", alone" : ""}`;
    steps.push(step);
    steps[steps.length - 1] = `${step}: ${await pair.acquire(owner, joined, isAlone)}`;
  } else if (fate < 0.65) {
    const tells = chance() < 0.5 ? aliveOf(owner, generation, false, chance) : undefined;
    steps.push(`renew ${nameOf(owner)} ${generation} ${tells ? "and tells" : ""}`);
    await pair.renew(owner, generation, tells);
  } else if (fate < 0.75) {
    steps.push(`release ${nameOf(owner)} ${generation}`);
    await pair.release(owner, generation, aliveOf(owner, generation, true, chance));
  } else if (fate < 0.97) {
    const milliseconds = Math.floor(chance() ** 2 * 1.3 * TTL);
    steps.push(`wait ${milliseconds}`);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  } else {
    const isRestart = chance() < 0.3;
    steps.push(`lose ${isRestart ? "in a restart" : "by FLUSHALL"}`);
    await lose(isRestart);
    pair.lose();
  }
}

function nameOf(owner: number): string {
  return `${instanceOf(owner)}:process${owner}`;
}

function instanceOf(owner: number): string {
  return `instance${owner}`;
}

function aliveOf(owner: number, generation: number, released: boolean, chance: () => number): AliveText {
  return JSON.parse(aliveText({
    ...{ instance: instanceOf(owner), process: `process${owner}`, host: `host${owner}`, generation, released },
    at: 1_764_000_000_000 + Math.floor(chance() * 1_000_000_000),
    up: chance() < 0.5,
    tweetId: String(BigInt(Math.floor(chance() * 2 ** 52)) * 1_000n),
    connection: `${owner}/"\u00e9`,
    grantedAt: Math.floor(chance() * 1_764_000_000_000),
  }));
}

/** A record as the model has it. */
function shortOf(record: AliveText | undefined): LeaseRedis["last"] {
  if (record === undefined) return undefined;
  return {
    instance: Number(String(record["instance"]).slice("instance".length)),
    released: record["released"] === true,
  };
}
