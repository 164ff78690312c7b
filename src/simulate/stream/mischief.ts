/**
 * Makes the faults happen: some of them now and then by themselves, any of them when it is asked to. A fault of the
 * stream that is asked for while none is open hits the next one.
 */

import type { RateLimits } from "../api/rate_limits.ts";
import type { SimulatorClock } from "../clock.ts";
import type { FaultName } from "../faults.ts";
import type { Random } from "../random.ts";
import type { StreamConnection } from "./connection.ts";
import type { Connections } from "./connections.ts";
import { garbage } from "./garbage.ts";
import { disconnectNotice, topLevelDisconnectNotice } from "./notices.ts";

export interface MischiefOptions {
  readonly clock: SimulatorClock;
  readonly random: Random;
  readonly connections: Connections;
  readonly limits: RateLimits;
  /** Faults that happen by themselves. */
  readonly faults: readonly FaultName[];
}

/** How long it takes from one fault that happens by itself to the next, in milliseconds. */
const EVERY_MS = [20_000, 60_000] as const;

/** How long X takes a connection for open whose client is gone: 15 to 20 minutes (plhery/node-twitter-api-v2#332). */
const PHANTOM_MS = 20 * 60_000;

type OnStream = (connection: StreamConnection, ms: number) => void;

/** What a fault does to an open stream, and how long it lasts, in milliseconds. */
const ON_STREAM: Readonly<Record<FaultName, { lasts: readonly [number, number]; act: OnStream } | undefined>> = {
  "disconnect": { lasts: [0, 0], act: (connection) => connection.endWith(disconnectNotice(), "disconnect") },
  "disconnect-top": {
    lasts: [0, 0],
    act: (connection) => connection.endWith(topLevelDisconnectNotice(), "disconnect-top"),
  },
  "stall": { lasts: [60_000, 120_000], act: (connection, ms) => connection.beSilent(ms) },
  "cut-line": { lasts: [0, 0], act: (connection) => connection.cutWithin("line") },
  "cut-character": { lasts: [0, 0], act: (connection) => connection.cutWithin("character") },
  "duplicate": { lasts: [0, 0], act: (connection) => connection.repeat() },
  "garbage": { lasts: [0, 0], act: () => undefined },
  "slow": { lasts: [5_000, 10_000], act: (connection, ms) => connection.beSlow(ms) },
  "split": { lasts: [10_000, 20_000], act: (connection, ms) => connection.split(ms) },
  "phantom": { lasts: [PHANTOM_MS, PHANTOM_MS], act: () => undefined },
  "unavailable": undefined,
  "too-many-connections": undefined,
  "foreign-connection": undefined,
  "accept-close": undefined,
  "rate-limit": undefined,
};

export class Mischief {
  readonly #options: MischiefOptions;
  readonly #waiting: { name: FaultName; ms: number | undefined }[] = [];
  #cancelNext: (() => void) | undefined;
  #unavailableUntil = 0;
  #closings = 0;

  constructor(options: MischiefOptions) {
    this.#options = options;
    if (options.faults.length > 0) this.#plan();
  }

  /** Whether connects get 503 now. */
  get isUnavailable(): boolean {
    return this.#options.clock.now() < this.#unavailableUntil;
  }

  /** Whether this connect is to end at once; asking uses one up. */
  takeClosing(): boolean {
    if (this.#closings === 0) return false;
    this.#closings -= 1;
    return true;
  }

  /** Makes a fault happen now. `ms` is how long it lasts, where it lasts; otherwise chance decides. */
  fire(name: FaultName, ms?: number): void {
    const { connections } = this.#options;
    if (this.#fireAround(name, ms)) return;
    const open = connections.open;
    if (open.length === 0) this.#waiting.push({ name, ms });
    for (const connection of open) this.#fireOn(connection, name, ms);
  }

  /** A stream has opened: what waited for one comes now. */
  opened(connection: StreamConnection): void {
    for (const { name, ms } of this.#waiting.splice(0)) this.#fireOn(connection, name, ms);
  }

  close(): void {
    this.#cancelNext?.();
  }

  #plan(): void {
    const { clock, random, connections, faults } = this.#options;
    this.#cancelNext = clock.after(random.between(...EVERY_MS), () => {
      const name = random.pick(faults);
      // By itself a fault of the stream does not wait for one.
      if (ON_STREAM[name] === undefined || connections.open.length > 0) this.fire(name);
      this.#plan();
    });
  }

  /** The faults that concern requests rather than an open stream. */
  #fireAround(name: FaultName, ms: number | undefined): boolean {
    const { clock, random, connections, limits } = this.#options;
    switch (name) {
      case "rate-limit":
        limits.block(ms ?? random.between(15_000, 45_000));
        return true;
      case "unavailable":
        this.#unavailableUntil = clock.now() + (ms ?? random.between(10_000, 30_000));
        break;
      case "too-many-connections":
        connections.haunt(ms ?? random.between(30_000, 60_000));
        break;
      case "foreign-connection":
        connections.intrude(random.uuid(), ms ?? random.between(30_000, 60_000));
        break;
      case "accept-close":
        this.#closings += 1;
        break;
      default:
        return false;
    }
    for (const connection of connections.open) connection.abort(name);
    return true;
  }

  #fireOn(connection: StreamConnection, name: FaultName, ms: number | undefined): void {
    const { random, connections } = this.#options;
    const fault = ON_STREAM[name];
    const lasts = ms ?? random.between(...fault?.lasts ?? [0, 0]);
    if (name === "garbage") { for (const batch of garbage(random)) connection.send(batch); }
    if (name === "phantom") connections.leaveBehind(connection, lasts, name);
    fault?.act(connection, lasts);
  }
}
