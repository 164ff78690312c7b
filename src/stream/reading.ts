/**
 * Reads one connection to its end. One side only cuts bytes into lines and queues them, for X ends a stream whose
 * client does not keep up; the other hands on what has arrived, in order, and as slowly as it has to.
 *
 * It promises: no line that was completely received is left unread, also when the connection is given up meanwhile; a
 * queue that is full is told, and if that lasts the connection is given up: memory stays bounded.
 */

import { BoundedQueue } from "../base/bounded_queue.ts";
import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import { untilAborted } from "../base/signals.ts";
import type { Provenance } from "../model/record.ts";
import { type Problem, readMessage, type TweetMessage } from "../model/stream_message.ts";
import type { Connection } from "./connection.ts";
import { type Frame, FrameReader } from "./frames.ts";
import type { StreamStates } from "./stream_states.ts";
import { networkFailure, wordsOf, XFailure } from "./x_failure.ts";

/** Takes tweets, in order; the next ones come when the promise, if there is one, has resolved. */
export type TweetHandler = (tweets: readonly TweetMessage[], provenance: Provenance) => Promise<void> | void;

/** How many bytes of lines may wait to be handed on: a good minute of the 250 tweets a second that X sends at most. */
export const QUEUE_BYTES = 32_000_000;
/** How long it may be full before the connection is given up, in milliseconds. */
const PATIENCE_MS = 10_000;

/** Problem types that announce the end, by the last segment of their address. */
const DISCONNECTS: readonly string[] = ["operational-disconnect", "client-disconnected", "streaming-connection"];

export interface ReadingOptions {
  readonly connection: Connection;
  readonly states: StreamStates;
  readonly events: Events;
  readonly clock: Clock;
  /** How long X may be silent, in milliseconds. */
  readonly stallMs: number;
  /** Tweets made before this moment, in milliseconds since 1970, were asked for to fill a gap; 0 for none. */
  readonly backfillUntil: number;
  readonly onTweets: TweetHandler;
  /** Something has arrived. */
  readonly onArrival: (at: number) => void;
  /** What arrived at a moment was handed on. */
  readonly onTaken: (at: number) => void;
}

/** What one chunk completed, and when it came. */
interface Arrival {
  readonly at: number;
  readonly frames: readonly Frame[];
}

export class Reading {
  readonly #options: ReadingOptions;
  readonly #queue = new BoundedQueue<Arrival>(QUEUE_BYTES);

  constructor(options: ReadingOptions) {
    this.#options = options;
  }

  /**
   * Reads until the body ends, or the connection does; resolves when all that was received has been handed on. Throws
   * XFailure, and what the handler throws.
   */
  async run(body: ReadableStream<Uint8Array>): Promise<void> {
    const { connection } = this.#options;
    const taken = this.#takeAll();
    taken.catch(() => connection.end());
    try {
      await this.#receiveAll(body);
    } finally {
      this.#queue.end();
      await taken;
    }
  }

  async #receiveAll(body: ReadableStream<Uint8Array>): Promise<void> {
    const { clock, connection, onArrival, stallMs } = this.#options;
    const words = `nothing came for ${stallMs / 1000} s, not even a keep-alive`;
    const stalled = () => new XFailure("network", words, { loss: "stalled" });
    const lines = new FrameReader();
    const reader = body.getReader();
    // The runtime does not always abort a body with its request's signal (Deno 2.9): it is ended by hand as well.
    connection.signal.addEventListener("abort", () => void reader.cancel().catch(() => {}), { once: true });
    while (true) {
      connection.watch(stallMs, stalled);
      const chunk = await untilAborted(reader.read(), connection.signal).catch(refuse);
      connection.unwatch();
      if (chunk.done) break;
      const at = clock.now();
      onArrival(at);
      const frames = lines.push(chunk.value);
      connection.broughtSomething ||= frames.length > 0;
      this.#queue.add({ at, frames }, chunk.value.length);
      if (this.#queue.isFull) await this.#awaitRoom();
    }
    if (lines.unfinishedBytes > 0) throw new XFailure("network", "X ended it in the middle of a line");
  }

  /** Nothing is read meanwhile, so what X would say cannot be heard: its silence does not count. */
  async #awaitRoom(): Promise<void> {
    const { connection, events, states } = this.#options;
    const words = "tweets come faster than they can be taken in";
    states.become("behind", words);
    events.emit("stream_behind", { queuedBytes: QUEUE_BYTES });
    connection.watch(PATIENCE_MS, () => new XFailure("http", words, { loss: "fell_behind" }));
    await this.#queue.room(connection.signal).catch(refuse);
    connection.unwatch();
    states.become("live");
  }

  async #takeAll(): Promise<void> {
    for (let arrival = await this.#queue.next(); arrival; arrival = await this.#queue.next()) {
      await this.#take(arrival);
    }
  }

  async #take({ at, frames }: Arrival): Promise<void> {
    const { backfillUntil, onTaken, onTweets } = this.#options;
    const tweets = frames.flatMap((frame) => this.#tweetsIn(frame));
    const isLive = ({ createdAt }: TweetMessage) => createdAt === null || Date.parse(createdAt) >= backfillUntil;
    const live = tweets.filter(isLive);
    const old = tweets.filter((tweet) => !isLive(tweet));
    if (tweets.length > 0 && !this.#queue.isFull) this.#options.states.become("live");
    if (old.length > 0) await onTweets(old, "backfill");
    if (live.length > 0) await onTweets(live, "live");
    onTaken(at);
  }

  /** A tweet is answered, everything else is told. */
  #tweetsIn(frame: Frame): TweetMessage[] {
    const { events, states } = this.#options;
    if (frame.kind === "keep_alive") {
      if (!this.#queue.isFull) states.become("idle");
      events.emit("keep_alive");
      return [];
    }
    if (frame.kind === "too_long") {
      events.emit("odd_line", { line: "too_long", start: startOf(frame.start), bytes: frame.bytes });
      return [];
    }
    const message = readMessage(frame.line);
    if (message.kind === "notice") this.#heed(message.problems);
    else if (message.kind === "odd") {
      events.emit("odd_line", { line: message.why, start: startOf(frame.line), bytes: frame.line.length });
    } else {
      for (const problem of message.partialErrors) {
        events.emit("partial_errors", { id: message.id, detail: wordsOf(problem) });
      }
      return [message];
    }
    return [];
  }

  /** X says something. Where it is no disconnect there is no reason to hang up: what comes after it would be lost. */
  #heed(problems: readonly Problem[]): void {
    const [problem] = problems;
    const title = problem?.disconnectType ?? problem?.title ?? "";
    this.#options.events.emit("stream_notice", { title, detail: problem?.detail ?? "" });
    if (!problems.some(isDisconnect)) return;
    const words = problem ? wordsOf(problem) : "no reason given";
    this.#options.connection.giveUp(new XFailure("http", `X announced a disconnect: ${words}`, { problem }));
  }
}

/** A read that failed, for whatever reason, is a failure of the network. */
function refuse(error: unknown): never {
  throw networkFailure(error, "it broke off");
}

/** Whether a problem says that X ends this connection. */
function isDisconnect({ problem, disconnectType }: Problem): boolean {
  return disconnectType !== undefined || DISCONNECTS.includes(problem);
}

/** The first characters of a line, for the person who wants to know what it was. */
function startOf(line: Uint8Array): string {
  return new TextDecoder().decode(line.subarray(0, 120));
}
