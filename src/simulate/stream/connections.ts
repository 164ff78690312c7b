/**
 * The streams that are open, and the connections as X sees them, which is not the same: X may take one for open whose
 * client has long been gone, and has some of others. It grants slots; how many there are is a matter of the caps.
 */

import type { SimulatorClock } from "../clock.ts";
import type { ConnectionRecord, Ledger } from "../ledger.ts";
import type { StreamConnection } from "./connection.ts";

/** A connection as X sees it, by X's clock. */
export interface Listing {
  readonly id: string;
  readonly address: string;
  readonly connectedAt: number;
  /** Whether it takes one of the slots; a recovery does not. */
  readonly hasSlot: boolean;
  /** When X is done with it, which may lie ahead; absent while its client is there. */
  endsAt?: number;
  /** Why; X's own words for it are not published. */
  reason?: string;
}

const OWN_ADDRESS = "127.0.0.1";
/** Of a network that is kept for examples. */
const FOREIGN_ADDRESS = "203.0.113.7";

interface Open {
  readonly listing: Listing;
  readonly record: ConnectionRecord;
}

export class Connections {
  readonly #clock: SimulatorClock;
  readonly #ledger: Ledger;
  readonly #open = new Map<StreamConnection, Open>();
  readonly #listings: Listing[] = [];
  #hauntedUntil = 0;

  constructor(clock: SimulatorClock, ledger: Ledger) {
    this.#clock = clock;
    this.#ledger = ledger;
  }

  /** The streams that are open. */
  get open(): readonly StreamConnection[] {
    return [...this.#open.keys()];
  }

  /** Slots that are taken: by connections that X sees, and by one that it does not. */
  get taken(): number {
    const seen = this.#listings.filter((listing) => listing.hasSlot && this.isActive(listing)).length;
    return seen + (this.#clock.now() < this.#hauntedUntil ? 1 : 0);
  }

  /** Recovery streams that are open. */
  get recoveries(): number {
    return [...this.#open.values()].filter(({ record }) => record.kind === "recovery").length;
  }

  /** All connections that X has seen, oldest first. */
  get listings(): readonly Listing[] {
    return this.#listings;
  }

  /** Whether X takes a connection for open. */
  isActive({ endsAt }: Listing): boolean {
    return endsAt === undefined || this.#clock.now() < endsAt;
  }

  /** Lets a slot stay taken for so long though X sees nobody in it. */
  haunt(ms: number): void {
    this.#hauntedUntil = this.#clock.now() + ms;
  }

  /** Cuts a connection of which X goes on to think for so long that it stands. */
  leaveBehind(connection: StreamConnection, ms: number, reason: string): void {
    const open = this.#open.get(connection);
    if (open) open.listing.endsAt = this.#clock.now() + ms;
    connection.abort(reason);
  }

  /** Lets somebody else have a connection for so long. */
  intrude(id: string, ms: number): void {
    const now = this.#clock.now();
    const listing = { id, address: FOREIGN_ADDRESS, connectedAt: now, hasSlot: true };
    this.#listings.push({ ...listing, endsAt: now + ms, reason: "client left" });
  }

  /** Ends those of these connections that X takes for open, and frees the slot of one that it does not see. */
  end(ids: readonly unknown[], reason: string): number {
    this.#hauntedUntil = 0;
    const ended = this.#listings.filter((listing) => ids.includes(listing.id) && this.isActive(listing));
    for (const listing of ended) {
      listing.endsAt = this.#clock.now();
      listing.reason = reason;
    }
    for (const connection of this.open) if (ids.includes(connection.id)) connection.abort(reason);
    return ended.length;
  }

  noteRefused(status: number, outcome: string): void {
    this.#ledger.noteConnect({ status, outcome });
  }

  add(connection: StreamConnection, kind: "live" | "recovery"): void {
    const { id } = connection;
    const hasSlot = kind === "live";
    const listing: Listing = { id, address: OWN_ADDRESS, connectedAt: this.#clock.now(), hasSlot };
    this.#listings.push(listing);
    this.#open.set(connection, {
      listing,
      record: this.#ledger.noteConnect({ id, status: 200, outcome: "open", kind }),
    });
  }

  remove(connection: StreamConnection): void {
    const open = this.#open.get(connection);
    if (!open) return;
    this.#open.delete(connection);
    const reason = connection.closeReason ?? "ended";
    open.listing.endsAt ??= this.#clock.now();
    open.listing.reason ??= reason;
    this.#ledger.noteClosed(open.record, reason);
  }
}
