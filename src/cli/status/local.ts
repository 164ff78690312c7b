/**
 * Where rules come from a file there is no Redis to look into: the collector of this machine is asked, at the address that
 * it has written into the lock of its state directory; where none runs, its journal is.
 */

import { systemClock } from "../../base/clock.ts";
import { UnavailableError } from "../../base/errors.ts";
import { gapTotals } from "../../journal/gaps.ts";
import { lookIntoJournal } from "../../journal/journal_reader.ts";
import { journalPath } from "../../journal/open_journal.ts";
import { type Holder, holderIn, tryLockState } from "../../journal/state_lock.ts";
import { type InstanceReport, readInstance } from "../../model/instance.ts";
import { isObject } from "../../model/json.ts";
import { shown } from "../../model/outside_text.ts";
import { statusAt } from "../status_answer.ts";
import type { FleetView, JournalView } from "./fleet_view.ts";
import { whyUnusable } from "./gather.ts";

/** Looks at the collector of a state directory. Throws UnavailableError where one runs and cannot be asked. */
export async function gatherLocal(directory: string): Promise<FleetView> {
  const holder = await holderIn(directory);
  const address = typeof holder?.status === "string" ? holder.status : undefined;
  const answer = address === undefined ? "it serves no status" : await statusAt(address);
  const now = systemClock().now();
  const common = { at: now, ruledSlots: undefined, malformed: [] };
  if (typeof answer !== "string") {
    const instance = readInstance(JSON.stringify(isObject(answer.status) ? answer.status["instance"] ?? null : null));
    // Another program may have got the port of one that has ended.
    if (instance && (holder?.pid === undefined || instance.pid === holder.pid)) {
      const reason = whyUnusable(`${instance.app}:${instance.id}`, instance);
      if (reason !== undefined) throw unavailable(holder, `its answer makes no sense: ${reason}`);
      // Its own clock, which may be scaled.
      const { at } = instance;
      return { ...common, at, source: "collector", place: `http://${address}/status`, apps: [appOf(instance)] };
    }
  }
  if (await isHeld(directory)) {
    throw unavailable(holder, typeof answer === "string" ? answer : "what answers there is another program");
  }
  const path = journalPath(directory);
  const journal = isThere(path) ? journalIn(path, now) : undefined;
  return { ...common, source: "journal", place: directory, apps: [], ...(journal ? { journal } : {}) };
}

function appOf(instance: InstanceReport) {
  return { app: instance.app, instances: [instance], leases: [], alive: [], gapsKnown: 0, writtenOff: [] };
}

function unavailable(holder: Partial<Holder> | undefined, reason: string): UnavailableError {
  const who = holder?.pid === undefined ? "" : ` (process ${holder.pid})`;
  return new UnavailableError(`Cannot ask the collector that runs here${who}: ${shown(reason, 200)}`, {
    hint:
      "again; it has to be started with --status-listen HOST:PORT, which is on by default. `traptor --test` serves none",
  });
}

/** Whether a process has the lock. */
async function isHeld(directory: string): Promise<boolean> {
  if (!isThere(directory)) return false;
  const holder = { pid: Deno.pid, since: new Date(systemClock().now()).toISOString() };
  const lock = await tryLockState(directory, holder);
  lock?.release();
  return lock === undefined;
}

function journalIn(path: string, now: number): JournalView {
  return lookIntoJournal(path, (database) => {
    const { waiting } = database.get<{ waiting: number }>("SELECT count(*) AS waiting FROM records")!;
    const { ms, open } = gapTotals(database, now);
    return { path, waiting, gapsOpen: open, gapMs: ms };
  });
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}
