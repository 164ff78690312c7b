/**
 * Reads an interval of the past from X's stream once more: where the app may, X sends it again and then ends the
 * connection by itself.
 *
 * It promises that X ended the connection by itself, at the end of a line, when it resolves: whether the interval was
 * whole X does not tell. It does not try again.
 *
 * Source: docs.x.com, Recovery and redundancy ("once connected, Recovery will re-stream the specified time period, then
 * disconnect"; for Enterprise, at most 24 hours back).
 */

import { Events } from "../base/events.ts";
import type { ConnectBudget } from "./connect_budget.ts";
import { Connection } from "./connection.ts";
import { Reading, type TweetHandler } from "./reading.ts";
import { openStream, type StreamRequest } from "./stream_request.ts";
import { StreamStates } from "./stream_states.ts";
import { toTheSecond } from "./x_time.ts";

/** How far back X goes, in milliseconds. */
export const RECOVERY_REACH_MS = 24 * 3_600_000;

export interface RecoveryOptions extends StreamRequest {
  /** X counts this connect as any other. */
  readonly budget: ConnectBudget;
  readonly events: Events;
  /** How long X may be silent, in milliseconds. */
  readonly stallMs: number;
}

/**
 * Reads an interval, in milliseconds since 1970 by X's clock. Throws XFailure where X refuses it or it broke off, and the
 * signal's reason.
 */
export async function recover(
  options: RecoveryOptions,
  { from, to }: { readonly from: number; readonly to: number },
  onTweets: TweetHandler,
  signal: AbortSignal,
): Promise<void> {
  const { budget, clock, events, stallMs } = options;
  for (let waitMs = await budget.take(signal); waitMs > 0; waitMs = await budget.take(signal)) {
    await clock.sleep(waitMs, signal);
  }
  const connection = new Connection(signal, clock);
  try {
    const { body } = await openStream(options, connection, {
      start_time: toTheSecond(Math.floor(from / 1000)),
      end_time: toTheSecond(Math.ceil(to / 1000)),
    });
    // The states of the live stream are not this one's to change.
    const states = new StreamStates(clock, new Events());
    const reading = new Reading({
      ...{ clock, connection, events, onTweets, stallMs, states },
      backfillUntil: Infinity,
      onArrival() {},
      onTaken() {},
    });
    await reading.run(body);
    if (connection.verdict) throw connection.verdict;
  } catch (error) {
    signal.throwIfAborted();
    throw connection.verdict ?? error;
  } finally {
    connection.end();
  }
}
