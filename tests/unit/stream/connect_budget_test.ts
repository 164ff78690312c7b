import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Clock } from "../../../src/base/clock.ts";
import type { Connect, ConnectAnswer, ConnectRequest } from "../../../src/model/connect.ts";
import { ConnectBudget, type ConnectLog, type SharedConnectLog } from "../../../src/stream/connect_budget.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { JournalFile } from "../../support/journal_file.ts";
import { withChance } from "../../support/seeded.ts";

const NOW = Date.UTC(2026, 10, 24, 10);
const MINUTE = 60_000;
const { signal } = new AbortController();

/** A log that knows of connects already, and keeps no more. */
function logOf(connects: readonly number[]): ConnectLog {
  return { connectsSince: (since) => connects.filter((at) => at > since), noteConnect() {} };
}

/** A log that remembers. */
class Log implements ConnectLog {
  noted: number[] = [];

  connectsSince(since: number): number[] {
    return this.noted.filter((at) => at > since);
  }

  noteConnect(at: number, since: number): void {
    this.noted = [...this.noted.filter((noted) => noted > since), at];
  }
}

/** What all share; it can be away. */
class Shared implements SharedConnectLog {
  connects: Connect[] = [];
  isAway = false;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  take({ name, most, windowMs, known }: ConnectRequest): Promise<ConnectAnswer | undefined> {
    if (this.isAway) return Promise.resolve(undefined);
    const now = this.#clock.monotonic();
    this.connects = this.connects.filter(({ beganAt }) => beganAt > now - windowMs);
    this.add(known);
    const isTaken = this.connects.length < most;
    if (isTaken) this.connects.push({ name, beganAt: now });
    return Promise.resolve({ isTaken, connects: [...this.connects] });
  }

  add(connects: readonly Connect[]): void {
    if (this.isAway) return;
    const names = this.connects.map(({ name }) => name);
    this.connects.push(...connects.filter(({ name }) => !names.includes(name)));
  }
}

/** A clock of one machine, that somebody puts forward and back, while time itself goes on for all. */
class AdjustedClock extends FakeClock {
  readonly #time: { ms: number };
  adjustment: number;

  constructor(time: { ms: number }, adjustment = 0) {
    super();
    this.#time = time;
    this.adjustment = adjustment;
  }

  override now(): number {
    return NOW + this.#time.ms + this.adjustment;
  }

  override monotonic(): number {
    return this.#time.ms;
  }
}

Deno.test("45 connects in 15 minutes, whatever is started anew in between, and the next when the first is old enough", async () => {
  using file = new JournalFile(["file"], NOW);
  const { clock } = file;
  for (let connect = 0; connect < 45; connect++) {
    // Each by a process of its own, some of which are killed right after.
    const budget = new ConnectBudget(clock, { own: file.journal.memory });
    assertEquals(budget.left, 45 - connect);
    assertEquals([await budget.take(signal), budget.left], [0, 44 - connect]);
    await clock.advance(10_000);
    if (connect % 10 === 0) file.open(["file"]);
  }
  const budget = new ConnectBudget(clock, { own: file.journal.memory });
  assertEquals([budget.left, await budget.take(signal)], [0, 15 * MINUTE - 450_000]);
  await clock.advance(15 * MINUTE - 450_000 - 1);
  assertEquals([budget.left, await budget.take(signal)], [0, 1], "what is refused is not counted");
  await clock.advance(1);
  assertEquals([budget.left, await budget.take(signal)], [1, 0]);
  assertEquals(await budget.take(signal), 10_000);
});

