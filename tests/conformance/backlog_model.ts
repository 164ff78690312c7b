/** A backlog as simple as can be: arrays, and nothing that is ever cut off or forgotten. What real ones are compared with. */

import { assert, assertEquals } from "@std/assert";
import type { Backlog, BacklogEntry, BatchLimits, Position } from "../../src/model/backlog.ts";
import type { TweetRecord } from "../../src/model/record.ts";

export class BacklogModel {
  /** Every record that was accepted: the first has the position 1. */
  readonly #records: { readonly record: TweetRecord; readonly at: number }[] = [];
  /** How far each sink is that takes any. */
  readonly #positions: Map<string, Position>;
  /** The last record that there was when a sink left. */
  readonly #leftAt = new Map<string, Position>();
  /** Up to where records are known to have been written: they must be handed out. */
  #written: Position = 0;

  constructor(sinks: readonly string[]) {
    this.#positions = new Map(sinks.map((sink) => [sink, 0]));
  }

  get sinks(): string[] {
    return [...this.#positions.keys()];
  }

  get last(): Position {
    return this.#records.length;
  }

  positionOf(sink: string): Position {
    return this.#positions.get(sink) ?? Infinity;
  }

  accept(record: TweetRecord, at: number): void {
    this.#records.push({ record, at });
  }

  /** One of the last thousand ids. */
  recentId(chance: () => number): string | undefined {
    return this.#records.at(-1 - Math.floor(chance() * Math.min(1_000, this.last)))?.record.id;
  }

  /** Everything that was accepted is on disk, and what was acknowledged has left. */
  settled(backlog: Backlog): void {
    this.#written = this.last;
    const waiting = this.#records.slice(Math.min(this.last, ...this.#positions.values()));
    const bytes = waiting.reduce((sum, { record }) => sum + record.value.length, 0);
    assertEquals(backlog.waiting, { records: waiting.length, bytes });
  }

  /** Checks what a sink was given after a position: all that it must be given, in order, and no more than it may be. */
  checkBatch(entries: readonly BacklogEntry[], after: Position, limits: BatchLimits): void {
    const most = this.#batch(after, limits, this.last);
    const least = this.#batch(after, limits, this.#written);
    assert(entries.length >= least && entries.length <= most, `${entries.length} records, not ${least} to ${most}`);
    for (const [index, { position, record, facts }] of entries.entries()) {
      const expected = this.#records[after + index]!;
      assertEquals([position, record.id, facts.at], [after + index + 1, expected.record.id, expected.at]);
      assertEquals(record.headers, expected.record.headers);
      // Compared as text: fast, and its difference can be read.
      const [found, wanted] = [record.value, expected.record.value].map((bytes) => new TextDecoder().decode(bytes));
      assert(found === wanted, `record ${record.id} is not what was accepted`);
    }
  }

  acknowledge(sink: string, position: Position): void {
    this.#positions.set(sink, position);
  }

  /** The sink is given nothing more; answers how many records it did not get. */
  leave(sink: string): number {
    const missed = this.last - this.positionOf(sink);
    this.#positions.delete(sink);
    this.#leftAt.set(sink, this.last);
    return missed;
  }

  /**
   * Whether one who waits for more must have been woken, must not have been, or may have been (undefined): while a group
   * is being written, and where a sink has left, by what was there before.
   */
  hasMore(sink: string, after: Position): boolean | undefined {
    const leftAt = this.#leftAt.get(sink) ?? Infinity;
    if (Math.min(this.last, leftAt) <= after) return false;
    if (leftAt < Infinity) return undefined;
    return this.#written > after ? true : undefined;
  }

  /** How many records are in one batch of those up to a position. */
  #batch(after: Position, limits: BatchLimits, upTo: Position): number {
    let [records, bytes] = [0, 0];
    while (after + records < upTo && records < limits.records) {
      bytes += this.#records[after + records]!.record.value.length;
      if (records > 0 && bytes > limits.bytes) break;
      records += 1;
    }
    return records;
  }
}
