import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type EmittedEvent, Events } from "../../../src/base/events.ts";
import { untilAborted } from "../../../src/base/signals.ts";
import type { TweetMessage } from "../../../src/model/stream_message.ts";
import { ConnectBudget } from "../../../src/stream/connect_budget.ts";
import type { SlotLook } from "../../../src/stream/connection_slot.ts";
import { FilteredStream, type Loss, type SignsOfLife } from "../../../src/stream/filtered_stream.ts";
import { QUEUE_BYTES, type TweetHandler } from "../../../src/stream/reading.ts";
import { Token } from "../../../src/stream/token.ts";
import type { Transport } from "../../../src/stream/transport.ts";
import { XFailure } from "../../../src/stream/x_failure.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const encoder = new TextEncoder();

/** A stream whose other end the test holds, and time as well. */
class World {
  readonly clock = new FakeClock();
  readonly events = new Events();
  readonly emitted: EmittedEvent[] = [];
  readonly tweets: TweetMessage[] = [];
  readonly stop = new AbortController();
  connects: number[] = [];
  bodies: ReadableStreamDefaultController<Uint8Array>[] = [];
  requested: string[] = [];
  /** What a connect is answered with; by default a body that the test writes to. */
  answer: () => Response | Promise<Response> = () => this.open();
  onTweets: TweetHandler = (tweets) => void this.tweets.push(...tweets);
  /** What comes of looking who has the slot. */
  slotLook: SlotLook = { holder: "by somebody" };
  /** What comes of asking which connection is ours. */
  learnOwn: (signal: AbortSignal) => Promise<void> = () => Promise.resolve();
  backfillMinutes = 0;
  /** What the token is where it came from. */
  tokenNow = "secret";
  readonly stream: FilteredStream;
  running: Promise<void> | undefined;

  constructor(hasWorked = false) {
    this.events.listen((event) => this.emitted.push(event));
    const transport: Transport = {
      aheadMs: 0,
      fetch: (path, request) => {
        this.connects.push(this.clock.now());
        this.requested.push(`${path} ${new Headers(request.headers).get("authorization")}`);
        return untilAborted(Promise.resolve(this.answer()), request.signal!);
      },
      close: () => {},
    };
    const random = { fraction: () => 0, hex: () => "" };
    this.stream = new FilteredStream({
      transport,
      budget: new ConnectBudget(this.clock),
      token: new Token("secret", () => Promise.resolve(this.tokenNow)),
      hasWorked,
      stallMs: 45_000,
      connectTimeoutMs: 30_000,
      backfillMinutes: () => this.backfillMinutes,
      fields: { "tweet.fields": "id,text", expansions: "author_id" },
      clock: this.clock,
      random,
      events: this.events,
      slot: { learnOwn: (signal) => this.learnOwn(signal), look: () => Promise.resolve(this.slotLook) },
    });
  }

  open(): Response {
    return new Response(new ReadableStream({ start: (controller) => void this.bodies.push(controller) }));
  }

  async start(signs?: SignsOfLife): Promise<void> {
    this.running = this.stream.run(this.stop.signal, (...tweets) => this.onTweets(...tweets), signs);
    this.running.catch(() => {});
    await this.clock.advance(0);
  }

  async send(text: string): Promise<void> {
    this.bodies.at(-1)!.enqueue(encoder.encode(text));
    await this.clock.advance(0);
  }

  async end(): Promise<void> {
    this.stop.abort("the test is over");
    await this.running;
  }

  named(name: string): EmittedEvent[] {
    return this.emitted.filter((event) => event.name === name);
  }
}

const TWEET = '{"data":{"id":"1","text":"x"},"matching_rules":[{"id":"9"}]}\r\n';

Deno.test("it asks for the fields with the token, hands on tweets, and tells keep-alives", async () => {
  const world = new World();
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
  const world = new World();
  await world.start();
  for (let minute = 0; minute < 180; minute++) {
    await world.clock.advance(20_000);
    await world.send("\r\n");
  }
  assertEquals(world.connects.length, 1);
  await world.end();
});

Deno.test("silence for 45 s gives the connection up, and it is opened again at once", async () => {
  const world = new World();
  await world.start();
  await world.clock.advance(44_000);
  assertEquals(world.connects.length, 1);
  await world.clock.advance(1_500);
  assertEquals(world.connects.length, 2);
  assert(/not even a keep-alive/.test(String(world.named("stream_disconnected")[0]?.fields["cause"])));
  await world.end();
});

Deno.test("an answer that never comes is given up after 30 s", async () => {
  const world = new World();
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
  const world = new World();
  await world.start();
  await world.clock.advance(20_000);
  await world.send("\r\n");
  world.bodies.at(-1)!.close();
  await world.clock.advance(0);
  assertEquals(world.connects.length, 2);
  await world.end();
});

