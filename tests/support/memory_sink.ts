/** A sink in memory, for tests of what delivers to sinks. Passes `tests/conformance/sink.ts`. */

import type { BatchLimits } from "../../src/model/backlog.ts";
import type { TweetRecord } from "../../src/model/record.ts";
import type { Sink, Written } from "../../src/deliver/sink.ts";

export interface MemorySinkOptions {
  readonly name?: string;
  readonly limits?: BatchLimits;
}

export class MemorySink implements Sink {
  readonly name: string;
  readonly target: string;
  readonly limits: BatchLimits;
  /** The batches that were taken. */
  readonly batches: (readonly TweetRecord[])[] = [];
  /** How often each was called. */
  readonly calls = { open: 0, write: 0, close: 0 };
  /** What the next calls throw, one after the other; `undefined` lets one pass. */
  readonly openFailures: (Error | undefined)[] = [];
  readonly writeFailures: (Error | undefined)[] = [];
  /** What the next writes answer that take their batch; those that it refuses are not taken. */
  readonly answers: Written[] = [];
  /** What a write waits for before it answers. */
  gate: Promise<void> = Promise.resolve();
  /** Called with each batch before it is taken; what it throws is the write's failure. */
  beforeWrite: (batch: readonly TweetRecord[]) => void = () => {};

  constructor({ name = "memory", limits = { records: 100, bytes: 1_000_000 } }: MemorySinkOptions = {}) {
    this.name = name;
    this.target = `${name} of the test`;
    this.limits = limits;
  }

  /** All records that were taken, in order. */
  get records(): TweetRecord[] {
    return this.batches.flat();
  }

  /** Their ids. */
  get ids(): string[] {
    return this.records.map((record) => record.id);
  }

  open(): Promise<void> {
    this.calls.open++;
    const failure = this.openFailures.shift();
    return failure ? Promise.reject(failure) : Promise.resolve();
  }

  async write(batch: readonly TweetRecord[]): Promise<Written> {
    this.calls.write++;
    this.beforeWrite(batch);
    await this.gate;
    const failure = this.writeFailures.shift();
    if (failure) throw failure;
    const answer = this.answers.shift() ?? {};
    this.batches.push(batch.filter((_record, at) => !answer.refused?.has(at)));
    return answer;
  }

  close(): Promise<void> {
    this.calls.close++;
    return Promise.resolve();
  }
}
