/**
 * Writes of a group that were answered with an error. One of them may be on disk all the same, and shows when the file is
 * saved and opened again: what it held must not be written a second time.
 */

import type { Group, GroupMark } from "./group.ts";

/** How many are remembered. */
const MOST = 16;

export class FailedWrites {
  #last: number;
  #failed: { readonly number: number; readonly mark: GroupMark }[] = [];

  /** `last` is the number of the last write that is on disk. */
  constructor(last: number) {
    this.#last = last;
  }

  /** Writes a group under a number of its own. Throws what the work throws, and remembers that write then. */
  attempt<Result>(group: Group, work: (number: number) => Result): Result {
    const number = ++this.#last;
    try {
      const result = work(number);
      this.#failed = [];
      return result;
    } catch (error) {
      this.#failed = [...this.#failed.slice(1 - MOST), { number, mark: group.mark() }];
      throw error;
    }
  }

  /** Takes out of a group what the write of a number held, if that failed. */
  leaveOut(group: Group, number: number): void {
    const written = this.#failed.find((write) => write.number === number);
    if (written) group.leaveOut(written.mark);
    this.#failed = [];
  }
}
