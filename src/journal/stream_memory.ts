/**
 * What has to be remembered of X beyond the process, beside the tweets: when connects began, for X counts them for the app,
 * which connection is ours, and whether there ever was one. Where the disk does not allow it now, this process alone knows.
 */

import { gapTotals, writeListening } from "./gaps.ts";
import type { HeldFile } from "./held_file.ts";
import { stateOf } from "./state_values.ts";

const OWN_CONNECTION = "own_connection";

export class StreamMemory {
  readonly #held: HeldFile;
  readonly #onTrouble: () => void;

  /** `onTrouble` is called where something could not be written. */
  constructor(held: HeldFile, onTrouble: () => void) {
    this.#held = held;
    this.#onTrouble = onTrouble;
  }

  /** How many gaps are to be seen to, and how long all were together; undefined where that cannot be told now. */
  gapTotals(now: number): { readonly open: number; readonly ms: number } | undefined {
    return this.#held.attempt("read", ({ database }) => gapTotals(database, now))?.value;
  }

  /** Listening begins, maybe for the first time. */
  beginListening(at: number): void {
    if (!this.#held.attempt("write", ({ database }) => writeListening(database, at))) this.#onTrouble();
  }

  /** Whether the stream has ever been heard. */
  get hasWorked(): boolean {
    return this.#held.attempt("read", ({ database }) => stateOf(database, "first_alive_at") > 0)?.value ?? false;
  }

  /** The id of our connection at X, of this process or one before it. */
  get ownConnection(): string | undefined {
    return this.#held.attempt(
      "read",
      ({ database }) => database.get<{ value: string }>("SELECT value FROM notes WHERE name = ?", OWN_CONNECTION),
    )?.value?.value;
  }

  rememberConnection(id: string): void {
    const done = this.#held.attempt("write", ({ database }) =>
      database.run(
        "INSERT INTO notes VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        OWN_CONNECTION,
        id,
      ));
    if (!done) this.#onTrouble();
  }

  /** When connects began, after a moment; in milliseconds since 1970. */
  connectsSince(since: number): number[] {
    const rows = this.#held.attempt(
      "read",
      ({ database }) => database.all<{ at: number }>("SELECT at FROM connects WHERE at > ? ORDER BY at", since),
    );
    return rows?.value.map(({ at }) => at) ?? [];
  }

  /** A connect begins; those before `since` are of no use any more. */
  noteConnect(at: number, since: number): void {
    const done = this.#held.attempt("write", ({ database }) =>
      database.transaction(() => {
        database.run("DELETE FROM connects WHERE at <= ?", since);
        database.run("INSERT INTO connects (at) VALUES (?)", at);
      }));
    if (!done) this.#onTrouble();
  }
}