Deno.test("connects of a clock that was put back since count as now, once", async () => {
  const time = { ms: 0 };
  const clock = new AdjustedClock(time, -60 * MINUTE);
  const log = new Log();
  log.noted = Array.from({ length: 45 }, (_, at) => NOW - MINUTE + at);
  const budget = new ConnectBudget(clock, { own: log });
  assertEquals([budget.left, await budget.take(signal)], [0, 15 * MINUTE]);
  time.ms += 15 * MINUTE;
  for (let connect = 0; connect < 45; connect++) assertEquals(await budget.take(signal), 0, `connect ${connect}`);
  assertEquals(await budget.take(signal), 15 * MINUTE);
});

Deno.test("a connect before the clock was put back is over after 15 minutes, whatever the log says of it", async () => {
  const time = { ms: 0 };
  const clock = new AdjustedClock(time);
  const budget = new ConnectBudget(clock, { own: new Log() });
  for (let connect = 0; connect < 45; connect++) assertEquals(await budget.take(signal), 0);
  clock.adjustment = -60 * MINUTE;
  time.ms += 15 * MINUTE;
  for (let connect = 0; connect < 45; connect++) assertEquals(await budget.take(signal), 0, `connect ${connect}`);
});

Deno.test("a clock that is put back or forward frees no connects of the process that runs", async () => {
  for (const adjustment of [-60 * MINUTE, 60 * MINUTE]) {
    const time = { ms: 0 };
    const clock = new AdjustedClock(time);
    const budget = new ConnectBudget(clock, { own: new Log() });
    for (let connect = 0; connect < 45; connect++) assertEquals(await budget.take(signal), 0);
    clock.adjustment = adjustment;
    assertEquals([budget.left, await budget.take(signal)], [0, 15 * MINUTE]);
    time.ms += 15 * MINUTE;
    assertEquals(await budget.take(signal), 0);
  }
});

Deno.test("more connects than are allowed, by others, wait until so many are old enough", async () => {
  const clock = new FakeClock(NOW);
  const connects = Array.from({ length: 47 }, (_, at) => NOW - 10 * MINUTE + at * 1_000);
  const budget = new ConnectBudget(clock, { own: logOf(connects) });
  assertEquals([budget.left, await budget.take(signal)], [0, 5 * MINUTE + 2_000]);
});

Deno.test("a log that cannot be read at the start is read before the next connect", async () => {
  const clock = new FakeClock(NOW);
  let connects: number[] = [];
  const budget = new ConnectBudget(clock, { own: { connectsSince: () => connects, noteConnect() {} } });
  assertEquals(budget.left, 45);
  connects = Array.from({ length: 45 }, (_, at) => NOW - MINUTE - at);
  assertEquals(await budget.take(signal), 14 * MINUTE - 44);
});

Deno.test("connects that both logs know of count once, and each log gets them all", async () => {
  const clock = new FakeClock(NOW);
  const [shared, own] = [new Shared(clock), new Log()];
  const budget = new ConnectBudget(clock, { own, shared });
  // Three in one millisecond are three.
  for (let connect = 0; connect < 3; connect++) await budget.take(signal);
  assertEquals(own.noted, [NOW, NOW + 1, NOW + 2]);
  assertEquals(shared.connects.map(({ name }) => name), own.noted.map(String));
  await clock.advance(MINUTE);
  const restarted = new ConnectBudget(clock, { own, shared });
  assertEquals([restarted.left, await restarted.take(signal), restarted.left], [42, 0, 41]);
  // The journal is new, or gone: what all share still counts.
  const bare = new ConnectBudget(clock, { shared });
  assertEquals([bare.left, await bare.take(signal), bare.left], [45, 0, 40]);
});

