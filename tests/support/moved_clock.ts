/**
 * A clock of one process that is moved while it runs: libfaketime stands between it and the system, and reads from a file
 * how far off the wall clock is. The monotonic clock goes on as it is.
 *
 * @module
 */

const LIBRARIES = [
  "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
  "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
  "/usr/lib/faketime/libfaketimeMT.so.1",
];

/** Where libfaketime is; undefined where it is not installed. */
export const FAKETIME: string | undefined = LIBRARIES.find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

interface Move {
  /** From when on, by the system's clock. */
  readonly at: number;
  readonly aheadMs: number;
}

export class MovedClock {
  readonly #path: string;
  readonly #moves: Move[] = [{ at: Date.now(), aheadMs: 0 }];

  /** `path` is of a file that is written. */
  constructor(path: string) {
    this.#path = path;
    this.#write(0);
  }

  /** What a process needs in its environment for this to be its clock. */
  get environment(): Record<string, string> {
    if (FAKETIME === undefined) return {};
    return {
      LD_PRELOAD: FAKETIME,
      FAKETIME_TIMESTAMP_FILE: this.#path,
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      FAKETIME_NO_CACHE: "1",
      NO_FAKE_STAT: "1",
    };
  }

  /** Moves it, so that it is so far ahead from now on. */
  move(aheadMs: number): void {
    this.#write(aheadMs);
    this.#moves.push({ at: Date.now(), aheadMs });
  }

  /** When that was, by the system's clock, until now: what this clock showed, it may have shown at several moments. */
  momentsOf(shown: number): number[] {
    const now = Date.now();
    return this.#moves.flatMap(({ aheadMs, at }, index) => {
      const moment = shown - aheadMs;
      const until = this.#moves[index + 1]?.at ?? now;
      return moment >= at - ROUNDING_MS && moment <= until + ROUNDING_MS ? [moment] : [];
    });
  }

  /** Renamed, so that nobody reads half of it. */
  #write(aheadMs: number): void {
    const beside = `${this.#path}.new`;
    Deno.writeTextFileSync(beside, `${aheadMs < 0 ? "-" : "+"}${Math.abs(aheadMs) / 1_000}\n`);
    Deno.renameSync(beside, this.#path);
  }
}

/** How long it may take until a move is seen. */
const ROUNDING_MS = 50;
