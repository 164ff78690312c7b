/**
 * The executable that some tasks hurt or watch: it has to be there already.
 *
 * @module
 */
import { exists, inRoot } from "./paths.ts";
import { TaskError } from "./task_error.ts";

const UNAVAILABLE = 69;

/** The variable that tells tests which program to run. Throws TaskError where there is none. */
export function executableVariable(what: string): Readonly<Record<string, string>> {
  const path = inRoot("dist/traptor");
  if (exists(path)) return { TRAPTOR_EXECUTABLE: path };
  throw new TaskError(
    `There is no executable to ${what}: dist/traptor is not there.`,
    "Try `deno task compile`.",
    UNAVAILABLE,
  );
}