Deno.test("a server that accepts and ends at once causes no storm", async () => {
  const world = new World();
  world.answer = () => new Response("");
  await world.start();
  await world.clock.advance(15 * 60_000);
  assert(world.connects.length <= 50, `${world.connects.length} connects in 15 minutes`);
  assert(world.connects.length >= 4);
  await world.end();
});

Deno.test("connections that each live just long enough stay within X's limit as well", async () => {
  const world = new World();
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
  const world = new World();
  world.answer = () => Promise.reject(new TypeError("connection refused"));
  await world.start();
  await world.clock.advance(5_000);
  const waits = (from: number[]) => from.slice(1).map((at, index) => at - from[index]!);
  assertEquals(waits(world.connects).slice(0, 4), [250, 500, 750, 1_000]);
  await world.end();

  const other = new World();
  other.answer = () => new Response("<html>Over capacity</html>", { status: 503 });
  await other.start();
  await other.clock.advance(40_000);
  assertEquals(waits(other.connects), [5_000, 10_000, 20_000]);
  await other.end();
});

Deno.test("a rate limit is waited for until X's reset, never less than a minute", async () => {
  const world = new World();
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
  const world = new World();
  await world.start();
  await world.send(`${TWEET}{"errors":[{"title":"operational-disconnect","detail":"for operational reasons"}]}\r\n`);
  assertEquals(world.tweets.length, 1);
  assertEquals(world.named("stream_notice").length, 1);
  assert(/for operational reasons/.test(String(world.named("stream_disconnected")[0]?.fields["cause"])));
  await world.end();
});

