/**
 * X's filtered stream, held open: connects, reads, notices that it is dead, connects again by X's published schedule,
 * until it is told to stop. It hands on tweets and knows nothing of rules, records or sinks.
 *
 * It promises: no line that was completely received is left unread, in order; a connection without a sign of life for
 * so long (45 s) is given up, a merely quiet one never; X's limit of connects is kept; every wait ends at once at the signal.
 * It does not promise to fill what was missed between two connections.
 *
 * Source: docs.x.com, Filtered stream: Consuming streaming data, Handling disconnections.
 */

import { messageOf } from "../base/errors.ts";
import type { Events } from "../base/events.ts";
import type { Random } from "../base/random.ts";
import type { ConnectBudget } from "./connect_budget.ts";
import { Connection } from "./connection.ts";
import type { SlotLook } from "./connection_slot.ts";
import { ENDED_BY_X, Reading, type TweetHandler } from "./reading.ts";
import { openStream, type StreamRequest } from "./stream_request.ts";
import { StreamStates, type StreamStatus } from "./stream_states.ts";
import { XBackoff } from "./x_backoff.ts";
import { XFailure } from "./x_failure.ts";

/**
 * A connection of this age has worked, and is opened again at once when it drops. A younger one that brought something
 * is too, but only once in this time: else a server that lets go soon would cause a storm.
 */
const SETTLED_MS = 20_000;

/** How long after a connection was closed at X the next connect begins. */
const FREED_MS = 5_000;
/** How often that is tried in a row. */
const MOST_FREED = 2;

export interface FilteredStreamOptions extends StreamRequest {
  budget: ConnectBudget;
  /** Whether a connection of this app has ever stood, be it in a process before this one. */
  hasWorked?: () => boolean;
  random: Random;
  events: Events;
  /**
   * How long X may be silent, in milliseconds: it sends a keep-alive at least every 20 s, and two that are missing mean
   * that the connection is dead.
   */
  stallMs: number;
  /** How many minutes before the connect X is to send as well; 0 where the app may not ask for it, or has no need. */
  backfillMinutes: () => number;
  /** Looks who has the app's slot when it is taken. */
  slot: Slot;
}

/** Why nothing is read any more. */
export interface Loss {
  /** The last sign of life, in milliseconds since 1970; when the first connect began, where there was none. */
  readonly at: number;
  readonly cause: "connection_lost" | "stalled" | "fell_behind" | "not_connected" | "refused";
  readonly detail: string;
}

/** Whoever keeps account of when the stream lived: a sign of life is any byte, told once it has been handed on. */
export interface SignsOfLife {
  alive(at: number): void;
  lost(loss: Loss): void;
}

/** Whoever knows the app's one slot for a connection. Throws XFailure, and the signal's reason. */
export interface Slot {
  /** Called once before the first connect of a run. */
  prepare(signal: AbortSignal): Promise<void>;
  learnOwn(signal: AbortSignal, grantedAt: number): Promise<void>;
  look(signal: AbortSignal): Promise<SlotLook>;
}

export class FilteredStream {
  readonly #options: FilteredStreamOptions;
  readonly #states: StreamStates;
  #everConnected = false;
  /** How often the slot was said to be free since a connection last stood. */
  #freedInARow = 0;
  /** The last sign of life. */
  #aliveAt: number;

  constructor(options: FilteredStreamOptions) {
    this.#options = options;
    this.#aliveAt = options.clock.now();
    this.#states = new StreamStates(options.clock, options.events);
  }

  get status(): StreamStatus {
    return this.#states.status;
  }

  /** There is nothing to collect, or nothing can be, for that reason: no connection is wanted until it can. */
  waitForRules(reason?: string): void {
    this.#states.become("waiting_for_rules", reason);
  }

  /** How many connects X's limit leaves. */
  get connectsLeft(): number {
    return this.#options.budget.left;
  }

