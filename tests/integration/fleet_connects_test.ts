/** The budget of connects that all share who use one token, in a real Redis. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import { type EmittedEvent, Events } from "../../src/base/events.ts";
import { systemRandom } from "../../src/base/random.ts";
import { openRedis } from "../../src/base/redis.ts";
import { FleetConnects } from "../../src/fleet/fleet_connects.ts";
import { ConnectBudget } from "../../src/stream/connect_budget.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { JournalFile } from "../support/journal_file.ts";
import { startRedis } from "../support/redis.ts";
import { redisAnswer } from "../support/redis_answer.ts";
import { serviceTest, sharedRedis } from "../support/services.ts";
import { waitUntil } from "../support/wait_until.ts";

const MINUTE = 60_000;
const { signal } = new AbortController();

/** One who connects: what it shares with others is in Redis. */
class Machine implements AsyncDisposable {
  readonly connects: FleetConnects;
  readonly budget: ConnectBudget;
  readonly told: EmittedEvent[] = [];
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>;

  constructor(port: number, app: string, options: { clock?: Clock; journal?: JournalFile; prefix?: string } = {}) {
    const { clock = options.journal?.clock ?? new FakeClock(), journal, prefix = "" } = options;
    const events = new Events();
    events.listen((event) => this.told.push(event));
    const redis = openRedis({ host: "127.0.0.1", port });
    this.connects = new FleetConnects({ redis, prefix, app, clock, random: systemRandom, events });
    this.budget = new ConnectBudget(clock, { own: journal?.journal.memory, shared: this.connects });
    this.#running = this.connects.run(this.#stop.signal).catch((reason) => reason);
  }