Deno.test("an end in the middle of a line is told, and the torn line is no tweet", async () => {
  const world = new World();
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
  const never = new World();
  never.answer = refusal;
  await never.start();
  const error = await assertRejects(() => never.running!, XFailure);
  assertEquals(error.kind, "unauthorized");
  assert(!error.message.includes("secret"));

  const later = new World();
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

/** A tweet whose line has so many bytes. */
function wideTweet(id: string, bytes: number): string {
  return `{"data":{"id":"${id}","text":"${"x".repeat(bytes - 70)}"},"matching_rules":[{"id":"9"}]}\r\n`;
}

Deno.test("while the handler works, what arrives waits in order, and that is no silence of X's", async () => {
  const world = new World();
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
async function fillQueue(world: World): Promise<{ sent: number; goOn: () => void }> {
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
async function settle(world: World): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await world.clock.advance(0);
}

Deno.test("a full queue is a state, and reading goes on when half of it is free", async () => {
  const world = new World();
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
  const world = new World();
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

Deno.test("what follows a notice in the same breath is read as well", async () => {
  const world = new World();
  await world.start();
  const notice =
    '{"title":"operational-disconnect","disconnect_type":"OperationalDisconnect","detail":"ends","type":"a/b"}';
  await world.send(`${TWEET}${notice}\r\n${TWEET.replace('"1"', '"2"')}`);
  assertEquals(world.tweets.map(({ id }) => id), ["1", "2"]);
  assertEquals(world.named("stream_disconnected").length, 1);
  await world.end();
});

Deno.test("what X sends from before the connect is told apart where it was asked for", async () => {
  const world = new World();
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
  const world = new World();
  world.answer = () => new Response("", { status: 503 });
  await world.start();
  assertEquals(world.stream.status.state, "backing_off");
  await world.end();
  assertEquals(world.clock.pending, 0);
});

Deno.test("a young connection that brought something is opened again at once, but not again and again", async () => {
  const world = new World();
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
  const world = new World();
  await world.start();
  await world.send(`{"errors":[{"title":"Something new","detail":"that no client knows"}]}\r\n${TWEET}`);
  assertEquals(world.named("stream_notice").length, 1);
  assertEquals(world.tweets.length, 1);
  await world.clock.advance(30_000);
  assertEquals(world.connects.length, 1);
  await world.end();
});

const TAKEN = () =>
  new Response('{"title":"ConnectionException","detail":"at the limit","connection_issue":"TooManyConnections"}', {
    status: 429,
  });

Deno.test("a slot that somebody else has is probed every minute, and told by whom it is taken", async () => {
  const world = new World();
  world.slotLook = { holder: "by a connection from 192.0.2.7, open since 2026-11-24T10:00:00Z" };
  world.answer = TAKEN;
  await world.start();
  assertEquals(
    world.stream.status.reason,
    "the app's only connection is taken by a connection from 192.0.2.7, " +
      "open since 2026-11-24T10:00:00Z",
  );
  await world.clock.advance(10 * 60_000);
  assertEquals(world.connects.length, 11);
  await world.end();
});

Deno.test("a slot that a dead connection of ours had is used as soon as it is freed", async () => {
  const world = new World();
  world.slotLook = { freed: "own" };
  world.answer = TAKEN;
  await world.start();
  world.answer = () => world.open();
  assertEquals(world.named("connection_freed").map(({ fields }) => fields), [{ whose: "own" }]);
  await world.clock.advance(5_000);
  assertEquals([world.connects.length, world.stream.status.state], [2, "idle"]);
  await world.end();
});

Deno.test("a slot that is said to be free and is not is asked for twice, and then every minute", async () => {
  const world = new World();
  world.slotLook = { freed: "by itself" };
  world.answer = TAKEN;
  await world.start();
  await world.clock.advance(11_000);
  assertEquals(world.connects.length, 3);
  await world.clock.advance(40_000);
  assertEquals(world.connects.length, 3);
  await world.clock.advance(10 * 60_000);
  assertEquals(world.connects.length, 13);
  await world.end();
});

const UNAUTHORIZED = () => new Response('{"title":"Unauthorized","detail":"Unauthorized"}', { status: 401 });

Deno.test("a token that worked before this process is not given up: it is tried every 15 minutes, and read again", async () => {
  const world = new World(true);
  world.answer = UNAUTHORIZED;
  await world.start();
  assertEquals([world.stream.status.state, world.connects.length], ["refused", 1]);
  await world.clock.advance(46 * 60_000);
  assertEquals(world.connects.length, 4);
  world.tokenNow = "new secret";
  world.answer = () => world.open();
  await world.clock.advance(15 * 60_000);
  assertEquals(world.requested.at(-1)?.split(" ").slice(1).join(" "), "Bearer new secret");
  assertEquals([world.stream.status.state, world.named("token_renewed").length], ["idle", 1]);
  await world.end();
});

Deno.test("a token that was replaced while the stream stood is used at once", async () => {
  const world = new World();
  await world.start();
  world.tokenNow = "new secret";
  world.answer = UNAUTHORIZED;
  await world.clock.advance(20_000);
  world.bodies.at(-1)!.close();
  world.answer = () => world.requested.at(-1)!.endsWith("new secret") ? world.open() : UNAUTHORIZED();
  await world.clock.advance(0);
  assertEquals(world.stream.status.state, "idle");
  await world.end();
});

Deno.test("a request that X never took ends it, also where a token worked before", async () => {
  const world = new World(true);
  world.answer = () => new Response('{"title":"Invalid Request","detail":"no such field"}', { status: 400 });
  await world.start();
  assertEquals((await assertRejects(() => world.running!, XFailure)).kind, "invalid");
});

Deno.test("while what was received waits after a stop, no connection stands, and the stop is told once", async () => {
  const world = new World();
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
  const world = new World();
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
  const world = new World();
  await world.start();
  const { fail } = hold(world);
  await world.send(TWEET);
  world.stop.abort("the test is over");
  await world.clock.advance(0);
  fail(new RangeError("a bug"));
  await assertRejects(() => world.running!, RangeError, "a bug");

  const other = new World();
  await other.start();
  other.onTweets = () => Promise.reject(new RangeError("another bug"));
  await other.send(TWEET);
  await assertRejects(() => other.running!, RangeError, "another bug");
  assertEquals([other.stream.status.state, other.stream.status.reason], ["stopped", "another bug"]);
});

Deno.test("an error in learning which connection is ours is thrown, while it is read and while it is stopped", async () => {
  const world = new World();
  world.learnOwn = () => Promise.reject(new RangeError("a bug"));
  await world.start();
  await assertRejects(() => world.running!, RangeError, "a bug");

  const other = new World();
  const learned = Promise.withResolvers<void>();
  other.learnOwn = () => learned.promise;
  await other.start();
  other.stop.abort("the test is over");
  learned.reject(new RangeError("another bug"));
  await assertRejects(() => other.running!, RangeError, "another bug");

  const obedient = new World();
  obedient.learnOwn = (signal) => untilAborted(new Promise(() => {}), signal);
  await obedient.start();
  await obedient.end();
  assertEquals(obedient.named("connections_unknown"), []);
});

/** The handler waits with what comes next until it may go on. */
function hold(world: World): { letGo: () => void; fail: (error: Error) => void } {
  const held = Promise.withResolvers<void>();
  world.onTweets = () => held.promise;
  return { letGo: held.resolve, fail: held.reject };
}

function states(world: World): unknown[] {
  return world.named("stream_state").map(({ fields }) => fields["to"]);
}
