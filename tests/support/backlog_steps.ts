/**
 * What is done to a backlog, in few words, for tests of any.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Backlog, BacklogEntry, BatchLimits, Position } from "../../src/model/backlog.ts";
import { settle } from "./fake_clock.ts";
import { DENO_RULE } from "./journal_file.ts";
import { recordOf, recordsOf } from "./records.ts";

/** A batch of everything. */
export const ALL: BatchLimits = { records: 1_000_000, bytes: 1_000_000_000 };

/** Whether the promise has come to an end. */
export async function isOver(promise: Promise<void>): Promise<boolean> {
  let over = false;
  promise.then(() => over = true);
  await settle();
  return over;
}

/** Accepts records with the ids from one to another, and has them written. */
export function accept(backlog: Backlog, from: number, to: number): void {
  for (const record of recordsOf(from, to)) assertEquals(backlog.accept(record, [DENO_RULE]), true);
  backlog.settle();
}

/** Accepts records of 2 kB with the ids from 1 on until no more are taken; answers how many were. */
export function fill(backlog: Backlog): number {
  let taken = 0;
  while (backlog.accept(recordOf(taken + 1, "x".repeat(2_000)), [DENO_RULE])) {
    taken += 1;
    backlog.settle();
  }
  return taken;
}

/** The ids of what a sink would be given after a position. */
export function idsAfter(backlog: Backlog, sink: string, position: Position, limits = ALL): string[] {
  return backlog.read(sink, position, limits).map(({ record }) => record.id);
}

/** A sink has taken all of these. */
export function acknowledge(backlog: Backlog, sink: string, entries: readonly BacklogEntry[]): void {
  backlog.acknowledge(sink, { entries, refused: new Map() });
}

/** A sink takes so many of its records; answers their ids. */
export function take(backlog: Backlog, sink: string, records: number): string[] {
  const entries = backlog.read(sink, backlog.positionOf(sink), { ...ALL, records });
  acknowledge(backlog, sink, entries);
  return entries.map(({ record }) => record.id);
}
