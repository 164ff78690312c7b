/** One instance among others: when it begins, steps down and gives up, over a Redis and a clock that do as they are told. */

import { assertEquals, assertRejects } from "@std/assert";
import { TransientError, TryLaterError } from "../../../src/base/errors.ts";
import { Events } from "../../../src/base/events.ts";
import type { RedisConnection } from "../../../src/base/redis.ts";
import { Fleet } from "../../../src/fleet/fleet.ts";
import { ACQUIRE } from "../../../src/fleet/lease_scripts.ts";
import type { Tenure } from "../../../src/fleet/tenure.ts";
import { selectionNames } from "../../../src/model/slot.ts";
import { FakeClock, settle } from "../../support/fake_clock.ts";
import { standby } from "../../support/fleet_views.ts";
import { RosterRedis } from "../../support/roster_redis.ts";

const INTERVAL = 5_000;
const TTL = 10_000;
const RESERVE = 10_000;
const APP = "0123456789ab";
const [ONE, TWO] = ["aaaaaaa1", "bbbbbbb2"] as const;
const GRANTED = ["granted", "7"] as const;
const HELD = ["held", `${TWO}:2222`] as const;
/** Redis gives it to nobody yet. */
const NEW = ["new", ""] as const;
const AWAY = "Redis does not say who holds the app's connection (Redis is away), and others may by now";

interface Life {
  readonly isGuest?: boolean;
  /** What the process before it noted. */
  readonly wasAlone?: boolean;
}

class Bench {
  readonly clock = new FakeClock();
  readonly redis = new RosterRedis(this.clock);
  readonly memory: { wasAlone: boolean };
  /** What Redis says to who asks for the lease, and how often that was. */
  says: readonly [string, string] = NEW;
  asked = 0;
  /** Why the instance waits, each reason once in a row. */
  readonly reasons: string[] = [];
  readonly fleet: Fleet;
  tenure: Tenure | undefined;
  readonly #ends = new AbortController();

  constructor({ isGuest = false, wasAlone = false }: Life) {
    this.memory = { wasAlone };
    const evaluate = (script: string) => {
      if (script === ACQUIRE) this.asked++;
      if (this.redis.isAway) return Promise.reject(new TransientError("Redis is away"));
      return Promise.resolve(script === ACQUIRE ? [this.redis.now, ...this.says] : [this.redis.now, 1]);
    };
    const leaseRedis = { target: "Redis test", evaluate, close() {} } as unknown as RedisConnection;
    this.fleet = new Fleet({
      ...{ leaseRedis, redis: this.redis.connection, prefix: "", app: APP, instance: ONE, host: "here" },
      ...{ slots: ["track:0"], isSeparate: false, isGuest, connections: 1, ttlMs: TTL, renewMs: 3_000 },
      ...{ intervalMs: INTERVAL, memory: this.memory, clock: this.clock, events: new Events() },
      random: { fraction: () => 0, hex: () => "1111" },
    });
    this.fleet.facts = () => standby({ host: "here" });
  }

  get signal(): AbortSignal {
    return this.#ends.signal;
  }

