/** Gaps in a real journal, for tests of what is done about them. */

import {
  beginRepair,
  endRepair,
  nextToRepair,
  noteReads,
  noteSearches,
  postpone,
  type SearchState,
} from "../../src/journal/gap_repairs.ts";
import { type Gap, type GapCause, gapIn } from "../../src/journal/gaps.ts";
import type { Rule } from "../../src/model/rule.ts";
import { DENO_RULE, type JournalFile } from "./journal_file.ts";

/** What of a gap a test cares about: times in milliseconds from now on. */
export interface GapParts {
  readonly began: number;
  /** Absent for one that lasts. */
  readonly ended?: number;
  readonly cause?: GapCause;
  readonly rules?: readonly Rule[];
}

/** Writes a gap, and answers its number. */
export function writeGapOf(
  file: JournalFile,
  { began, cause = "connection_lost", ended, rules = [DENO_RULE] }: GapParts,
): number {
  const { clock, journal } = file;
  const { listening } = journal;
  listening.beginGap({ at: clock.now() + began, cause, detail: "a cut", rules });
  if (ended !== undefined) listening.noteAlive(clock.now() + ended);
  journal.settle();
  return journal.use((database) => database.get<{ last: number }>("SELECT max(number) AS last FROM gaps"))!.last;
}

/** The gap register of a journal, in the words of its functions. */
export class GapRegister {
  readonly #file: JournalFile;

  constructor(file: JournalFile) {
    this.#file = file;
  }

  gap(number: number): Gap {
    return this.#file.journal.use((database) => gapIn(database, number))!;
  }

  /** The number of the next gap that may be repaired. */
  next(wanted: { readonly isAuto?: boolean; readonly settledMs?: number; readonly afterMs?: number } = {}) {
    const { afterMs = 0, isAuto = true, settledMs = 0 } = wanted;
    const now = this.#file.clock.now() + afterMs;
    const asked = { endedBefore: now - settledMs, askedFor: isAuto ? ["stopped" as const] : undefined, now };
    return this.#file.journal.use((database) => nextToRepair(database, asked))?.number;
  }

  begin(number: number): void {
    this.#file.journal.use((database) => beginRepair(database, number, "search"));
  }

  end(number: number, state: "closed" | "unrecoverable" = "closed"): void {
    this.#file.journal.use((database) => endRepair(database, number, { state, outcome: "search" }));
  }

  postpone(number: number, until: number): void {
    this.#file.journal.use((database) => postpone(database, this.gap(number), until, "in the way"));
  }

  /** So many tweets were read, at so much each in millionths of a dollar. */
  read(number: number, reads: number, each: number, atMs = 0): void {
    const now = this.#file.clock.now() + atMs;
    this.#file.journal.use((database) => noteReads(database, number, { reads, cost: reads * each, now }));
  }

  searched(number: number, found: number, ...searches: SearchState[]): void {
    this.#file.journal.use((database) => noteSearches(database, number, { found, searches }));
  }
}
