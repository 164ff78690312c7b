/**
 * The states of the stream: the only source for what the log, the metrics and the status say of it. Every transition is
 * one event, with its cause.
 */

import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import type { XFailure } from "./x_failure.ts";

/**
 * - `waiting_for_rules`: there is nothing to collect.
 * - `connecting`: X was asked, and has not answered yet.
 * - `live`: tweets arrive. `idle`: keep-alives only. `behind`: they arrive faster than they can be taken in.
 * - `stalled`: not even these, and the connection is given up.
 * - `refused`: X refuses the token or the app. `backing_off`: another failure, and a wait before the next try; what was
 *   received before it is handed on meanwhile.
 * - `out_of_budget`: X's limit of connects is nearly used up.
 * - `standby`: another instance of the fleet collects.
 * - `stopped`: none of these, for we closed it: for good, or until there is room; the reason says which.
 */
export const STREAM_STATES = [
  "waiting_for_rules",
  "connecting",
  "live",
  "idle",
  "behind",
  "stalled",
  "refused",
  "backing_off",
  "out_of_budget",
  "standby",
  "stopped",
] as const;
export type StreamState = typeof STREAM_STATES[number];

export interface StreamStatus {
  readonly state: StreamState;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Why it is in this state, where that is not the usual way. */
  readonly reason?: string;
  /** Since when no connection has stood, where none does. */
  readonly downSince?: number;
  /** Until when it waits, in milliseconds since 1970. */
  readonly until?: number;
}

/** Whether a connection stands in a state. */
export function isUp(state: StreamState): boolean {
  return state === "live" || state === "idle" || state === "behind";
}

export class StreamStates {
  readonly #clock: Clock;
  readonly #events: Events;
  #status: StreamStatus;

  constructor(clock: Clock, events: Events) {
    this.#clock = clock;
    this.#events = events;
    this.#status = { state: "stopped", since: clock.now(), downSince: clock.now() };
  }

  get status(): StreamStatus {
    return this.#status;
  }

  /** The connection is lost, and the next one is not asked for yet. */
  lose(cause: XFailure): void {
    const state = cause.loss === "stalled" ? "stalled" : cause.mayHeal ? "backing_off" : "refused";
    this.become(state, cause.message);
  }

  /** Whoever reads is told to stop, for the signal's reason. */
  stop(signal: AbortSignal): void {
    this.become("stopped", typeof signal.reason === "string" ? signal.reason : undefined);
  }

  /** Enters a state. Where it is in it already, for the same reason, that is no transition: only the wait is another. */
  become(state: StreamState, reason?: string, waitMs?: number): void {
    const before = this.#status;
    const now = this.#clock.now();
    const downSince = isUp(state) ? undefined : before.downSince ?? now;
    this.#status = {
      state,
      since: before.state === state ? before.since : now,
      ...(downSince === undefined ? {} : { downSince }),
      ...(reason === undefined ? {} : { reason }),
      ...(waitMs === undefined ? {} : { until: now + waitMs }),
    };
    if (before.state === state && before.reason === reason) return;
    this.#events.emit("stream_state", { from: before.state, to: state, cause: reason ?? "" });
  }
}
