/** X's stream whose other end the test holds, and time as well. */

import { type EmittedEvent, Events } from "../../src/base/events.ts";
import { untilAborted } from "../../src/base/signals.ts";
import type { TweetMessage } from "../../src/model/stream_message.ts";
import { ConnectBudget } from "../../src/stream/connect_budget.ts";
import type { SlotLook } from "../../src/stream/connection_slot.ts";
import { FilteredStream, type SignsOfLife } from "../../src/stream/filtered_stream.ts";
import type { TweetHandler } from "../../src/stream/reading.ts";
import { Token } from "../../src/stream/token.ts";
import type { Transport } from "../../src/stream/transport.ts";
import { FakeClock } from "./fake_clock.ts";

const encoder = new TextEncoder();

/** A stream, and what came of it. */
export class HeldStream {
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
      hasWorked: () => hasWorked,
      stallMs: 45_000,
      connectTimeoutMs: 30_000,
      backfillMinutes: () => this.backfillMinutes,
      fields: { "tweet.fields": "id,text", expansions: "author_id" },
      clock: this.clock,
      random,
      events: this.events,
      slot: {
        prepare: () => Promise.resolve(),
        learnOwn: (signal) => this.learnOwn(signal),
        look: () => Promise.resolve(this.slotLook),
      },
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

/** A tweet as X sends it. */
export const TWEET = '{"data":{"id":"1","text":"x"},"matching_rules":[{"id":"9"}]}\r\n';