  run(): Promise<void> {
    this.fleet.run(this.signal).catch(this.#unlessEnded);
    return settle();
  }

  /** Wants the app's connection, as long as it takes. */
  async want(): Promise<void> {
    this.tenure = undefined;
    const onWaiting = (reason: string) => void (this.reasons.at(-1) !== reason && this.reasons.push(reason));
    this.fleet.acquire(this.signal, onWaiting).then((tenure) => this.tenure = tenure).catch(this.#unlessEnded);
    await settle();
  }

  readonly #unlessEnded = (error: unknown) => {
    if (!this.signal.aborted) throw error;
  };

  /** Another instance tells of itself now. */
  otherTells(): void {
    this.redis.put(standby({ app: APP, id: TWO, host: "there", at: this.redis.now, interval: INTERVAL }));
  }

  /** It begins after exactly so long. */
  async beginsAfter(ms: number): Promise<void> {
    await this.clock.advance(ms - 1);
    assertEquals([this.tenure, this.fleet.mayAct], [undefined, false], "too early");
    await this.clock.advance(1);
    assertEquals([this.tenure?.isSafe, this.fleet.mayAct, this.fleet.lease], [false, true, 1]);
  }

  end(): void {
    this.#ends.abort("the test is over");
  }
}

function fleetTest(name: string, body: (bench: Bench) => Promise<void>, life: Life = {}): void {
  Deno.test(name, async () => {
    const bench = new Bench(life);
    try {
      await body(bench);
    } finally {
      bench.end();
      await settle();
    }
  });
}

fleetTest("who was alone in the life before begins once Redis has not answered for a lease's time", async (bench) => {
  bench.redis.isAway = true;
  await bench.run();
  await bench.want();
  await bench.beginsAfter(TTL);
  assertEquals(bench.reasons, [AWAY]);
}, { wasAlone: true });

fleetTest("who was not alone in the life before never begins without Redis", async (bench) => {
  bench.redis.isAway = true;
  await bench.run();
  await bench.want();
  await bench.clock.advance(20 * TTL);
  assertEquals([bench.tenure, bench.reasons], [undefined, [AWAY]]);
});

fleetTest("who has become alone begins once Redis has not answered for a lease's time", async (bench) => {
  await bench.run();
  await bench.want();
  await bench.clock.advance(4 * INTERVAL);
  assertEquals(bench.memory.wasAlone, true, "kept for the next life");
  bench.redis.isAway = true;
  // The first question without an answer is a second after the last one with one.
  await bench.beginsAfter(1_000 + TTL);
});

fleetTest("an answer in between begins the time anew", async (bench) => {
  await bench.run();
  await bench.want();
  await bench.clock.advance(4 * INTERVAL);
  bench.redis.isAway = true;
  await bench.clock.advance(TTL);
  bench.redis.isAway = false;
  await bench.clock.advance(1_000);
  bench.redis.isAway = true;
  await bench.beginsAfter(1_000 + TTL);
});

fleetTest("who saw another one when Redis answered last never begins without", async (bench) => {
  await bench.run();
  await bench.want();
  await bench.clock.advance(4 * INTERVAL);
  bench.otherTells();
  await bench.clock.advance(INTERVAL);
  assertEquals(bench.memory.wasAlone, false);
  bench.redis.isAway = true;
  await bench.clock.advance(20 * TTL);
  assertEquals([bench.tenure, bench.reasons.at(-1)], [undefined, AWAY]);
}, { wasAlone: true });

for (const wasAlone of [true, false]) {
  const begins = wasAlone ? "begins without Redis after a lease's time" : "never begins without Redis";
  fleetTest(`who has just come, and was ${wasAlone ? "" : "not "}alone before, ${begins}`, async (bench) => {
    await bench.run();
    await bench.want();
    bench.redis.isAway = true;
    if (wasAlone) return await bench.beginsAfter(1_000 + TTL);
    await bench.clock.advance(20 * TTL);
    assertEquals(bench.tenure, undefined);
  }, { wasAlone });
}

fleetTest("a tenure without Redis that is over is followed by one after a lease's time again", async (bench) => {
  bench.redis.isAway = true;
  await bench.run();
  await bench.want();
  await bench.beginsAfter(TTL);
  await bench.tenure!.end();
  await bench.want();
  await bench.beginsAfter(TTL);
}, { wasAlone: true });

fleetTest("nobody steps down who holds nothing", async (bench) => {
  await bench.run();
  assertEquals(bench.fleet.stepDown(), "this instance does not hold the app's connection");
});

fleetTest("nobody steps down where no other instance is there", async (bench) => {
  bench.says = GRANTED;
  await bench.run();
  await bench.want();
  assertEquals(bench.fleet.stepDown(), "no other instance of this app is there to take over");
  assertEquals([bench.fleet.mayAct, bench.tenure!.isSafe], [true, true]);
});

fleetTest("who has stepped down asks for nothing for ten seconds", async (bench) => {
  bench.says = GRANTED;
  bench.otherTells();
  await bench.run();
  await bench.want();
  const { signal } = bench.tenure!;
  assertEquals(bench.fleet.stepDown(), undefined);
  assertEquals([signal.reason, bench.fleet.mayAct, bench.fleet.lease], ["a person asked for a handover", false, 0]);
  const { asked } = bench;
  await bench.want();
  await bench.clock.advance(RESERVE - 1);
  assertEquals([bench.asked, bench.tenure, bench.reasons.at(-1)], [asked, undefined, "this instance has stepped down"]);
  await bench.clock.advance(1);
  assertEquals([bench.asked, bench.fleet.mayAct], [asked + 1, true]);
});

fleetTest("a guest gives up where another instance holds the connection", async (bench) => {
  bench.says = HELD;
  bench.otherTells();
  await bench.run();
  const refused = await assertRejects(() => bench.fleet.acquire(bench.signal, () => {}), TryLaterError);
  assertEquals(
    [refused.message, refused.hint],
    [
      `Cannot show tweets: the app's connection is held by the instance ${TWO} on there`,
      "`traptor status` shows what it does; `traptor --test --simulate` needs no connection to X",
    ],
  );
}, { isGuest: true });

fleetTest("all others wait where another instance holds the connection, and ask each second", async (bench) => {
  bench.says = HELD;
  bench.otherTells();
  await bench.run();
  await bench.want();
  const { asked } = bench;
  await bench.clock.advance(3_999);
  assertEquals(bench.reasons, [`the app's connection is held by the instance ${TWO} on there`]);
  assertEquals(bench.asked, asked + 3);
  bench.says = GRANTED;
  await bench.clock.advance(1);
  assertEquals(bench.fleet.mayAct, true);
});

fleetTest("whose slots are collected is known after the first look", async (bench) => {
  bench.otherTells();
  let slots: string[] | undefined;
  const asked = bench.fleet.slots(bench.signal).then((all) => slots = all.flatMap(selectionNames));
  await settle();
  assertEquals(slots, undefined);
  await bench.run();
  await asked;
  assertEquals(slots, ["track:0"]);
});

fleetTest("whose slots are collected is not known where the first look failed, but after the next", async (bench) => {
  bench.redis.isAway = true;
  await bench.run();
  const unknown = await assertRejects(() => bench.fleet.slots(bench.signal), TransientError);
  assertEquals(unknown.message, "Redis is away");
  bench.redis.isAway = false;
  await bench.clock.advance(1_000);
  assertEquals((await bench.fleet.slots(bench.signal)).flatMap(selectionNames), ["track:0"]);
});

fleetTest("a look without an answer changes nobody's slots", async (bench) => {
  bench.redis.put(standby({ app: APP, id: TWO, at: bench.redis.now, interval: INTERVAL, slots: ["track:1"] }));
  await bench.run();
  let changes = 0;
  bench.fleet.onSlots(() => changes++);
  bench.redis.isAway = true;
  await bench.clock.advance(20 * TTL);
  assertEquals(changes, 0);
  assertEquals((await bench.fleet.slots(bench.signal)).flatMap(selectionNames), ["track:0", "track:1"]);
  assertEquals(bench.fleet.mayHold({ type: "track", id: 1 }), true);
});