Deno.test("while the shared log is away the own one counts alone, and it gets what it missed and what it lost", async () => {
  const clock = new FakeClock(NOW);
  const shared = new Shared(clock);
  const [mine, others] = [new Log(), new Log()];
  const other = new ConnectBudget(clock, { own: others, shared });
  let budget = new ConnectBudget(clock, { own: mine, shared });
  for (let connect = 0; connect < 10; connect++) await other.take(signal);
  await clock.advance(MINUTE);
  await budget.take(signal);
  await clock.advance(1_000);
  shared.isAway = true;
  for (let connect = 0; connect < 30; connect++) {
    assertEquals(await budget.take(signal), 0);
    await clock.advance(1_000);
  }
  assertEquals(budget.left, 4, "the other's are remembered");
  budget = new ConnectBudget(clock, { own: mine, shared });
  assertEquals(budget.left, 14, "after a restart only our own are");
  for (let connect = 0; connect < 14; connect++) assertEquals(await budget.take(signal), 0);
  assertEquals(await budget.take(signal), 14 * MINUTE + 29_000, "our own never exceed it");

  shared.isAway = false;
  shared.connects = [];
  await clock.advance(1_000);
  assertEquals(await other.take(signal), 0);
  assertEquals(shared.connects.length, 11, "what was lost is there again");
  assertEquals(await budget.take(signal), 14 * MINUTE + 29_000);
  assertEquals([shared.connects.length, budget.left], [56, 0], "what was missed is there");
  assertEquals(await other.take(signal), 14 * MINUTE + 29_000);
});

Deno.test("what the shared log throws ends the taking, and nothing is counted", async () => {
  const clock = new FakeClock(NOW);
  const own = new Log();
  const shared = { take: () => Promise.reject(new Error("stopped")), add() {} };
  const budget = new ConnectBudget(clock, { own, shared });
  await assertRejects(() => budget.take(signal), Error, "stopped");
  assertEquals([budget.left, own.noted], [45, []]);
});

Deno.test("connects that are asked for together are decided one after the other, and an aborted one holds up no other", async () => {
  const clock = new FakeClock(NOW);
  const [own, shared] = [new Log(), new Shared(clock)];
  const budget = new ConnectBudget(clock, { own, shared });
  const aborted = assertRejects(() => budget.take(AbortSignal.abort(new Error("stopped"))), Error, "stopped");
  const waits = await Promise.all(Array.from({ length: 50 }, () => budget.take(signal)));
  await aborted;
  assertEquals(waits.map((wait) => wait === 0), Array.from({ length: 50 }, (_, at) => at < 45));
  assertEquals([new Set(own.noted).size, shared.connects.length], [45, 45]);
});

/** The most connects in any 15 minutes. */
function most(times: readonly number[]): number {
  return Math.max(0, ...times.map((end) => times.filter((at) => at <= end && at > end - 15 * MINUTE).length));
}

Deno.test("whatever happens to clocks, processes and the shared log, nobody exceeds the budget that they can know of", () =>
  withChance(async (chance) => {
    for (let round = 0; round < 20; round++) {
      // A log that is never away keeps all within it; one that is away at times keeps each within it.
      const isReliable = round % 2 === 0;
      const time = { ms: 0 };
      const shared = new Shared(new AdjustedClock(time));
      const machines = [0, 1, 2].map(() => {
        const clock = new AdjustedClock(time, Math.floor(chance() * MINUTE));
        const own = new Log();
        return { clock, own, budget: new ConnectBudget(clock, { own, shared }), connects: [] as number[] };
      });
      for (let step = 0; step < 600; step++) {
        const machine = machines[Math.floor(chance() * 3)]!;
        const { clock, own } = machine;
        const what = chance();
        if (what < 0.02) machine.budget = new ConnectBudget(clock, { own, shared });
        else if (what < 0.03 && isReliable) clock.adjustment += Math.floor((chance() - 0.5) * 40 * MINUTE);
        else if (what < 0.05 && !isReliable) shared.isAway = !shared.isAway;
        else if (await machine.budget.take(signal) === 0) machine.connects.push(time.ms);
        time.ms += Math.floor(chance() * 20_000);
      }
      if (isReliable) assertEquals(most(machines.flatMap(({ connects }) => connects)), 45);
      for (const { connects } of machines) assert(most(connects) <= 45, `${most(connects)} of one`);
    }
  }));
