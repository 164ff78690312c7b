/**
 * The seam between the outbox and wherever records go. A sink opens, writes, closes; the outbox owns batching,
 * retrying and positions. Every sink passes `tests/conformance/sink.ts`.
 *
 * - `open` makes the sink ready. It throws `TransientError` for what may heal (the outbox opens it again later)
 *   and an `EndingError` for what a person must mend before anything can be delivered.
 * - `write` resolves once every record of the batch is acknowledged: by the brokers, or by the disk. It throws
 *   `TransientError` when none or an unknown part of the batch was written; the outbox then writes the same batch
 *   again, so a record may arrive twice but none is left out. It throws `RejectedRecords` for records that will
 *   never be taken; all others of the batch are then written.
 * - `write` is called with one batch at a time, never empty, in order.
 * - `close` flushes and lets go of everything; it may be called at any time, also before `open` and twice.
 */

import type { BatchLimits } from "../model/backlog.ts";
import type { TweetRecord } from "../model/record.ts";

export interface Sink {
  /** A short name, unique among the sinks of a process: `kafka`, `stdout`, `file`. */
  readonly name: string;
  /** Where it goes, for people: `kafka localhost:9092, topic traptor`. No secrets. */
  readonly target: string;
  readonly limits: BatchLimits;
  open(signal: AbortSignal): Promise<void>;
  write(batch: readonly TweetRecord[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Some records of a batch will never be taken; all the others were written. */
export class RejectedRecords extends Error {
  override readonly name = "RejectedRecords";

  constructor(readonly rejected: readonly { readonly id: string; readonly reason: string }[]) {
    super(`${rejected.length} of the records were refused: ${rejected[0]?.reason ?? "no reason given"}`);
  }
}

/** The reader of the sink has gone (a closed pipe): an orderly end, nothing to retry. */
export class ReaderGone extends Error {
  override readonly name = "ReaderGone";
}
