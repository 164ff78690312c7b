/** The stream and its budget of connects: nothing is asked of X that was not counted before. */

import { assertEquals } from "@std/assert";
import { type EmittedEvent, Events } from "../../../src/base/events.ts";
import type { ConnectRequest } from "../../../src/model/connect.ts";
import { ConnectBudget, type SharedConnectLog } from "../../../src/stream/connect_budget.ts";
import { FilteredStream } from "../../../src/stream/filtered_stream.ts";
import { Token } from "../../../src/stream/token.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const MINUTE = 60_000;

/** A stream that stands as soon as it is connected, and what others did with its token. */
function world(sharedConnects: SharedConnectLog) {
  const clock = new FakeClock();
  const told: EmittedEvent[] = [];
  const events = new Events();
  events.listen((event) => told.push(event));
  const noted: number[] = [];
  const notedAtConnect: number[] = [];
  const transport = {
    aheadMs: 0,
    fetch: () => {
      notedAtConnect.push(noted.length);
      return Promise.resolve(new Response(new ReadableStream()));
    },
    close() {},
  };
  const stream = new FilteredStream({
    ...{ transport, clock, events, fields: {}, hasWorked: () => true, stallMs: 45_000, connectTimeoutMs: 30_000 },
    token: new Token("secret", () => Promise.resolve("secret")),
    backfillMinutes: () => 0,
    random: { fraction: () => 0, hex: () => "" },
    slot: {
      prepare: () => Promise.resolve(),
      learnOwn: () => Promise.resolve(),
      look: () => Promise.resolve({ holder: "by somebody" }),
    },
    budget: new ConnectBudget(clock, {
      own: { connectsSince: () => [], noteConnect: (at) => noted.push(at) },
      shared: sharedConnects,
    }),
  });
  const stop = new AbortController();
  const running = stream.run(stop.signal, () => {});
  return { clock, noted, notedAtConnect, running, stop, stream, told };
}

/** As many connects by others, one of which is so old. */
function full(ages: readonly number[], clock: () => number) {
  return { isTaken: false, connects: ages.map((age, at) => ({ name: `other${at}`, beganAt: clock() - age })) };
}

Deno.test("without room it says until when, asks again then, and connects once a connect is counted", async () => {
  const asked: ConnectRequest[] = [];
  const shared: SharedConnectLog = {
    take(request) {
      asked.push(request);
      const now = () => clock.monotonic();
      // The second time somebody else was faster.
      if (asked.length < 3) {
        return Promise.resolve(full([14 * MINUTE, ...Array.from({ length: 44 }, () => 10 * MINUTE)], now));
      }
      return Promise.resolve({ isTaken: true, connects: [{ name: request.name, beganAt: now() }] });
    },
    add() {},
  };
  const { clock, noted, notedAtConnect, running, stop, stream, told } = world(shared);
  await clock.advance(0);
  const start = clock.now();
  assertEquals([stream.status.state, stream.connectsLeft], ["out_of_budget", 0]);
  await clock.advance(MINUTE - 1);
  assertEquals([asked.length, stream.status.state], [1, "out_of_budget"]);
  await clock.advance(1);
  assertEquals([asked.length, stream.status.state, notedAtConnect], [2, "out_of_budget", []]);
  await clock.advance(MINUTE);
  assertEquals([asked.length, stream.status.state, stream.connectsLeft], [3, "idle", 44]);
  assertEquals([noted, notedAtConnect], [[start + 2 * MINUTE], [1]], "it was counted before it began");
  assertEquals(
    told.filter(({ name }) => name === "stream_backing_off").map(({ fields }) => fields["waitMs"]),
    [MINUTE, MINUTE],
  );
  stop.abort("the end");
  await running;
  assertEquals(stream.status.state, "stopped");
});

Deno.test("a stop ends the question to the shared log, and the wait for room, at once", async () => {
  const silent: SharedConnectLog = {
    take: (_request, signal) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    add() {},
  };
  const whole: SharedConnectLog = {
    take: () => Promise.resolve(full(Array.from({ length: 45 }, () => 0), () => 0)),
    add() {},
  };
  for (const shared of [silent, whole]) {
    const { clock, noted, notedAtConnect, running, stop, stream } = world(shared);
    await clock.advance(0);
    stop.abort("the end");
    await running;
    assertEquals([stream.status.state, noted, notedAtConnect], ["stopped", [], []]);
  }
});
