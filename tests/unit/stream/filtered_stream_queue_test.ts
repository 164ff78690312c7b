/** What arrives waits to be handed on: how much, how long, and what is told meanwhile. */

import { assertEquals, assertRejects } from "@std/assert";
import type { Loss } from "../../../src/stream/filtered_stream.ts";
import { untilAborted } from "../../../src/base/signals.ts";
import { QUEUE_BYTES } from "../../../src/stream/reading.ts";
import { HeldStream, TWEET } from "../../support/held_stream.ts";

/** A tweet whose line has so many bytes. */
function wideTweet(id: string, bytes: number): string {
  return `{"data":{"id":"${id}","text":"${"x".repeat(bytes - 70)}"},"matching_rules":[{"id":"9"}]}\r\n`;
}

Deno.test("while the handler works, what arrives waits in order, and that is no silence of X's", async () => {
  const world = new HeldStream();
  let finish = () => {};
  const signs: number[] = [];
  world.onTweets = (tweets) => {
    world.tweets.push(...tweets);
    return new Promise<void>((resolve) => finish = resolve);
  };
  await world.start({ alive: (at) => signs.push(at), lost() {} });
  await world.send(TWEET);
  await world.send(TWEET.replace('"1"', '"2"'));
  assertEquals([world.tweets.length, signs], [1, []]);
  for (let minute = 0; minute < 10; minute++) {
    await world.clock.advance(40_000);
    await world.send("\r\n");
  }
  assertEquals(world.connects.length, 1);
  finish();
  await world.clock.advance(0);
  assertEquals([world.tweets.map(({ id }) => id), signs.length], [["1", "2"], 1]);
  finish();
  await world.clock.advance(0);
  assertEquals(signs.length, 12);
  await world.end();
});

/** Fills the queue while the handler is busy: so many more bytes are received than it may hold. */
async function fillQueue(world: HeldStream): Promise<{ sent: number; goOn: () => void }> {
  let goOn = () => {};
  world.onTweets = (tweets) => {
    world.tweets.push(...tweets);
    return new Promise<void>((resolve) => goOn = resolve);
  };
  await world.send(TWEET);
  world.onTweets = (tweets) => void world.tweets.push(...tweets);
  let sent = 1;
  for (let bytes = 0; bytes < QUEUE_BYTES; bytes += 900_000) await world.send(wideTweet(String(++sent), 900_000));
  return { sent, goOn: () => goOn() };
}

/** Lets everything happen that can happen now. */
async function settle(world: HeldStream): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await world.clock.advance(0);
}

Deno.test("a full queue is a state, and reading goes on when half of it is free", async () => {
  const world = new HeldStream();
  await world.start();
  const { sent, goOn } = await fillQueue(world);
  assertEquals(world.stream.status.state, "behind");
  assertEquals(world.named("stream_behind").length, 1);
  await world.clock.advance(9_000);
  goOn();
  await settle(world);
  assertEquals(world.stream.status.state, "live");
  await world.send(wideTweet("99", 100));
  assertEquals(world.tweets.map(({ id }) => id), [...Array(sent).keys()].map((n) => String(n + 1)).concat("99"));
  assertEquals(world.connects.length, 1);
  await world.end();
});

Deno.test("a queue that stays full costs the connection, with a gap, and nothing that was received", async () => {
  const world = new HeldStream();
  const losses: Loss[] = [];
  await world.start({ alive() {}, lost: (loss) => void losses.push(loss) });
  const { sent, goOn } = await fillQueue(world);
  const full = world.clock.now();
  await world.clock.advance(10_000);
  assertEquals([losses.length, world.connects.length], [0, 1]);
  goOn();
  await settle(world);
  assertEquals(world.tweets.length, sent);
  assertEquals(losses, [{
    at: full,
    cause: "fell_behind",
    detail: "tweets come faster than they can be taken in",
  }]);
  assertEquals(world.connects.length, 2);
  await world.end();
});

Deno.test("while what was received waits after a stop, no connection stands, and the stop is told once", async () => {
  const world = new HeldStream();
  await world.start();
  const { letGo } = hold(world);
  await world.send(TWEET);
  world.stop.abort("there is no room");
  await world.clock.advance(3_600_000);
  const { downSince, reason, state } = world.stream.status;
  assertEquals([state, reason, downSince], ["stopped", "there is no room", world.clock.now() - 3_600_000]);
  letGo();
  await world.running;
  assertEquals(states(world), ["connecting", "idle", "live", "stopped"]);
});

Deno.test("a connection that is lost while much waits is told with its cause, and the next is opened afterwards", async () => {
  const world = new HeldStream();
  await world.start();
  const { letGo } = hold(world);
  await world.clock.advance(5_000);
  await world.send(TWEET);
  world.bodies.at(-1)!.close();
  await world.clock.advance(60_000);
  assertEquals([world.stream.status.state, world.connects.length], ["backing_off", 1]);
  letGo();
  await world.clock.advance(0);
  assertEquals(states(world), ["connecting", "idle", "live", "backing_off", "connecting", "idle"]);
  assertEquals(world.named("stream_state").slice(3, 5).map(({ fields }) => fields["cause"]), [
    "X ended it",
    "X ended it",
  ]);
  await world.end();
});

Deno.test("an error of the handler is thrown, also while it is stopped, and told as the cause", async () => {
  const world = new HeldStream();
  await world.start();
  const { fail } = hold(world);
  await world.send(TWEET);
  world.stop.abort("the test is over");
  await world.clock.advance(0);
  fail(new RangeError("a bug"));
  await assertRejects(() => world.running!, RangeError, "a bug");

  const other = new HeldStream();
  await other.start();
  other.onTweets = () => Promise.reject(new RangeError("another bug"));
  await other.send(TWEET);
  await assertRejects(() => other.running!, RangeError, "another bug");
  assertEquals([other.stream.status.state, other.stream.status.reason], ["stopped", "another bug"]);
});

Deno.test("an error in learning which connection is ours is thrown, while it is read and while it is stopped", async () => {
  const world = new HeldStream();
  world.learnOwn = () => Promise.reject(new RangeError("a bug"));
  await world.start();
  await assertRejects(() => world.running!, RangeError, "a bug");

  const other = new HeldStream();
  const learned = Promise.withResolvers<void>();
  other.learnOwn = () => learned.promise;
  await other.start();
  other.stop.abort("the test is over");
  learned.reject(new RangeError("another bug"));
  await assertRejects(() => other.running!, RangeError, "another bug");

  const obedient = new HeldStream();
  obedient.learnOwn = (signal) => untilAborted(new Promise(() => {}), signal);
  await obedient.start();
  await obedient.end();
  assertEquals(obedient.named("connections_unknown"), []);
});

/** The handler waits with what comes next until it may go on. */
function hold(world: HeldStream): { letGo: () => void; fail: (error: Error) => void } {
  const held = Promise.withResolvers<void>();
  world.onTweets = () => held.promise;
  return { letGo: held.resolve, fail: held.reject };
}

function states(world: HeldStream): unknown[] {
  return world.named("stream_state").map(({ fields }) => fields["to"]);
}
