/**
 * The errors that callers act on. Adapters translate a vendor's errors into these, so that nothing above
 * a room's adapter ever sees a vendor class. What is not one of these is a bug and ends with exit code 70.
 *
 * Every message is a sentence without a full stop that says what cannot be done and why; `hint` says what to try.
 * `src/cli/show_error.ts` is the only place that prints them to people.
 */

/** Exit codes of the program, after the BSD convention in sysexits.h. */
export const ExitCode = {
  done: 0,
  answerIsNo: 1,
  usage: 64,
  unavailable: 69,
  bug: 70,
  tryLater: 75,
  refused: 77,
  settings: 78,
} as const;

export type ExitCode = typeof ExitCode[keyof typeof ExitCode];

/** Options of every error here: what to try, and the error that led to it. */
export interface ErrorDetails {
  hint: string;
  cause?: unknown;
}

/** An error that ends the command, with the code it ends with and the next step for the person who reads it. */
export abstract class EndingError extends Error {
  abstract readonly exitCode: ExitCode;
  readonly hint: string;

  constructor(message: string, details: ErrorDetails) {
    super(message, { cause: details.cause });
    this.name = new.target.name;
    this.hint = details.hint;
  }
}

/** The command line makes no sense. */
export class UsageError extends EndingError {
  override readonly exitCode = ExitCode.usage;
}

/** A setting, or a file named by a setting, is wrong. */
export class SettingsError extends EndingError {
  override readonly exitCode = ExitCode.settings;
}

/** A service that is needed to finish cannot be reached, or a part is not there. */
export class UnavailableError extends EndingError {
  override readonly exitCode = ExitCode.unavailable;
}

/** Another process or a limit stands in the way for a while. */
export class TryLaterError extends EndingError {
  override readonly exitCode = ExitCode.tryLater;
}

/** X refused the credentials. */
export class RefusedError extends EndingError {
  override readonly exitCode = ExitCode.refused;
}

/** Failed, but worth another try: the food of `retry`. `retryAfterMs` is the least wait that the other side asked for. */
export class TransientError extends Error {
  override readonly name: string = "TransientError";
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** A disk that takes nothing now: full, read-only, failing. Somebody makes room, or mends it. */
export class DiskError extends TransientError {}

/** The words of whatever was thrown, for a log line. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message || error.name;
  return String(error);
}
