/**
 * The seam between the outbox and wherever records go. A sink opens, writes, closes; the outbox owns batching,
 * retrying and positions. Every sink passes `tests/conformance/sink.ts`.
 *
 * - `open` makes the sink ready. It throws `TransientError` for what may heal (the outbox opens it again later)
 *   and an `EndingError` for what a person must mend before anything can be delivered.
 * - `write` resolves once every record of the batch is acknowledged: by the brokers, or by the disk. It answers which
 *   of them it will never take, with the reasons (all others are written), and where it has put the others, if that is
 *   more than their ids tell. It throws `TransientError` when none or an unknown part of the batch was written; the
 *   outbox then writes the same batch again, so a record may arrive twice but none is left out.
 * - `write` is called with one batch at a time, never empty, in order.
 * - `close` flushes and lets go of everything; it may be called at any time, also before `open` and twice.
 */

import type { BatchLimits } from "../model/backlog.ts";
import type { JsonValue } from "../model/json.ts";
import type { TweetRecord } from "../model/record.ts";

/** What became of a batch. */
export interface Written {
  /** Records that will never be taken, by their place in the batch, with the reasons. */
  readonly refused?: ReadonlyMap<number, string>;
  /** Where the others are: kept for two days, for those who compare. */
  readonly receipt?: JsonValue;
}

export interface Sink {
  /** A short name, unique among the sinks of a process: `kafka`, `stdout`, `file`. */
  readonly name: string;
  /** Where it goes, for people: `kafka localhost:9092, topic traptor`. No secrets. */
  readonly target: string;
  readonly limits: BatchLimits;
  open(signal: AbortSignal): Promise<void>;
  write(batch: readonly TweetRecord[], signal: AbortSignal): Promise<Written>;
  close(): Promise<void>;
}

/** The reader of the sink has gone (a closed pipe): an orderly end, nothing to retry. */
export class ReaderGone extends Error {
  override readonly name = "ReaderGone";
}
