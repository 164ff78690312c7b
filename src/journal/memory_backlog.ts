/**
 * The backlog in memory, for `--test`: bounded by records and bytes, in the order of acceptance, with a position for
 * each sink.
 *
 * It promises that a record stays until every sink has acknowledged it, and that it lets go of its bytes at once then.
 * It does not survive the process, counts nothing, and remembers the last 100,000 ids.
 */

import { WakeUps } from "../base/wake_ups.ts";
import type { Acknowledgement, Backlog, BacklogEntry, BatchLimits, Position } from "../model/backlog.ts";
import type { TweetRecord } from "../model/record.ts";

/** The empty front of the array is cut off only now and then, so that acknowledging stays cheap. */
const CUT_AT = 4_096;

const MOST_SEEN = 100_000;

export class MemoryBacklog implements Backlog {
  readonly isKept = false;
  readonly #limits: BatchLimits;
  readonly #positions = new Map<string, Position>();
  readonly #seen = new Set<string>();
  readonly #wakeUps = new WakeUps();
  readonly #now: () => number;
  /** `#entries[i]` has the position `#firstPosition + i`; those that are delivered to all are empty. */
  #entries: (BacklogEntry | undefined)[] = [];
  #firstPosition = 1;
  #delivered: Position = 0;
  #bytes = 0;
  #closed = false;

  /**
   * `limits` are the most that may wait, `sinks` the names of all that have to acknowledge a record, and `now` tells the
   * time of acceptance.
   */
  constructor(limits: BatchLimits, sinks: readonly string[], now: () => number = () => 0) {
    this.#limits = limits;
    this.#now = now;
    for (const sink of sinks) this.#positions.set(sink, 0);
    if (this.#positions.size < sinks.length) {
      throw new RangeError(`Cannot make a backlog: two of the sinks have one name: ${sinks.join(", ")}`);
    }
  }

  get waiting(): { records: number; bytes: number } {
    return { records: this.#last - this.#delivered, bytes: this.#bytes };
  }

  get undelivered(): number {
    return this.waiting.records;
  }

  /** The last record that is taken may exceed the bytes: one larger than all of them could never be taken otherwise. */
  get full(): boolean {
    const { records, bytes } = this.waiting;
    return records >= this.#limits.records || bytes >= this.#limits.bytes;
  }

  get closed(): boolean {
    return this.#closed;
  }

  async room(): Promise<void> {
    while (this.full && !this.#closed) await this.#wakeUps.change();
  }

  hasSeen(id: string): boolean {
    return this.#seen.has(id);
  }

  count(): void {}

  accept(record: TweetRecord): boolean {
    if (this.#closed || this.full) return false;
    this.#seen.add(record.id);
    if (this.#seen.size > MOST_SEEN) this.#seen.delete(this.#seen.values().next().value!);
    this.#entries.push({ position: this.#last + 1, record, facts: { at: this.#now(), rules: [] } });
    this.#bytes += record.value.length;
    this.#forgetDelivered();
    return true;
  }

  /** Infinity for a sink that has left: it waits for nothing. */
  positionOf(sink: string): Position {
    const position = this.#positions.get(sink);
    if (position === undefined) throw new RangeError(`Cannot tell a position: the backlog knows no sink ${sink}`);
    return position;
  }

  read(sink: string, after: Position, limits: BatchLimits): BacklogEntry[] {
    const entries: BacklogEntry[] = [];
    let bytes = 0;
    for (
      let position = this.#nothingBefore(sink, after) + 1;
      position <= this.#last && entries.length < limits.records;
      position++
    ) {
      const entry = this.#entries[position - this.#firstPosition];
      if (!entry) throw new RangeError(`Cannot read position ${position}: it has left the backlog`);
      bytes += entry.record.value.length;
      if (entries.length > 0 && bytes > limits.bytes) break;
      entries.push(entry);
    }
    return entries;
  }

  async more(sink: string, after: Position): Promise<void> {
    while (this.#last <= this.#nothingBefore(sink, after) && !this.#closed) await this.#wakeUps.change();
  }

  acknowledge(sink: string, { entries }: Acknowledgement): void {
    const position = entries.at(-1)?.position;
    if (position === undefined) return;
    const before = this.positionOf(sink);
    if (position < before || position > this.#last) {
      throw new RangeError(`Cannot acknowledge position ${position} for ${sink}: it is at ${before} of ${this.#last}`);
    }
    this.#positions.set(sink, position);
    this.#forgetDelivered();
  }

  leave(sink: string): number {
    const missed = Math.max(0, this.#last - this.positionOf(sink));
    this.#positions.set(sink, Infinity);
    this.#forgetDelivered();
    return missed;
  }

  settle(): void {}

  close(): void {
    this.#closed = true;
    this.#wakeUps.wakeAll();
  }

  /** From a position on, the one up to which there is nothing for a sink. */
  #nothingBefore(sink: string, after: Position): Position {
    return this.positionOf(sink) === Infinity ? Infinity : after;
  }

  /** Lets go of the records that every sink has. */
  #forgetDelivered(): void {
    const delivered = Math.min(this.#last, ...this.#positions.values());
    for (; this.#delivered < delivered; this.#delivered++) {
      const index = this.#delivered + 1 - this.#firstPosition;
      this.#bytes -= this.#entries[index]!.record.value.length;
      this.#entries[index] = undefined;
    }
    const empty = this.#delivered + 1 - this.#firstPosition;
    if (empty >= CUT_AT || empty === this.#entries.length) {
      this.#entries.splice(0, empty);
      this.#firstPosition += empty;
    }
    this.#wakeUps.wakeAll();
  }

  get #last(): Position {
    return this.#firstPosition + this.#entries.length - 1;
  }
}
