/**
 * How a task says that it cannot be done: two lines, and the exit code.
 *
 * @module
 */

/** A task cannot be done: why, and what to try. Printed by `run.ts` alone. */
export class TaskError extends Error {
  override readonly name = "TaskError";

  /** `message` says what cannot be done and why, `hint` what to try. */
  constructor(message: string, readonly hint: string, readonly exitCode = 1) {
    super(message);
  }
}