  /**
   * Reads until the signal is aborted, then returns. `signs` hears of every sign of life, and of every loss before the
   * next connect. Throws XFailure when X refuses the token or the app before the first connection ever stood: nobody but
   * the operator can mend that. Throws what the handler throws, also while it is stopped.
   */
  async run(signal: AbortSignal, onTweets: TweetHandler, signs: SignsOfLife = NOBODY): Promise<void> {
    const { clock, events, random } = this.#options;
    const backoff = new XBackoff(random);
    let lastAtOnce = -Infinity;
    /** Why the connection before was lost, where the next one is opened at once. */
    let lostBy: string | undefined;
    // What was before is nothing to this run: it may be that nothing was to be read.
    this.#aliveAt = clock.now();
    try {
      await this.#prepare(signal);
      while (!signal.aborted) {
        await this.#awaitBudget(signal);
        const startedAt = clock.monotonic();
        this.#states.become("connecting", lostBy);
        lostBy = undefined;
        const failure = await this.#connectAndRead(signal, onTweets, signs);
        if (signal.aborted) break;
        signs.lost(this.#lossOf(failure));
        if (failure.cause.kind === "too_many_connections" && await this.#isFreed(failure.cause, signal)) continue;
        const now = clock.monotonic();
        const isSettled = failure.connected && now - startedAt >= SETTLED_MS;
        if (isSettled) backoff.reset();
        if (isSettled || (failure.broughtSomething && now - lastAtOnce >= SETTLED_MS)) {
          lastAtOnce = now;
          lostBy = failure.cause.message;
          continue;
        }
        const kind = failure.connected ? "http" : failure.cause.kind;
        const isNew = !backoff.isFor(kind);
        const waitMs = backoff.next({ kind, retryAfterMs: failure.cause.retryAfterMs });
        if (isNew && kind === "unauthorized" && await this.#renewToken(signal)) continue;
        this.#states.become(failure.cause.mayHeal ? "backing_off" : "refused", failure.cause.message, waitMs);
        events.emit("stream_backing_off", { cause: failure.cause.message, waitMs });
        await clock.sleep(waitMs, signal);
        if (kind === "unauthorized") await this.#renewToken(signal);
      }
    } catch (error) {
      if (!signal.aborted || error !== signal.reason) {
        this.#states.become("stopped", messageOf(error));
        throw error;
      }
    }
    this.#states.stop(signal);
  }

  /** The slot may still be taken by a connection that nobody reads any more. */
  async #prepare(signal: AbortSignal): Promise<void> {
    try {
      await this.#options.slot.prepare(signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof XFailure)) throw error;
      this.#options.events.emit("connections_unknown", { reason: error.message });
    }
  }

  /** Another instance holds the app's connection, or it is not known who does. */
  standBy(reason: string): void {
    this.#states.become("standby", reason);
  }

  /** A token that never worked is wrong, as is a request that X never took; what worked once may work again. */
  #isHopeless({ kind, mayHeal }: XFailure): boolean {
    if (mayHeal || this.#everConnected) return false;
    return kind === "invalid" || !this.#options.hasWorked?.();
  }

  /** The token may have been replaced: whether it was. */
  async #renewToken(signal: AbortSignal): Promise<boolean> {
    const { events, token } = this.#options;
    try {
      if (!await token.renew(signal)) return false;
      events.emit("token_renewed");
      return true;
    } catch (error) {
      signal.throwIfAborted();
      events.emit("token_not_renewed", { reason: messageOf(error) });
      return false;
    }
  }

  /** The slot is taken: whether it is free now. Where it is not, the failure says by whom. */
  async #isFreed(cause: XFailure, signal: AbortSignal): Promise<boolean> {
    const { clock, events, slot } = this.#options;
    try {
      // Who says so again and again without a connection in between is not believed.
      if (this.#freedInARow === MOST_FREED) return false;
      const look = await slot.look(signal);
      if ("holder" in look) {
        cause.message = `the app's only connection is taken ${look.holder}`;
        return false;
      }
      this.#freedInARow += 1;
      if (look.freed !== "by itself") events.emit("connection_freed", { whose: look.freed });
    } catch (error) {
      if (!(error instanceof XFailure)) throw error;
      events.emit("connections_unknown", { reason: error.message });
      return false;
    }
    // X needs a moment; a server that frees nothing must not be asked in a circle.
    this.#states.become("backing_off", "the app's only connection was taken until just now", FREED_MS);
    await clock.sleep(FREED_MS, signal);
    return true;
  }

  /** Finds out which connection ours is, beside reading it. */
  async #learnOwn(signal: AbortSignal, grantedAt: number): Promise<void> {
    try {
      await this.#options.slot.learnOwn(signal, grantedAt);
    } catch (error) {
      if (signal.aborted && error === signal.reason) return;
      if (!(error instanceof XFailure)) throw error;
      if (!signal.aborted) this.#options.events.emit("connections_unknown", { reason: error.message });
    }
  }

