/**
 * How often we may still connect: X allows an app 50 connects in 15 minutes (docs.x.com, Rate limits), and five of them
 * are left to the operator. Who starts again and again would spend them unnoticed, so a log that outlives the process
 * remembers them; and others connect with the same token, so all of them write to one log, where there is one.
 *
 * It promises: a connect is counted before it begins, and once, whichever log knows of it; no more than 45 begin in any
 * 15 minutes, of all that share a log while it answers, else of this process and its own log. Where the shared log does
 * not answer, connecting goes on without it.
 */

import type { Clock } from "../base/clock.ts";
import type { Connect, ConnectAnswer, ConnectRequest } from "../model/connect.ts";

export const WINDOW_MS = 15 * 60_000;
const MOST_CONNECTS = 45;

/** Remembers our connects beyond the process; times in milliseconds since 1970. */
export interface ConnectLog {
  /** Those after a moment. */
  connectsSince(since: number): number[];
  /** Written before the connect begins. Connects before `since` are of no use any more. */
  noteConnect(at: number, since: number): void;
}

/** What all who connect with this token write to. */
export interface SharedConnectLog {
  /**
   * Counts a connect before it begins, if there is room for it, together with what is known here and not yet there;
   * undefined where the log does not answer. Rejects with the signal's reason.
   */
  take(request: ConnectRequest, signal: AbortSignal): Promise<ConnectAnswer | undefined>;
  /** Hands over what began while the log did not answer; it is written as soon as it does. */
  add(connects: readonly Connect[], windowMs: number): void;
}

export interface ConnectLogs {
  readonly own?: ConnectLog | undefined;
  readonly shared?: SharedConnectLog | undefined;
}

export class ConnectBudget {
  readonly #clock: Clock;
  readonly #logs: ConnectLogs;
  /** What is known of the window, by whomever. Told by the monotonic clock: the other may be put back. */
  #connects: readonly Connect[] = [];
  /** Those that are out of the window though our own log says otherwise, for the clock was put back: they are for good. */
  readonly #old = new Set<string>();
  /** The last that was asked for: one is decided after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock, logs: ConnectLogs = {}) {
    this.#clock = clock;
    this.#logs = logs;
    this.#readOwnLog();
  }

  /** How many connects are left in the current window, by what was known last. */
  get left(): number {
    this.#forgetOld();
    return Math.max(0, MOST_CONNECTS - this.#connects.length);
  }

  /**
   * Counts a connect that begins now, and answers with 0; where it must not begin yet nothing is counted, and the answer
   * is for how many milliseconds. Rejects with the signal's reason.
   */
  take(signal: AbortSignal): Promise<number> {
    const taken = this.#last.then(() => this.#take(signal));
    this.#last = taken.catch(() => {});
    return taken;
  }

  async #take(signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    this.#forgetOld();
    this.#readOwnLog();
    const at = this.#newName();
    const request = { name: String(at), most: MOST_CONNECTS, windowMs: WINDOW_MS, known: this.#connects };
    const answer = await this.#logs.shared?.take(request, signal);
    if (answer) this.#connects = answer.connects;
    this.#forgetOld();
    if (!(answer?.isTaken ?? this.left > 0)) return this.#waitMs();
    if (!answer) {
      this.#connects = [...this.#connects, { name: request.name, beganAt: this.#clock.monotonic() }];
      this.#logs.shared?.add(this.#connects, WINDOW_MS);
    }
    this.#logs.own?.noteConnect(at, this.#clock.now() - WINDOW_MS);
    return 0;
  }

  /** Now, in milliseconds since 1970, as no other connect is known by. */
  #newName(): number {
    const names = new Set(this.#connects.map(({ name }) => name));
    let at = this.#clock.now();
    while (names.has(String(at))) at += 1;
    return at;
  }

  /** Milliseconds until the next connect is allowed: never none. */
  #waitMs(): number {
    const began = this.#connects.map(({ beganAt }) => beganAt).sort((one, other) => one - other);
    const first = began[began.length - MOST_CONNECTS] ?? 0;
    return Math.max(1, Math.ceil(first + WINDOW_MS - this.#clock.monotonic()));
  }

  /**
   * Takes in what our own log knows and we do not. What lies in the future is of a clock that was put back since: nobody
   * can tell when it was, and now is the safest guess.
   */
  #readOwnLog(): void {
    const [now, monotonic] = [this.#clock.now(), this.#clock.monotonic()];
    const names = new Set(this.#connects.map(({ name }) => name));
    const unknown = (this.#logs.own?.connectsSince(now - WINDOW_MS) ?? [])
      .map((at) => ({ name: String(at), beganAt: monotonic - Math.max(0, now - at) }))
      .filter(({ name }) => !names.has(name) && !this.#old.has(name));
    if (unknown.length > 0) this.#connects = [...this.#connects, ...unknown];
  }

  #forgetOld(): void {
    const oldest = this.#clock.monotonic() - WINDOW_MS;
    for (const { beganAt, name } of this.#connects) if (beganAt <= oldest) this.#old.add(name);
    this.#connects = this.#connects.filter(({ beganAt }) => beganAt > oldest);
    const since = this.#clock.now() - WINDOW_MS;
    for (const name of this.#old) if (Number(name) <= since) this.#old.delete(name);
  }
}
