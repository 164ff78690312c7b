/**
 * The only place where errors are shown to people: two lines on stderr, what cannot be done and why, and what to try.
 * A bug shows its stack as well, for those who mend it.
 */

import { EndingError, ExitCode } from "../base/errors.ts";
import { shown } from "../model/outside_text.ts";
import { writeError } from "./terminal.ts";

/** Shows an error and answers with the exit code that it deserves. */
export function showError(error: unknown): ExitCode {
  if (error instanceof EndingError) {
    for (const line of error.message.split("\n")) writeError(`${shown(line, 2_000)}\n`);
    writeError(`Try: ${shown(error.hint, 2_000)}\n`);
    return error.exitCode;
  }
  const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  writeError(`traptor has a bug and had to stop: ${shown(words, 2_000)}\n`);
  writeError("Try: starting it again; and please report this, with the lines below\n");
  if (error instanceof Error && error.stack) {
    for (const line of error.stack.split("\n").slice(1)) writeError(`${shown(line)}\n`);
  }
  return ExitCode.bug;
}
