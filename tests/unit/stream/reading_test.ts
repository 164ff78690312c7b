import { assert, assertEquals, assertRejects } from "@std/assert";
import { type EmittedEvent, Events } from "../../../src/base/events.ts";
import { Connection } from "../../../src/stream/connection.ts";
import { QUEUE_BYTES, Reading, type TweetHandler } from "../../../src/stream/reading.ts";
import { StreamStates } from "../../../src/stream/stream_states.ts";
import { XFailure } from "../../../src/stream/x_failure.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const encoder = new TextEncoder();
const STALL_MS = 45_000;
const BEHIND = "tweets come faster than they can be taken in";

/** One connection that stands, whose body the test writes. */
class Bench {
  readonly clock = new FakeClock();
  readonly events = new Events();
  readonly emitted: EmittedEvent[] = [];
  readonly stop = new AbortController();
  readonly connection = new Connection(this.stop.signal, this.clock);
  readonly states = new StreamStates(this.clock, this.events);
  readonly tweets: string[] = [];
  /** What the handler does once it has noted its tweets. */
  onTweets: TweetHandler = () => {};
  running: Promise<void> = Promise.resolve();

  constructor() {
    this.states.become("idle");
    this.events.listen((event) => this.emitted.push(event));
  }

  async start(body: ReadableStream<Uint8Array>): Promise<void> {
    const { clock, connection, events, states } = this;
    const reading = new Reading({
      ...{ clock, connection, events, states, stallMs: STALL_MS, backfillUntil: 0 },
      onArrival() {},
      onTaken() {},
      onTweets: (tweets, provenance) => {
        this.tweets.push(...tweets.map(({ id }) => id));
        return this.onTweets(tweets, provenance);
      },
    });
    this.running = reading.run(body);
    this.running.catch(() => {});
    await clock.advance(0);
  }

  /** Starts with a body that is written by hand. */
  async open(): Promise<ReadableStreamDefaultController<Uint8Array>> {
    let body!: ReadableStreamDefaultController<Uint8Array>;
    await this.start(new ReadableStream({ start: (controller) => void (body = controller) }));
    return body;
  }

  /** The handler waits with what comes next until the function that is returned is called. */
  holdHandler(): { letGo: () => void; fail: (error: Error) => void } {
    const held = Promise.withResolvers<void>();
    this.onTweets = () => held.promise;
    return { letGo: held.resolve, fail: held.reject };
  }

  get transitions(): string[] {
    return this.emitted.filter(({ name }) => name === "stream_state")
      .map(({ fields }) => `${fields["to"]} (${fields["cause"]})`);
  }

  count(name: string): number {
    return this.emitted.filter((event) => event.name === name).length;
  }
}

function tweet(id: number, bytes = 100): string {
  return `{"data":{"id":"${id}","text":"${"x".repeat(bytes)}"},"matching_rules":[{"id":"9"}]}\r\n`;
}

/** A body that has the next chunk at once, until it is dry: a first one, and the same one ever after. */
class Source {
  asked = 0;
  isDry = false;
  readonly body: ReadableStream<Uint8Array>;

  constructor(first: string, chunk: string) {
    this.body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        this.asked += 1;
        if (this.isDry) return new Promise(() => {});
        controller.enqueue(encoder.encode(this.asked === 1 ? first : chunk));
      },
    }, { highWaterMark: 0 });
  }
}

/** Reads until the queue is full. */
async function untilBehind({ clock, states }: Bench): Promise<void> {
  for (let turn = 0; turn < 5_000 && states.status.state !== "behind"; turn++) await clock.advance(0);
  assertEquals(states.status.state, "behind");
}

Deno.test("once it is stopped no connection stands, however long what was received waits for room", async () => {
  const bench = new Bench();
  const body = await bench.open();
  const { letGo } = bench.holdHandler();
  body.enqueue(encoder.encode(tweet(1)));
  await bench.clock.advance(0);
  body.enqueue(encoder.encode(`${tweet(2)}\r\n${tweet(3)}`));
  await bench.clock.advance(1_000);
  bench.stop.abort("there is no room");
  await bench.clock.advance(3_600_000);
  assertEquals([bench.states.status.state, bench.states.status.reason], ["stopped", "there is no room"]);
  letGo();
  await assertRejects(() => bench.running, XFailure);
  assertEquals(bench.tweets, ["1", "2", "3"]);
  assertEquals(bench.transitions, ["live ()", "stopped (there is no room)"]);
});

Deno.test("once X has ended it no connection stands, and what is handed on afterwards tells no state", async () => {
  const bench = new Bench();
  const body = await bench.open();
  const { letGo } = bench.holdHandler();
  body.enqueue(encoder.encode(tweet(1)));
  await bench.clock.advance(0);
  body.enqueue(encoder.encode(`\r\n${tweet(2)}`));
  body.close();
  await bench.clock.advance(0);
  assertEquals([bench.states.status.state, bench.states.status.reason], ["backing_off", "X ended it"]);
  letGo();
  await bench.running;
  assertEquals([bench.tweets, bench.transitions], [["1", "2"], ["live ()", "backing_off (X ended it)"]]);
});

Deno.test("an end after which nothing waits is left to whoever connects again", async () => {
  const bench = new Bench();
  const body = await bench.open();
  body.enqueue(encoder.encode(tweet(1)));
  await bench.clock.advance(0);
  body.close();
  await bench.running;
  assertEquals(bench.transitions, ["live ()"]);
});

