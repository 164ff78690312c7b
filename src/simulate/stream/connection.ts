/**
 * One open stream: a bounded queue of lines and the one loop that writes them, well or badly as the mischief wants it.
 * A line counts as sent when the system has taken its last byte. What is queued at a cut is lost, as with X.
 * Source: docs.x.com, Filtered stream: Consuming streaming data, Handling disconnections.
 */

import type { SimulatorClock } from "../clock.ts";
import type { Socket } from "../http/socket.ts";
import type { LineMark } from "../ledger.ts";
import type { Random } from "../random.ts";
import type { Batch } from "./batch.ts";
import { cutWithinCharacter, cutWithinLine } from "./cuts.ts";
import { slowReaderNotice } from "./notices.ts";

export interface ConnectionOptions {
  readonly id: string;
  readonly clock: SimulatorClock;
  readonly random: Random;
  /** Bytes that may wait for a slow reader. */
  readonly queueBytes: number;
  onSent(mark: LineMark, bytes: Uint8Array): void;
}

/** What is sent before everything that is queued, as fast as the client reads. */
export interface Opening {
  readonly batches: AsyncIterable<Batch>;
  /** Why the stream ends once they are sent; without it the stream goes on. */
  readonly endReason?: string;
}

/** X sends a sign of life when nothing else was sent for so long. */
const KEEP_ALIVE_MS = 20_000;
const KEEP_ALIVE: Batch = { bytes: new TextEncoder().encode("\r\n"), marks: [] };
/** How long a reader that is told to be too slow may take to read that. */
const SLOW_READER_GRACE_MS = 5_000;
const SLOW_STEP_MS = 200;

