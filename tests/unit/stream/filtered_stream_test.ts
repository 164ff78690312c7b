/** Connecting, reading, and connecting again. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { XFailure } from "../../../src/stream/x_failure.ts";
import { HeldStream, TWEET } from "../../support/held_stream.ts";

Deno.test("it asks for the fields with the token, hands on tweets, and tells keep-alives", async () => {
  const world = new HeldStream();
  await world.start();
  assertEquals(world.requested, ["/2/tweets/search/stream?tweet.fields=id,text&expansions=author_id Bearer secret"]);
  await world.send(`\r\n${TWEET}`);
  assertEquals(world.tweets.map(({ id }) => id), ["1"]);
  assertEquals(world.stream.status.state, "live");
  await world.send("\r\n");
  assertEquals(world.stream.status.state, "idle");
  await world.end();
  assertEquals(world.stream.status.state, "stopped");
});

Deno.test("an hour of keep-alives and nothing else reconnects nothing", async () => {
  const world = new HeldStream();
  await world.start();
  for (let minute = 0; minute < 180; minute++) {
    await world.clock.advance(20_000);
    await world.send("\r\n");
  }
  assertEquals(world.connects.length, 1);
  await world.end();
});

Deno.test("silence for 45 s gives the connection up, and it is opened again at once", async () => {
  const world = new HeldStream();
  await world.start();
  await world.clock.advance(44_000);
  assertEquals(world.connects.length, 1);
  await world.clock.advance(1_500);
  assertEquals(world.connects.length, 2);
  assert(/not even a keep-alive/.test(String(world.named("stream_disconnected")[0]?.fields["cause"])));
  await world.end();
});

Deno.test("an answer that never comes is given up after 30 s", async () => {
  const world = new HeldStream();
  world.answer = () => new Promise(() => {});
  await world.start();
  assertEquals(world.stream.status.state, "connecting");
  await world.clock.advance(29_000);
  assertEquals(world.connects.length, 1);
  await world.clock.advance(1_500);
  assertEquals(world.connects.length, 2);
  assert(/did not answer within 30 s/.test(String(world.named("stream_backing_off")[0]?.fields["cause"])));
  await world.end();
});

Deno.test("a settled connection that drops is opened again at once", async () => {
  const world = new HeldStream();
  await world.start();
  await world.clock.advance(20_000);
  await world.send("\r\n");
  world.bodies.at(-1)!.close();
  await world.clock.advance(0);
  assertEquals(world.connects.length, 2);
  await world.end();
});

Deno.test("a server that accepts and ends at once causes no storm", async () => {
  const world = new HeldStream();
  world.answer = () => new Response("");
  await world.start();
  await world.clock.advance(15 * 60_000);
  assert(world.connects.length <= 50, `${world.connects.length} connects in 15 minutes`);
  assert(world.connects.length >= 4);
  await world.end();
});

Deno.test("connections that each live just long enough stay within X's limit as well", async () => {
  const world = new HeldStream();
  await world.start();
  for (let round = 0; round < 60; round++) {
    const body = world.bodies.at(-1)!;
    await world.clock.advance(20_000);
    try {
      body.close();
    } catch {
      // it was closed in an earlier round: the stream waits for X's limit
    }
    await world.clock.advance(0);
  }
  const start = world.connects[0]!;
  const within = world.connects.filter((at) => at < start + 15 * 60_000).length;
  assert(within <= 45, `${within} connects in 15 minutes`);
  await world.end();
});

Deno.test("network failures wait 250 ms more each time, HTTP failures double from 5 s", async () => {
  const world = new HeldStream();
  world.answer = () => Promise.reject(new TypeError("connection refused"));
  await world.start();
  await world.clock.advance(5_000);
  const waits = (from: number[]) => from.slice(1).map((at, index) => at - from[index]!);
  assertEquals(waits(world.connects).slice(0, 4), [250, 500, 750, 1_000]);
  await world.end();

  const other = new HeldStream();
  other.answer = () => new Response("<html>Over capacity</html>", { status: 503 });
  await other.start();
  await other.clock.advance(40_000);
  assertEquals(waits(other.connects), [5_000, 10_000, 20_000]);
  await other.end();
});

Deno.test("a rate limit is waited for until X's reset, never less than a minute", async () => {
  const world = new HeldStream();
  const reset = Math.floor(world.clock.now() / 1000) + 300;
  world.answer = () => new Response("{}", { status: 429, headers: { "x-rate-limit-reset": String(reset) } });
  await world.start();
  await world.clock.advance(299_000);
  assertEquals(world.connects.length, 1);
  await world.clock.advance(2_000);
  assertEquals(world.connects.length, 2);
  await world.end();
});

Deno.test("a notice ends the connection after the tweets before it", async () => {
  const world = new HeldStream();
  await world.start();
  await world.send(`${TWEET}{"errors":[{"title":"operational-disconnect","detail":"for operational reasons"}]}\r\n`);
  assertEquals(world.tweets.length, 1);
  assertEquals([world.named("stream_notice").length, world.named("stream_disconnected").length], [0, 1], "one line");
  assert(/for operational reasons/.test(String(world.named("stream_disconnected")[0]?.fields["cause"])));
  await world.end();
});

Deno.test("an end in the middle of a line is told, and the torn line is no tweet", async () => {
  const world = new HeldStream();
  await world.start();
  await world.send(`${TWEET}{"data":{"id":"2"`);
  world.bodies.at(-1)!.close();
  await world.clock.advance(0);
  assertEquals(world.tweets.map(({ id }) => id), ["1"]);
  assert(/middle of a line/.test(String(world.named("stream_disconnected")[0]?.fields["cause"])));
  await world.end();
});

Deno.test("a token that X refuses before anything worked ends it; later it is retried", async () => {
  const refusal = () => new Response('{"title":"Unauthorized","detail":"Unauthorized"}', { status: 401 });
  const never = new HeldStream();
  never.answer = refusal;
  await never.start();
  const error = await assertRejects(() => never.running!, XFailure);
  assertEquals(error.kind, "unauthorized");
  assert(!error.message.includes("secret"));

  const later = new HeldStream();
  await later.start();
  later.answer = refusal;
  await later.clock.advance(20_000);
  later.bodies.at(-1)!.close();
  await later.clock.advance(0);
  assertEquals(later.stream.status.state, "refused");
  await later.clock.advance(14 * 60_000);
  assertEquals(later.connects.length, 2);
  await later.clock.advance(3 * 60_000);
  assertEquals(later.connects.length, 3);
  await later.end();
});

Deno.test("what follows a notice in the same breath is read as well", async () => {
  const world = new HeldStream();
  await world.start();
  const notice =
    '{"title":"operational-disconnect","disconnect_type":"OperationalDisconnect","detail":"ends","type":"a/b"}';
  await world.send(`${TWEET}${notice}\r\n${TWEET.replace('"1"', '"2"')}`);
  assertEquals(world.tweets.map(({ id }) => id), ["1", "2"]);
  assertEquals(world.named("stream_disconnected").length, 1);
  await world.end();
});

Deno.test("what X sends from before the connect is told apart where it was asked for", async () => {
  const world = new HeldStream();
  world.backfillMinutes = 3;
  const kinds: [string, string][] = [];
  world.onTweets = (tweets, provenance) =>
    void kinds.push(...tweets.map(({ id }): [string, string] => [id, provenance]));
  await world.start();
  assertMatch(world.requested[0]!, /&backfill_minutes=3 Bearer/);
  const made = (id: string, at: number) =>
    `{"data":{"id":"${id}","text":"x","created_at":"${new Date(at).toISOString()}"},"matching_rules":[{"id":"9"}]}\r\n`;
  const now = world.clock.now();
  await world.send(made("7", now - 60_000) + made("8", now + 2_000) + made("9", now - 1));
  assertEquals(kinds, [["7", "backfill"], ["9", "backfill"], ["8", "live"]]);
  world.backfillMinutes = 0;
  await world.clock.advance(20_000);
  world.bodies.at(-1)!.close();
  await world.clock.advance(0);
  await world.send(made("10", now - 60_000));
  assertEquals(kinds.at(-1), ["10", "live"]);
  assertEquals(world.requested[1]!.includes("backfill_minutes"), false);
  await world.end();
});

Deno.test("every wait ends at once at the signal", async () => {
  const world = new HeldStream();
  world.answer = () => new Response("", { status: 503 });
  await world.start();
  assertEquals(world.stream.status.state, "backing_off");
  await world.end();
  assertEquals(world.clock.pending, 0);
});

Deno.test("a young connection that brought something is opened again at once, but not again and again", async () => {
  const world = new HeldStream();
  await world.start();
  await world.clock.advance(5_000);
  await world.send(TWEET);
  world.bodies.at(-1)!.close();
  await world.clock.advance(0);
  assertEquals(world.connects.length, 2);
  await world.send(TWEET);
  world.bodies.at(-1)!.close();
  await world.clock.advance(4_900);
  assertEquals(world.connects.length, 2);
  await world.clock.advance(200);
  assertEquals(world.connects.length, 3);
  await world.end();
});

Deno.test("what X tells beside a disconnect is told, and the connection goes on", async () => {
  const world = new HeldStream();
  await world.start();
  await world.send(`{"errors":[{"title":"Something new","detail":"that no client knows"}]}\r\n${TWEET}`);
  assertEquals(world.named("stream_notice").length, 1);
  assertEquals(world.tweets.length, 1);
  await world.clock.advance(30_000);
  assertEquals(world.connects.length, 1);
  await world.end();
});
