/** What is known of our connection at X: remembered beyond the process, and told to the fleet. */

import type { ConnectionMemory } from "../stream/connection_slot.ts";

export class OwnConnection implements ConnectionMemory {
  readonly #kept: ConnectionMemory | undefined;
  /** X's id of the connection that stands or stood last in this process; empty where it is not known. */
  id = "";
  /** When X granted it, by X's clock, in milliseconds since 1970; 0 for never. */
  grantedAt = 0;

  /** `kept` is absent for `--test`. */
  constructor(kept: ConnectionMemory | undefined) {
    this.#kept = kept;
  }

  get ownConnection(): string | undefined {
    return this.#kept?.ownConnection;
  }

  rememberConnection(id: string): void {
    this.id = id;
    this.#kept?.rememberConnection(id);
  }

  noteGranted(at: number): void {
    this.id = "";
    this.grantedAt = at;
  }
}