export class StreamConnection {
  readonly id: string;
  readonly openedAt: number;
  readonly #options: ConnectionOptions;
  readonly #queue: Batch[] = [];
  readonly #timers = new Set<() => void>();
  #queuedBytes = 0;
  #lastTweets: Batch | undefined;
  #lastWriteAt: number;
  #silentUntil = 0;
  #slowUntil = 0;
  #splitUntil = 0;
  #cut: "line" | "character" | undefined;
  #socket: Socket | undefined;
  #closeReason: string | undefined;
  /** Set once the rest of the queue is the last that is sent. */
  #isEnding = false;
  #endReason = "ended";
  #wake: () => void = () => undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.id = options.id;
    this.openedAt = this.#lastWriteAt = options.clock.now();
  }

  /** Why it ended; undefined while it stands. */
  get closeReason(): string | undefined {
    return this.#closeReason;
  }

  /** Whether it still takes lines. */
  get isOpen(): boolean {
    return this.#closeReason === undefined && !this.#isEnding;
  }

  /** Queues bytes. A queue that is full ends the connection, as X does with slow readers. */
  send(batch: Batch): void {
    if (!this.isOpen || this.#options.clock.now() < this.#silentUntil) return;
    if (this.#queuedBytes + batch.bytes.length > this.#options.queueBytes) return this.#giveUpOnReader();
    this.#queue.push(batch);
    this.#queuedBytes += batch.bytes.length;
    this.#wake();
  }

  /** Sends the last tweets once more. */
  repeat(): void {
    if (this.#lastTweets) this.send(this.#lastTweets);
  }

  /** Says nothing for so long, not even keep-alives; what is to be sent meanwhile is lost. */
  beSilent(ms: number): void {
    this.#silentUntil = this.#options.clock.now() + ms;
    this.#after(ms, () => this.#wake());
  }

  /** Sends a few bytes at a time for so long. */
  beSlow(ms: number): void {
    this.#slowUntil = this.#options.clock.now() + ms;
  }

  /** Sends chunks of a few bytes, without delay, for so long. */
  split(ms: number): void {
    this.#splitUntil = this.#options.clock.now() + ms;
  }

  /** Cuts the connection in the middle of the next line, or of the next character of several bytes. */
  cutWithin(what: "line" | "character"): void {
    this.#cut = what;
  }

  /** Sends what is queued, then these bytes if there are any, and ends the answer as HTTP does. */
  endWith(last: Batch | undefined, reason: string): void {
    if (!this.isOpen) return;
    if (last) this.#queue.push(last);
    this.#isEnding = true;
    this.#endReason = reason;
    this.#wake();
  }

  /** Cuts the connection here and now. */
  abort(reason: string): void {
    if (this.#closeReason !== undefined) return;
    this.#closeReason = reason;
    this.#socket?.close();
    this.#wake();
  }

  /** Writes until the connection is over, from either side. */
  async run(socket: Socket, opening?: Opening): Promise<void> {
    this.#socket = socket;
    if (this.#closeReason !== undefined) return socket.close();
    const gone = socket.gone().then(() => this.abort("client left"));
    this.#watchSilence();
    try {
      if (opening) await this.#writeOpening(opening, socket);
      await this.#writeQueued(socket);
    } catch {
      this.abort("client left"); // the one way in which writing to a socket fails
    }
    this.#closeReason ??= this.#endReason;
    for (const cancel of this.#timers) cancel();
    socket.close();
    await gone;
  }

  async #writeOpening({ batches, endReason }: Opening, socket: Socket): Promise<void> {
    for await (const batch of batches) {
      while (this.#isSilent() && this.isOpen) await this.#woken();
      if (!this.isOpen) return;
      await this.#write(batch, socket);
    }
    if (endReason !== undefined) this.endWith(undefined, endReason);
  }

  async #writeQueued(socket: Socket): Promise<void> {
    while (this.#closeReason === undefined) {
      const batch = this.#isSilent() ? undefined : this.#queue[0];
      if (batch) {
        await this.#write(batch, socket);
        this.#queue.shift();
        this.#queuedBytes -= batch.bytes.length;
      } else if (this.#isEnding && this.#queue.length === 0) {
        return await socket.writeEnd();
      } else {
        await this.#woken();
      }
    }
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => this.#wake = resolve);
  }

  async #write(batch: Batch, socket: Socket): Promise<void> {
    const { bytes, marks } = batch;
    if (marks.length > 0) this.#lastTweets = batch;
    const cutAt = this.#cutPoint(bytes);
    const end = cutAt ?? bytes.length;
    let markAt = 0;
    for (let at = 0; at < end && this.#closeReason === undefined;) {
      const next = Math.min(at + this.#step(), end);
      if (next === cutAt) await socket.writeTornChunk(bytes.subarray(at, next), bytes.length - next);
      else await socket.writeChunk(bytes.subarray(at, next));
      at = next;
      this.#lastWriteAt = this.#options.clock.now();
      for (let mark = marks[markAt]; mark && mark.end + 2 <= at; mark = marks[++markAt]) {
        this.#options.onSent(mark, bytes);
      }
      if (this.#isSlow()) await new Promise<void>((resolve) => this.#after(SLOW_STEP_MS, resolve));
    }
    if (cutAt !== undefined) this.abort(`cut-${this.#cut}`);
  }

  /** Where these bytes are to be cut, if they are. */
  #cutPoint(bytes: Uint8Array): number | undefined {
    if (this.#cut === undefined) return undefined;
    return this.#cut === "line" ? cutWithinLine(bytes) : cutWithinCharacter(bytes);
  }

  /** How many bytes go into the next chunk. */
  #step(): number {
    if (this.#isSlow()) return 1 + this.#options.random.below(40);
    return this.#options.clock.now() < this.#splitUntil ? 1 + this.#options.random.below(17) : Infinity;
  }

  #isSlow(): boolean {
    return this.#options.clock.now() < this.#slowUntil;
  }

  #isSilent(): boolean {
    return this.#options.clock.now() < this.#silentUntil;
  }

  #watchSilence(): void {
    const left = this.#lastWriteAt + KEEP_ALIVE_MS - this.#options.clock.now();
    if (left <= 0) {
      if (this.#queue.length === 0) this.send(KEEP_ALIVE);
      this.#lastWriteAt = this.#options.clock.now();
    }
    this.#after(left > 0 ? left : KEEP_ALIVE_MS, () => this.#watchSilence());
  }

  #giveUpOnReader(): void {
    // What is being written has to be finished; the rest is lost.
    this.#queue.splice(1);
    this.#queuedBytes = this.#queue[0]?.bytes.length ?? 0;
    this.endWith(slowReaderNotice(), "SlowReader");
    this.#after(SLOW_READER_GRACE_MS, () => this.abort("SlowReader"));
  }

  #after(ms: number, callback: () => void): void {
    const cancel = this.#options.clock.after(ms, () => {
      this.#timers.delete(cancel);
      callback();
    });
    this.#timers.add(cancel);
  }
}
