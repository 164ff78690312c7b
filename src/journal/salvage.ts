/**
 * Saves what can be read of a damaged journal into a new one. The damaged file is kept, under another name; rows that
 * cannot be read, or are not what was written, are left behind, and what that loses is counted by hour and rule, for the
 * counts say what must be there.
 *
 * It promises that every row that reads and checks is saved. Where the counts themselves cannot be read, their second
 * copy serves, which may be a minute older and knows no rules.
 */

import type { Events } from "../base/events.ts";
import { Sqlite } from "../base/sqlite.ts";
import { noteDamageBetween } from "./gaps.ts";
import { copyReadable } from "./readable_rows.ts";
import { settleCounts, useCopy } from "./saved_counts.ts";
import { asideOf, finishSalvage, removeAll, savedPath, savingPath } from "./saved_files.ts";
import { migrate } from "./schema.ts";

export interface SalvageOptions {
  readonly path: string;
  readonly copyPath: string;
  /** The names of all sinks that records are accepted for. */
  readonly sinks: readonly string[];
  /** Why it is called damaged. */
  readonly reason: string;
  readonly now: number;
  readonly events: Events;
}

/**
 * Puts a new journal in the place of a damaged one, which is moved aside. A crash at any moment leaves the
 * damaged one, or a new one that is whole: `finishSalvage` takes it from there. Throws SqliteError, and what the system
 * says.
 */
export function salvage(options: SalvageOptions): void {
  const { path, reason, now, events } = options;
  const aside = asideOf(path, now);
  events.emit("journal_damaged", { path, reason, aside });
  removeAll(savingPath(path));
  const fresh = new Sqlite(savingPath(path));
  const { counts, lost, saved } = filled(fresh, options);
  fresh.script("PRAGMA wal_checkpoint(TRUNCATE)");
  fresh.close();
  Deno.renameSync(savingPath(path), savedPath(path));
  finishSalvage(path, now);
  events.emit("journal_salvaged", { saved, lost, counts });
}

function filled(
  fresh: Sqlite,
  { path, copyPath, now, sinks }: SalvageOptions,
): { counts: string; lost: number; saved: number } {
  migrate(fresh);
  const saved = copyReadable(path, fresh);
  let counts = "the journal";
  if (!saved.counters) {
    const copiedAt = useCopy(fresh, copyPath);
    counts = copiedAt === undefined ? "nowhere" : "their second copy";
    // What came since is known by its rows alone.
    noteDamageBetween(fresh, copiedAt ?? now, now, "uncounted");
  }
  return { counts, lost: settleCounts(fresh, sinks, now), saved: saved.records };
}
