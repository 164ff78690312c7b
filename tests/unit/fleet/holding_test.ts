/** A lease and a tenure on the side of the instance, over a clock and a Redis that do as they are told. */

import { assertEquals } from "@std/assert";
import { Events } from "../../../src/base/events.ts";
import { WrongKeyTypeError } from "../../../src/base/redis_failure.ts";
import type { AliveRecord } from "../../../src/fleet/alive_record.ts";
import { Holding } from "../../../src/fleet/holding.ts";
import { Lease } from "../../../src/fleet/lease.ts";
import { ACQUIRE, RELEASE, RENEW } from "../../../src/fleet/lease_scripts.ts";
import { RedisTime } from "../../../src/fleet/redis_time.ts";
import { FakeClock, settle } from "../../support/fake_clock.ts";
import { ScriptedRedis } from "../../support/scripted_redis.ts";

const TTL = 10_000;
const RENEW_MS = 3_000;
/** How long Redis may take to answer. */
const PATIENCE = TTL / 6;
const FORGOTTEN = "Redis has forgotten that this instance holds the app's connection";
const UNCONFIRMED = "Redis has not confirmed it in time";

/** The wall clock of it can be set, which the monotonic one does not follow. */
class SetClock extends FakeClock {
  aheadMs = 0;
  override now(): number {
    return super.now() + this.aheadMs;
  }
}

class Bench {
  readonly clock = new SetClock();
  readonly redis = new ScriptedRedis();
  readonly lost: string[] = [];
  readonly events: string[] = [];
  readonly #ends = new AbortController();
  isAlone = false;
  holding: Holding | undefined;
  readonly lease = new Lease({
    ...{ redis: this.redis.connection, prefix: "", app: "0123456789ab", number: 1, ttlMs: TTL, clock: this.clock },
    ...{ instance: "aaaaaaaa", process: "1111", host: "here", time: new RedisTime(this.clock) },
    onLost: (reason) => {
      this.lost.push(reason);
      this.holding?.lost(this.lease, reason);
    },
  });

