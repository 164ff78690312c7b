/**
 * kafkajs 2.2.4 computes a negative delay for its request queue (`throttledUntil` begins at -1), and the runtime warns
 * of it on stderr, where people look for our errors. The warning says nothing that anybody could act on: it, and no
 * other, is left out.
 */

import process from "node:process";

let isQuiet = false;

/** Leaves out warnings of negative timeouts from here on; calling it again does nothing. */
export function quietNegativeTimeouts(): void {
  if (isQuiet) return;
  isQuiet = true;
  const emitWarning = process.emitWarning;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    const name = warning instanceof Error ? warning.name : typeof rest[0] === "string" ? rest[0] : "";
    if (name === "TimeoutNegativeWarning") return;
    (emitWarning as (...all: unknown[]) => void).call(process, warning, ...rest);
  }) as typeof process.emitWarning;
}