  /** Connects so often; answers with the waits. */
  async connect(times: number): Promise<number[]> {
    const waits: number[] = [];
    for (let time = 0; time < times; time++) waits.push(await this.budget.take(signal));
    return waits;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort("the end");
    assertEquals(await this.#running, "the end");
  }
}

const began = (waits: readonly number[]) => waits.filter((wait) => wait === 0).length;

async function timeOf(port: number): Promise<number> {
  const [seconds] = await redisAnswer(port, "TIME") as readonly string[];
  return Number(seconds) * 1_000;
}

/** Connects of others, so long ago. */
async function write(port: number, key: string, ...ages: readonly number[]): Promise<void> {
  const now = await timeOf(port);
  const members = ages.flatMap((age, at) => [String(now - age), `${now - age}:other${at}`]);
  await redisAnswer(port, "ZADD", key, ...members);
}

serviceTest({
  name: "two machines that connect at the same time do so 45 times together, whoever starts anew",
  needs: ["redis"],
  async fn() {
    const { port } = await sharedRedis();
    using file = new JournalFile();
    await using one = new Machine(port, "a1");
    let waits: number[];
    {
      await using other = new Machine(port, "a1", { journal: file });
      waits = (await Promise.all([one.connect(20), other.connect(20)])).flat();
      assertEquals([began(waits), one.budget.left + other.budget.left < 45], [40, true]);
    }
    await file.clock.advance(1_000);
    file.open(["file"]);
    await using again = new Machine(port, "a1", { journal: file });
    assertEquals(again.budget.left, 25, "its journal knows its own");
    waits = (await Promise.all([one.connect(20), again.connect(20)])).flat();
    assertEquals(began(waits), 5);
    assertEquals([one.budget.left, again.budget.left], [0, 0]);
    const members = await redisAnswer(port, "ZRANGE", "traptor:connects:a1", "0", "-1") as readonly string[];
    assertEquals([members.length, new Set(members).size], [45, 45]);
    assertEquals([one.told, again.told], [[], []]);
    // The key outlives the window by a little.
    const life = Number(await redisAnswer(port, "PTTL", "traptor:connects:a1"));
    assert(life > 15 * MINUTE && life <= 16 * MINUTE, String(life));

    await using simulation = new Machine(port, "a1", { prefix: "traptor-simulation:" });
    assertEquals(began(await simulation.connect(46)), 45, "a simulation has a budget of its own");
    assertEquals(await redisAnswer(port, "ZCARD", "traptor:connects:a1"), 45);
    assertEquals(await redisAnswer(port, "ZCARD", "traptor-simulation:traptor:connects:a1"), 45);
  },
});

serviceTest({
  name: "others' connects count for 15 minutes by Redis's clock, and what is there by hand as well",
  needs: ["redis"],
  async fn() {
    const { port } = await sharedRedis();
    const key = "traptor:connects:a2";
    const old = Array.from({ length: 30 }, () => 15 * MINUTE + 1);
    const recent = Array.from({ length: 43 }, () => 10 * MINUTE);
    await write(port, key, ...old, ...recent);
    await redisAnswer(port, "ZADD", key, String(await timeOf(port)), "curl");
    // A clock a year behind Redis's.
    await using machine = new Machine(port, "a2", { clock: new FakeClock(Date.UTC(2025, 10, 24)) });
    const waits = await machine.connect(2);
    assertEquals([waits[0], machine.budget.left], [0, 0]);
    assert(waits[1]! > 4 * MINUTE && waits[1]! <= 5 * MINUTE + 1_000, String(waits[1]));
    assertEquals(await redisAnswer(port, "ZCARD", key), 45, "the old ones are gone");
  },
});

serviceTest({
  name: "connects of a Redis whose clock was put back count as of now, and free the budget in time",
  needs: ["redis"],
  async fn() {
    const { port } = await sharedRedis();
    const key = "traptor:connects:a3";
    await write(port, key, ...Array.from({ length: 45 }, () => -60 * MINUTE));
    await using machine = new Machine(port, "a3");
    const [wait] = await machine.connect(1);
    assertEquals(wait, 15 * MINUTE);
    const later = String(await timeOf(port) + 30 * MINUTE);
    assertEquals(await redisAnswer(port, "ZCOUNT", key, later, "+inf"), 0);
  },
});

serviceTest({
  name: "a clock that runs faster counts Redis's time as much faster",
  needs: ["redis"],
  async fn() {
    const { port } = await sharedRedis();
    const key = "traptor:connects:a4";
    // 15 minutes are 90 s here.
    await write(port, key, 91_000, ...Array.from({ length: 44 }, () => 45_000));
    await using machine = new Machine(port, "a4", { clock: systemClock(10) });
    const waits = await machine.connect(2);
    assertEquals(waits[0], 0);
    assert(waits[1]! > MINUTE && waits[1]! <= 7.5 * MINUTE + 10_000, String(waits[1]));
    const life = Number(await redisAnswer(port, "PTTL", key));
    assert(life > 90_000 && life <= 96_000, String(life));
  },
});

serviceTest({
  name: "while Redis is away our own connects count alone; it is told, and hears of them once it is back",
  needs: ["redis"],
  async fn() {
    const { port, process, stop } = await startRedis();
    const key = "traptor:connects:a5";
    using file = new JournalFile();
    try {
      {
        await using machine = new Machine(port, "a5", { journal: file });
        assertEquals(await machine.connect(3), [0, 0, 0]);
        await process.kill();
        assertEquals(began(await machine.connect(7)), 7);
        assertEquals(machine.budget.left, 35);
        // What Redis held is lost with it.
        await process.start();
        await waitUntil(async () => {
          await file.clock.advance(15_000);
          return await redisAnswer(port, "ZCARD", key) === 10;
        }, { what: "all are there again, without a further connect" });
        const [first] = machine.told;
        assertEquals([first?.name, first?.level], ["connects_unshared", "WARN"]);
        assert(/127\.0\.0\.1:\d+/.test(String(first?.fields["reason"])), String(first?.fields["reason"]));

        await process.kill();
        await machine.connect(2);
      }
      // It ends without a Redis, and starts without one.
      await file.clock.advance(1_000);
      file.open(["file"]);
      await using machine = new Machine(port, "a5", { journal: file });
      assertEquals([began(await machine.connect(34)), machine.budget.left], [33, 0], "the budget holds without Redis");
      await process.start();
      // One that comes before Redis has heard of them knows no better.
      await using other = new Machine(port, "a5", { clock: new FakeClock(Date.UTC(2026, 10, 24)) });
      const others = began(await other.connect(1));
      // The next try of the first finds that there is no room, and tells the others why.
      assertEquals(began(await machine.connect(1)), 0);
      assertEquals([began(await other.connect(1)), await redisAnswer(port, "ZCARD", key)], [0, 45 + others]);
    } finally {
      await stop();
    }
  },
});

serviceTest({
  name: "a Redis that does not answer holds up a connect for three seconds, and no stop",
  needs: ["redis"],
  async fn() {
    const { port, process, stop } = await startRedis();
    const clock = new FakeClock();
    try {
      {
        await using machine = new Machine(port, "a6", { clock });
        assertEquals(await machine.connect(1), [0]);
        await process.pause();
        let wait: number | undefined;
        const taking = machine.budget.take(signal).then((taken) => wait = taken);
        await clock.advance(2_999);
        assertEquals(wait, undefined);
        await clock.advance(1);
        assertEquals([await taking, machine.budget.left], [0, 43]);
        assertEquals(machine.told.map(({ fields }) => fields["reason"]), [
          `Redis 127.0.0.1:${port} does not answer in time`,
        ]);
        const stopping = new AbortController();
        const stopped = assertRejects(() => machine.budget.take(stopping.signal));
        stopping.abort(new Error("stopped"));
        assertEquals([(await stopped as Error).message, machine.budget.left], ["stopped", 43]);
        await process.resume();
        await waitUntil(async () => {
          await clock.advance(15_000);
          return Number(await redisAnswer(port, "ZCARD", "traptor:connects:a6")) >= 2;
        }, { what: "the second is there" });
      }
    } finally {
      await stop();
    }
  },
});

serviceTest({
  name: "a key of another type is told, and stops no connect",
  needs: ["redis"],
  async fn() {
    const { port } = await sharedRedis();
    await redisAnswer(port, "SET", "traptor:connects:a7", "mine");
    await using machine = new Machine(port, "a7");
    assertEquals(began(await machine.connect(46)), 45);
    assertEquals(machine.told[0]?.fields, {
      reason: "the key traptor:connects:a7 holds a value of the type string",
    });
    assertEquals(await redisAnswer(port, "GET", "traptor:connects:a7"), "mine");
  },
});