  #lossOf({ connected, cause }: { connected: boolean; cause: XFailure }): Loss {
    const kind = !cause.mayHeal ? "refused" : !connected ? "not_connected" : cause.loss ?? "connection_lost";
    return { at: this.#aliveAt, cause: kind, detail: cause.message };
  }

  async #awaitBudget(signal: AbortSignal): Promise<void> {
    let waitMs = await this.#options.budget.take(signal);
    while (waitMs > 0) {
      const cause = "X's limit of connects in 15 minutes is nearly used up";
      this.#states.become("out_of_budget", cause, waitMs);
      this.#options.events.emit("stream_backing_off", { cause, waitMs });
      await this.#options.clock.sleep(waitMs, signal);
      // Others may have taken what the wait was for.
      waitMs = await this.#options.budget.take(signal);
    }
  }

  /** One connection from its beginning to its end; answers why it ended, whether it ever stood, and brought anything. */
  async #connectAndRead(
    signal: AbortSignal,
    onTweets: TweetHandler,
    signs: SignsOfLife,
  ): Promise<{ connected: boolean; broughtSomething: boolean; cause: XFailure }> {
    const connection = new Connection(signal, this.#options.clock);
    let connected = false;
    let learning = Promise.resolve();
    try {
      const minutes = this.#options.backfillMinutes();
      const { body, openedAt } = await openStream(
        this.#options,
        connection,
        minutes > 0 ? { backfill_minutes: String(minutes) } : {},
      );
      connected = true;
      this.#everConnected = true;
      this.#freedInARow = 0;
      this.#states.become("idle");
      this.#options.events.emit("stream_connected");
      learning = this.#learnOwn(connection.signal, openedAt);
      learning.catch(() => connection.end());
      const { clock, events, stallMs } = this.#options;
      const reading = new Reading({
        ...{ clock, connection, events, onTweets, stallMs, states: this.#states },
        backfillUntil: minutes > 0 ? openedAt : 0,
        onArrival: (at) => this.#aliveAt = at,
        onTaken: (at) => signs.alive(at),
      });
      await reading.run(body);
      throw new XFailure("http", ENDED_BY_X);
    } catch (error) {
      if (!(error instanceof XFailure)) throw error;
      const { broughtSomething } = connection;
      if (signal.aborted) return { connected, broughtSomething, cause: new XFailure("network", "stopped") };
      const cause = connection.verdict ?? error;
      if (this.#isHopeless(cause)) throw cause;
      if (cause.loss === "stalled") this.#states.become("stalled", cause.message);
      if (connected) this.#options.events.emit("stream_disconnected", { cause: cause.message });
      return { connected, broughtSomething, cause };
    } finally {
      connection.end();
      await learning;
    }
  }
}

/** Nobody keeps account. */
const NOBODY: SignsOfLife = { alive() {}, lost() {} };
