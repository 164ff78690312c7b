/**
 * A second copy of the counts, in a small file beside the journal: what was received, and what became of it, by hour,
 * over all rules. It is written once a minute and serves where the journal's own counts cannot be read any more.
 */

import { writeFullySync } from "../base/file_access.ts";
import type { Sqlite } from "../base/sqlite.ts";
import { isObject, type JsonValue } from "../model/json.ts";
import { type Count, type Outcome, OUTCOMES } from "./tally.ts";

/** How often it is written. */
export const COPY_EVERY_MS = 60_000;

/** What the copy holds. */
export interface CopiedCounts {
  readonly at: number;
  readonly lastPosition: number;
  readonly counts: readonly Count[];
}

/** The counts that are copied. */
export function countsToCopy(database: Sqlite): Count[] {
  return database.all<Count>("SELECT hour, rule, outcome, detail, count FROM counters WHERE rule = 0");
}

/** Writes the copy: beside and renamed, so that a crash leaves the old file or the new one. Throws what the disk says. */
export function writeCopy(path: string, copied: CopiedCounts): void {
  const text = `${JSON.stringify(copied)}\n`;
  const beside = `${path}.new`;
  const file = Deno.openSync(beside, { create: true, write: true, truncate: true, mode: 0o600 });
  try {
    writeFullySync(file, new TextEncoder().encode(text));
    file.syncDataSync();
  } finally {
    file.close();
  }
  Deno.renameSync(beside, path);
}

/** The copy; undefined when there is none, or what is there is none. */
export function readCopy(path: string): CopiedCounts | undefined {
  let read: JsonValue;
  try {
    read = JSON.parse(Deno.readTextFileSync(path));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  if (!isObject(read) || !Array.isArray(read["counts"])) return undefined;
  const [at, lastPosition] = [read["at"], read["lastPosition"]];
  if (!Number.isSafeInteger(at) || !Number.isSafeInteger(lastPosition)) return undefined;
  const counts = read["counts"].filter(isCount) as unknown as Count[];
  return { at: at as number, lastPosition: lastPosition as number, counts };
}

function isCount(value: JsonValue): boolean {
  return isObject(value) && OUTCOMES.includes(value["outcome"] as Outcome) && typeof value["detail"] === "string" &&
    ["hour", "rule", "count"].every((name) => Number.isSafeInteger(value[name]));
}
