/**
 * Reads one connection to its end. One side only cuts bytes into lines and queues them, for X ends a stream whose
 * client does not keep up; the other hands on what has arrived, in order, and as slowly as it has to.
 *
 * It promises: no line that was completely received is left unread, also when the connection is given up meanwhile; a
 * queue that is full is told once, and costs the connection where half of it is not free soon; what it holds in memory
 * is bounded, however small the pieces are that arrive. Once the connection has ended the state says so, though what was
 * received may take long to be handed on.
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

/** How much memory what waits to be handed on may take, in bytes: half a minute of the 250 tweets a second of X. */
export const QUEUE_BYTES = 32_000_000;
/** What a chunk and a line take in memory beyond their bytes, as measured with Deno 2.9. */
const CHUNK_OVERHEAD_BYTES = 1_000;
const LINE_OVERHEAD_BYTES = 200;
/** How long a full queue may take until half of it is free, before the connection is given up, in milliseconds. */
const PATIENCE_MS = 10_000;

/** The cause when X ended the connection in good order. */
export const ENDED_BY_X = "X ended it";

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
  /** Whether what arrives tells the state: not while the queue is behind, and not when the connection has ended. */
  #tellsState = true;
  /** How many arrivals have not been handed on. */
  #waiting = 0;

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
    let isHandlerBroken = false;
    taken.catch(() => {
      isHandlerBroken = true;
      connection.end();
    });
    let failure: unknown;
    try {
      await this.#receiveAll(body);
    } catch (error) {
      failure = error;
    }
    this.#queue.end();
    this.#tellsState = false;
    if (this.#waiting > 0 && !isHandlerBroken) this.#tellEnd(failure);
    await taken;
    if (failure !== undefined) throw failure;
  }

  /** No connection stands any more, but what was received is still to be handed on. */
  #tellEnd(failure: unknown): void {
    const { connection, states } = this.#options;
    if (connection.outer.aborted) return states.stop(connection.outer);
    const cause = connection.verdict ?? failure ?? new XFailure("http", ENDED_BY_X);
    if (cause instanceof XFailure) states.lose(cause);
  }

  async #receiveAll(body: ReadableStream<Uint8Array>): Promise<void> {
    const { clock, connection, onArrival, stallMs } = this.#options;
    const words = `nothing came for ${stallMs / 1000} s, not even a keep-alive`;
    const stalled = () => new XFailure("network", words, { loss: "stalled" });
    const lines = new FrameReader();
    const reader = body.getReader();
    try {
      while (true) {
        connection.watch(stallMs, stalled);
        const chunk = await untilAborted(reader.read(), connection.signal).catch(refuse);
        connection.unwatch();
        if (chunk.done) break;
        const at = clock.now();
        onArrival(at);
        const frames = lines.push(chunk.value);
        connection.broughtSomething ||= frames.length > 0;
        this.#waiting += 1;
        this.#queue.add({ at, frames }, memoryOf(chunk.value, frames));
        if (this.#queue.isFull) await this.#awaitRoom();
      }
    } finally {
      // However long what was received takes: a connection that has ended cannot become silent.
      connection.unwatch();
      // The runtime does not always abort a body with its request's signal (Deno 2.9): it is ended by hand as well.
      reader.cancel().catch(() => {});
    }
    if (lines.unfinishedBytes > 0) throw new XFailure("network", "X ended it in the middle of a line");
  }

  /** Nothing is read meanwhile, so what X would say cannot be heard: its silence does not count. */
  async #awaitRoom(): Promise<void> {
    const { connection, events, states } = this.#options;
    const words = "tweets come faster than they can be taken in";
    this.#tellsState = false;
    states.become("behind", words);
    events.emit("stream_behind", { queuedBytes: QUEUE_BYTES });
    connection.watch(PATIENCE_MS, () => new XFailure("http", words, { loss: "fell_behind" }));
    await this.#queue.room(connection.signal).catch(refuse);
    connection.unwatch();
    this.#tellsState = true;
    states.become("live");
  }

  async #takeAll(): Promise<void> {
    for (let arrival = await this.#queue.next(); arrival; arrival = await this.#queue.next()) {
      await this.#take(arrival);
      this.#waiting -= 1;
    }
  }

  async #take({ at, frames }: Arrival): Promise<void> {
    const { backfillUntil, onTaken, onTweets } = this.#options;
    const tweets = frames.flatMap((frame) => this.#tweetsIn(frame));
    const isLive = ({ createdAt }: TweetMessage) => createdAt === null || Date.parse(createdAt) >= backfillUntil;
    const live = tweets.filter(isLive);
    const old = tweets.filter((tweet) => !isLive(tweet));
    if (tweets.length > 0 && this.#tellsState) this.#options.states.become("live");
    if (old.length > 0) await onTweets(old, "backfill");
    if (live.length > 0) await onTweets(live, "live");
    onTaken(at);
  }

  /** A tweet is answered, everything else is told. */
  #tweetsIn(frame: Frame): TweetMessage[] {
    const { events, states } = this.#options;
    if (frame.kind === "keep_alive") {
      if (this.#tellsState) states.become("idle");
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

  /**
   * X says something. A disconnect is told with the end of the connection; where it is none there is no reason to hang
   * up: what comes after it would be lost.
   */
  #heed(problems: readonly Problem[]): void {
    const { connection, events } = this.#options;
    const [problem] = problems;
    if (problems.some(isDisconnect) && connection.verdict === undefined) {
      const words = problem ? wordsOf(problem) : "no reason given";
      connection.giveUp(new XFailure("http", `X announced a disconnect: ${words}`, { problem }));
      return;
    }
    const title = problem?.disconnectType ?? problem?.title ?? "";
    events.emit("stream_notice", { title, detail: problem?.detail ?? "" });
  }
}

/** What an arrival takes in memory. */
function memoryOf(chunk: Uint8Array, frames: readonly Frame[]): number {
  return chunk.length + CHUNK_OVERHEAD_BYTES + frames.length * LINE_OVERHEAD_BYTES;
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
