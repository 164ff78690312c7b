/**
 * The streams that are open, and a record of all that ever were or were refused. It grants slots; whether it refuses a
 * second stream is a matter of the caps.
 */

import type { SimulatorClock } from "../clock.ts";
import type { ConnectionRecord, Ledger } from "../ledger.ts";
import type { StreamConnection } from "./connection.ts";

export class Connections {
  readonly #clock: SimulatorClock;
  readonly #ledger: Ledger;
  readonly #open = new Map<StreamConnection, ConnectionRecord>();
  #phantomUntil = 0;

  constructor(clock: SimulatorClock, ledger: Ledger) {
    this.#clock = clock;
    this.#ledger = ledger;
  }

  /** The streams that are open. */
  get open(): readonly StreamConnection[] {
    return [...this.#open.keys()];
  }

  /** Slots that are taken, by streams and by one that is a phantom. */
  get taken(): number {
    return this.#open.size + (this.#clock.now() < this.#phantomUntil ? 1 : 0);
  }

  /** Lets a slot stay taken for so long though nobody is there. */
  haunt(ms: number): void {
    this.#phantomUntil = this.#clock.now() + ms;
  }

  /** Frees the slot that nobody is in. */
  exorcise(): void {
    this.#phantomUntil = 0;
  }

  noteRefused(status: number, outcome: string): void {
    this.#ledger.connections.push({ at: this.#clock.now(), status, outcome });
  }

  add(connection: StreamConnection): void {
    const record: ConnectionRecord = { id: connection.id, at: this.#clock.now(), status: 200, outcome: "open" };
    this.#ledger.connections.push(record);
    this.#open.set(connection, record);
  }

  remove(connection: StreamConnection): void {
    const record = this.#open.get(connection);
    if (!record) return;
    this.#open.delete(connection);
    record.closedAt = this.#clock.now();
    record.closeReason = connection.closeReason ?? "ended";
  }
}
