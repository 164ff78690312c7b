/**
 * The backlog in memory: bounded by records and bytes, in the order of acceptance, with a position for each sink.
 *
 * It promises that a record stays until every sink has acknowledged it. It does not survive the process.
 */

import type { Backlog, BacklogEntry, BatchLimits, Position } from "../model/backlog.ts";
import type { TweetRecord } from "../model/record.ts";

/** The front is dropped from the array only now and then, so that acknowledging stays cheap. */
const DROP_AT = 4_096;

export class MemoryBacklog implements Backlog {
  readonly #limits: BatchLimits;
  readonly #positions: Map<string, Position>;
  /** `#records[i]` has the position `#firstPosition + i`; those before `#delivered` are delivered to all. */
  #records: TweetRecord[] = [];
  #firstPosition = 1;
  #delivered: Position = 0;
  #bytes = 0;
  #closed = false;
  #wakes: (() => void)[] = [];

  constructor(limits: BatchLimits, sinks: readonly string[]) {
    this.#limits = limits;
    this.#positions = new Map(sinks.map((sink) => [sink, 0]));
  }

  get waiting(): { records: number; bytes: number } {
    return { records: this.#last - this.#delivered, bytes: this.#bytes };
  }

  get full(): boolean {
    const { records, bytes } = this.waiting;
    return records > 0 && (records >= this.#limits.records || bytes >= this.#limits.bytes);
  }

  get closed(): boolean {
    return this.#closed;
  }

  async room(): Promise<void> {
    while (this.full && !this.#closed) await this.#change();
  }

  accept(record: TweetRecord): boolean {
    if (this.#closed || this.full) return false;
    this.#records.push(record);
    this.#bytes += record.value.length;
    this.#wakeAll();
    return true;
  }

  positionOf(sink: string): Position {
    const position = this.#positions.get(sink);
    if (position === undefined) throw new RangeError(`Cannot tell a position: the backlog knows no sink ${sink}`);
    return position;
  }

  read(after: Position, limits: BatchLimits): BacklogEntry[] {
    const entries: BacklogEntry[] = [];
    let bytes = 0;
    for (let position = after + 1; position <= this.#last && entries.length < limits.records; position++) {
      const record = this.#records[position - this.#firstPosition];
      if (!record) throw new RangeError(`Cannot read position ${position}: it has left the backlog`);
      bytes += record.value.length;
      if (entries.length > 0 && bytes > limits.bytes) break;
      entries.push({ position, record });
    }
    return entries;
  }

  async more(after: Position): Promise<void> {
    while (this.#last <= after && !this.#closed) await this.#change();
  }

  acknowledge(sink: string, position: Position): void {
    if (position < this.positionOf(sink) || position > this.#last) {
      throw new RangeError(`Cannot acknowledge position ${position} for ${sink}: it is at ${this.positionOf(sink)}`);
    }
    this.#positions.set(sink, position);
    const delivered = Math.min(...this.#positions.values());
    for (; this.#delivered < delivered; this.#delivered++) {
      this.#bytes -= this.#records[this.#delivered + 1 - this.#firstPosition]!.value.length;
    }
    const gone = this.#delivered + 1 - this.#firstPosition;
    if (gone >= DROP_AT || gone === this.#records.length) {
      this.#records.splice(0, gone);
      this.#firstPosition += gone;
    }
    this.#wakeAll();
  }

  close(): void {
    this.#closed = true;
    this.#wakeAll();
  }

  get #last(): Position {
    return this.#firstPosition + this.#records.length - 1;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wakes.push(resolve));
  }

  #wakeAll(): void {
    if (this.#wakes.length === 0) return;
    const wakes = this.#wakes;
    this.#wakes = [];
    for (const wake of wakes) wake();
  }
}