  /** The lease, granted so many milliseconds after it was asked for. */
  async granted(afterMs = 0): Promise<void> {
    const asked = this.lease.acquire({ isAlone: false, joinedMs: TTL }, this.#ends.signal);
    await this.clock.advance(afterMs);
    await this.redis.last.answer([this.clock.now(), "granted", "7"]);
    await asked;
  }

  /** A tenure that goes on, once it has told of itself for the first time. */
  async holds(isAlone: boolean): Promise<Holding> {
    this.isAlone = isAlone;
    const events = new Events();
    events.listen(({ name }) => this.events.push(name));
    await this.granted();
    this.holding = new Holding({
      ...{ lease: this.lease, predecessor: undefined, aloneFor: undefined, clock: this.clock, events },
      ...{ ttlMs: TTL, renewMs: RENEW_MS, tellMs: 1_000 },
      isAlone: () => this.isAlone,
      record: (_lease, released) => recordOf(released),
      waitingFor: ({ what }) => what,
    });
    this.holding.keep(this.#ends.signal);
    await settle();
    await this.yes();
    return this.holding;
  }

  /** To the next question, which is the renewal after three of what is told each second. */
  async toRenewal(): Promise<void> {
    for (let second = 1; second < 3; second++) {
      await this.clock.advance(1_000);
      await this.yes();
    }
    await this.clock.advance(1_000);
    assertEquals([this.redis.last.script, this.redis.last.args[2]], [RENEW, String(TTL)]);
  }

  yes = () => this.redis.last.answer([this.clock.now(), 1]);
  no = () => this.redis.last.answer([this.clock.now(), 0]);
  grant = () => this.redis.last.answer([this.clock.now(), "granted", "9"]);

  end(): void {
    this.#ends.abort("the test is over");
  }
}

const recordOf = (released: boolean): AliveRecord => ({
  ...{
    instance: "aaaaaaaa",
    process: "1111",
    host: "here",
    generation: 7,
    at: 0,
    up: true,
    tweetId: "",
    connection: "",
  },
  ...{ grantedAt: 0, released },
});

function holdingTest(name: string, body: (bench: Bench) => Promise<void>): void {
  Deno.test(name, async () => {
    const bench = new Bench();
    try {
      await body(bench);
    } finally {
      bench.end();
      await settle();
    }
  });
}

holdingTest("a lease lasts from before Redis was asked, and its loss is told once", async (bench) => {
  await bench.granted(1_500);
  await bench.clock.advance(TTL - 1_501);
  assertEquals(bench.lease.isHeld, true);
  await bench.clock.advance(1);
  assertEquals([bench.lease.isHeld, bench.lease.isHeld], [false, false]);
  await bench.clock.advance(TTL);
  assertEquals(bench.lost, [UNCONFIRMED]);
});

for (const [jump, isHeld] of [[1_000, true], [-1_000, true], [1_001, false], [-1_001, false]] as const) {
  holdingTest(`the wall clock jumps by ${jump} ms: the lease is ${isHeld ? "kept" : "lost"}`, async (bench) => {
    await bench.granted();
    bench.clock.aheadMs = jump;
    assertEquals(bench.lease.isHeld, isHeld);
    bench.clock.aheadMs = 0;
    assertEquals(bench.lease.isHeld, isHeld, "what is lost is not found again");
  });
}

holdingTest("the deadline is that of the clock that is ahead", async (bench) => {
  await bench.granted();
  bench.clock.aheadMs = 900;
  await bench.clock.advance(TTL - 901);
  assertEquals(bench.lease.isHeld, true);
  await bench.clock.advance(1);
  assertEquals(bench.lease.isHeld, false);
});

holdingTest("an answer that comes after the patience with it is no grant", async (bench) => {
  const asked = bench.lease.acquire({ isAlone: false, joinedMs: TTL }, new AbortController().signal).catch(String);
  await bench.clock.advance(PATIENCE + 1);
  await bench.redis.last.answer([bench.clock.now(), "granted", "7"]);
  assertEquals([await asked, bench.lease.isHeld], ["TransientError: Redis test does not answer in time", false]);
});

holdingTest(
  "the key that holds something else is named, and it is not waited for longer than for an answer",
  async (bench) => {
    const ask = () =>
      bench.lease.acquire({ isAlone: false, joinedMs: TTL }, new AbortController().signal).catch(String);
    const wrong = new WrongKeyTypeError("traptor:lease:0123456789ab", "hash");
    const unnamed = ask();
    await bench.redis.last.fail(wrong);
    await bench.clock.advance(PATIENCE + 1);
    assertEquals(await unnamed, "TransientError: Redis test does not answer in time");
    bench.redis.keyTypes.set("traptor:lease:0123456789ab", "hash");
    bench.redis.keyTypes.set("traptor:generation:0123456789ab", "none");
    bench.redis.keyTypes.set("traptor:epoch", "list");
    const named = ask();
    await bench.redis.last.fail(wrong);
    assertEquals(await named, String(new WrongKeyTypeError("traptor:epoch", "list")));
  },
);

holdingTest("an answer to a renewal does not bring back what was lost meanwhile", async (bench) => {
  await bench.granted();
  await bench.clock.advance(9_000);
  const renewed = bench.lease.renew(recordOf(false), true, new AbortController().signal);
  await bench.clock.advance(1_001);
  await bench.yes();
  assertEquals([await renewed, bench.lease.isHeld, bench.lost], [true, false, [UNCONFIRMED]]);
});

holdingTest("Redis away while others are there: the tenure ends at the deadline", async (bench) => {
  const holding = await bench.holds(false);
  await bench.toRenewal();
  await bench.clock.advance(TTL - RENEW_MS - 1);
  assertEquals(holding.mayAct, true);
  await bench.clock.advance(1);
  assertEquals([holding.mayAct, holding.signal.reason, bench.events], [false, UNCONFIRMED, []]);
});

holdingTest("Redis away while alone: it goes on past the deadline, question after question", async (bench) => {
  const holding = await bench.holds(true);
  await bench.toRenewal();
  await bench.clock.advance(3 * TTL);
  assertEquals([holding.mayAct, holding.isSafe, bench.events], [true, false, ["fleet_alone"]]);
  assertEquals([bench.redis.last.script, bench.redis.last.args[6]], [ACQUIRE, "1"]);
  await bench.clock.advance(PATIENCE + 1_000);
  await bench.grant();
  assertEquals([holding.mayAct, holding.isSafe], [true, true]);
});

holdingTest("a lone tenure ends when it stood still for longer than half of the lease's time", async (bench) => {
  const holding = await bench.holds(true);
  await bench.toRenewal();
  await bench.redis.last.fail();
  bench.clock.aheadMs = TTL / 2;
  assertEquals(holding.mayAct, false);
  assertEquals(holding.signal.reason, "the clock jumped by 5 s, so that this machine may have stood still");
});

holdingTest("a grant that a lone tenure hears too late does not count, and is given back", async (bench) => {
  const holding = await bench.holds(true);
  await bench.toRenewal();
  await bench.redis.last.fail();
  await bench.clock.advance(1_000);
  assertEquals(bench.redis.last.script, ACQUIRE);
  bench.clock.aheadMs = 2_000;
  await bench.grant();
  assertEquals([holding.mayAct, holding.signal.aborted], [false, true]);
  const ended = holding.end();
  assertEquals(bench.redis.last.script, RELEASE);
  await bench.yes();
  await ended;
});

holdingTest("not its own any more, and others are there: it is over at once", async (bench) => {
  const holding = await bench.holds(false);
  await bench.clock.advance(1_000);
  await bench.no();
  assertEquals([holding.mayAct, holding.signal.reason], [false, FORGOTTEN]);
});

holdingTest("not its own any more while alone: nothing may begin until Redis grants it again", async (bench) => {
  const holding = await bench.holds(true);
  await bench.clock.advance(1_000);
  await bench.no();
  assertEquals([bench.redis.last.script, bench.redis.last.args[6]], [ACQUIRE, "1"]);
  assertEquals([holding.mayAct, holding.signal.aborted], [false, false]);
  await bench.grant();
  assertEquals([holding.mayAct, holding.isSafe, bench.lease.generation], [true, true, 9]);
});

holdingTest("not its own any more while alone, and another one has it: it is over", async (bench) => {
  const holding = await bench.holds(true);
  await bench.clock.advance(1_000);
  await bench.no();
  await bench.redis.last.answer([bench.clock.now(), "held", "bbbbbbbb:2222"]);
  assertEquals([holding.mayAct, holding.signal.reason], [false, "held"]);
});

for (const isAlone of [true, false]) {
  const ends = isAlone ? "it goes on alone" : "it is over";
  holdingTest(`not its own any more, and then no answer: ${ends}`, async (bench) => {
    const holding = await bench.holds(true);
    await bench.clock.advance(1_000);
    await bench.no();
    bench.isAlone = isAlone;
    await bench.redis.last.fail();
    assertEquals([holding.mayAct, holding.signal.aborted], [isAlone, !isAlone]);
  });
}

holdingTest("a grant after it was not its own does not count past the deadline it had", async (bench) => {
  const holding = await bench.holds(true);
  await bench.clock.advance(1_000);
  await bench.no();
  bench.clock.aheadMs = 2_000;
  await bench.grant();
  assertEquals([holding.mayAct, holding.signal.aborted], [false, true]);
});

holdingTest("nothing may begin once it gives the lease back, though Redis has not heard of it", async (bench) => {
  const holding = await bench.holds(false);
  const ended = holding.end();
  assertEquals([holding.mayAct, bench.lease.isHeld, bench.redis.last.script], [false, false, RELEASE]);
  await bench.clock.advance(3_000);
  await ended;
  assertEquals(bench.lost, []);
});
