/**
 * What has to be remembered of X beyond the process, beside the tweets: when connects began, for X counts them for the app,
 * which connection is ours, and whether there ever was one. Where the disk does not allow it now, this process alone knows.
 */

import { writeListening } from "./gap_changes.ts";
import { type GapTotals, gapTotals } from "./gaps.ts";
import type { HeldFile } from "./held_file.ts";
import { noteOf, setNote, stateOf } from "./state_values.ts";

const OWN_CONNECTION = "own_connection";
const ALONE = "alone_in_fleet";

export class StreamMemory {
  readonly #held: HeldFile;
  readonly #onTrouble: () => void;

  /** `onTrouble` is called where something could not be written. */
  constructor(held: HeldFile, onTrouble: () => void) {
    this.#held = held;
    this.#onTrouble = onTrouble;
  }

  /** All gaps together; undefined where that cannot be told now. */
  gapTotals(now: number): GapTotals | undefined {
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
    return this.#held.attempt("read", ({ database }) => noteOf(database, OWN_CONNECTION))?.value;
  }

  rememberConnection(id: string): void {
    if (!this.#held.attempt("write", ({ database }) => setNote(database, OWN_CONNECTION, id))) this.#onTrouble();
  }

  /** Whether no other instance was there when this one last looked. */
  get wasAlone(): boolean {
    return this.#held.attempt("read", ({ database }) => noteOf(database, ALONE))?.value === "yes";
  }

  set wasAlone(isAlone: boolean) {
    if (!this.#held.attempt("write", ({ database }) => setNote(database, ALONE, isAlone ? "yes" : "no"))) {
      this.#onTrouble();
    }
  }

  /** When the oldest record was accepted that a sink still waits for; in milliseconds since 1970. */
  get waitingSince(): number | undefined {
    const oldest = this.#held.attempt(
      "read",
      ({ database }) => database.get<{ at: number }>("SELECT accepted_at AS at FROM records ORDER BY position LIMIT 1"),
    );
    return oldest?.value?.at;
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