Deno.test("a silence is told as such while what came before it still waits", async () => {
  const bench = new Bench();
  const body = await bench.open();
  const { letGo } = bench.holdHandler();
  body.enqueue(encoder.encode(tweet(1)));
  await bench.clock.advance(STALL_MS + 1_000);
  assertEquals(bench.states.status.state, "stalled");
  letGo();
  await assertRejects(() => bench.running, XFailure);
  assertEquals(bench.connection.verdict?.loss, "stalled");
});

Deno.test("a connection that broke off is not called silent later, while what it brought still waits", async () => {
  const bench = new Bench();
  const body = await bench.open();
  const { letGo } = bench.holdHandler();
  body.enqueue(encoder.encode(tweet(1)));
  await bench.clock.advance(1_000);
  body.error(new TypeError("connection reset"));
  await bench.clock.advance(STALL_MS * 2);
  letGo();
  await assertRejects(() => bench.running, XFailure, "it broke off: connection reset");
  assertEquals(bench.connection.verdict, undefined);
  assertEquals(bench.transitions, ["live ()", "backing_off (it broke off: connection reset)"]);
});

Deno.test("of two verdicts the first counts, also where a notice is read only after the silence", async () => {
  const bench = new Bench();
  const body = await bench.open();
  const { letGo } = bench.holdHandler();
  body.enqueue(encoder.encode(tweet(1)));
  await bench.clock.advance(0);
  body.enqueue(encoder.encode('{"errors":[{"title":"operational-disconnect","detail":"ends"}]}\r\n'));
  await bench.clock.advance(STALL_MS + 1_000);
  letGo();
  await assertRejects(() => bench.running, XFailure);
  assertEquals([bench.count("stream_notice"), bench.connection.verdict?.loss], [1, "stalled"]);
});

Deno.test("a body is given back also where the signal was aborted before it was read", async () => {
  const bench = new Bench();
  bench.stop.abort("too late");
  let isCancelled = false;
  await bench.start(new ReadableStream({ cancel: () => void (isCancelled = true) }));
  await assertRejects(() => bench.running, XFailure);
  assertEquals(isCancelled, true);
});

Deno.test("a handler that fails ends the reading with its error, which is no loss of the connection", async () => {
  const bench = new Bench();
  const body = await bench.open();
  const { fail } = bench.holdHandler();
  body.enqueue(encoder.encode(tweet(1)));
  await bench.clock.advance(0);
  body.enqueue(encoder.encode(tweet(2)));
  await bench.clock.advance(0);
  fail(new RangeError("a bug"));
  await assertRejects(() => bench.running, RangeError, "a bug");
  assertEquals([bench.tweets, bench.transitions], [["1"], ["live ()"]]);
});

Deno.test("chunks of two bytes fill the queue by what they take in memory, not by their bytes", async () => {
  const bench = new Bench();
  const { letGo } = bench.holdHandler();
  const source = new Source(tweet(1), "\r\n");
  await bench.start(source.body);
  await untilBehind(bench);
  assert(source.asked <= QUEUE_BYTES / 1_000, `${source.asked} chunks are read`);
  bench.stop.abort("the test is over");
  letGo();
  await assertRejects(() => bench.running, XFailure);
  assertEquals(bench.count("keep_alive"), source.asked - 1);
});

/** Of such tweets a hundred are half of the queue. */
const WIDE_BYTES = 160_000;
const HALF = 100;

Deno.test("a queue that stays at the brim is told once, and costs the connection after 10 s", async () => {
  const bench = new Bench();
  const source = new Source(tweet(1, WIDE_BYTES), tweet(1, WIDE_BYTES));
  bench.onTweets = () => bench.clock.sleep(200);
  await bench.start(source.body);
  await untilBehind(bench);
  const read = source.asked;
  await bench.clock.advance(9_900);
  assertEquals([bench.connection.verdict, bench.states.status.state, bench.tweets.length], [undefined, "behind", 50]);
  await bench.clock.advance(200);
  assertEquals(bench.connection.verdict?.loss, "fell_behind");
  assertEquals([bench.count("stream_behind"), source.asked], [1, read]);
  await bench.clock.advance(60_000);
  await assertRejects(() => bench.running, XFailure);
  assertEquals(bench.tweets.length, read);
  assertEquals(bench.transitions, ["live ()", `behind (${BEHIND})`, `backing_off (${BEHIND})`]);
});

Deno.test("reading goes on when half of the queue is free, and only then it is no longer behind", async () => {
  const bench = new Bench();
  const source = new Source(tweet(1, WIDE_BYTES), tweet(1, WIDE_BYTES));
  bench.onTweets = () => bench.clock.sleep(50);
  await bench.start(source.body);
  await untilBehind(bench);
  const read = source.asked;
  source.isDry = true;
  await bench.clock.advance(50 * (HALF - 5));
  assertEquals([bench.states.status.state, source.asked], ["behind", read]);
  await bench.clock.advance(50 * 10);
  assertEquals([bench.states.status.state, source.asked], ["live", read + 1]);
  await bench.clock.advance(30_000);
  assertEquals([bench.tweets.length, bench.connection.verdict], [read, undefined]);
  assertEquals(bench.transitions, ["live ()", `behind (${BEHIND})`, "live ()"]);
  bench.stop.abort("the test is over");
  await assertRejects(() => bench.running, XFailure);
});
