/**
 * The counts of a journal that was saved: made to agree with the rows that are there. What must be there by the counts
 * and is not, is lost; what is there and not counted, is counted now.
 */

import type { Sqlite } from "../base/sqlite.ts";
import { deadDifferencesIn, type Difference, differencesIn } from "./balance.ts";
import { readCopy } from "./counter_copy.ts";
import { noteDamageBetween } from "./gaps.ts";
import { waitersIn } from "./sink_positions.ts";
import { lastPosition, setState, stateOf } from "./state_values.ts";
import { type Count, HOUR_MS, type Outcome, Tally } from "./tally.ts";

/** Takes the counts from their second copy; answers of when it is, undefined when there is none. */
export function useCopy(fresh: Sqlite, copyPath: string): number | undefined {
  const copy = readCopy(copyPath);
  if (!copy) return undefined;
  fresh.transaction(() => {
    for (const { hour, rule, outcome, detail, count } of copy.counts) {
      fresh.run("INSERT OR REPLACE INTO counters VALUES (?, ?, ?, ?, ?)", hour, rule, outcome, detail, count);
    }
    setState(fresh, { last_position: Math.max(copy.lastPosition, stateOf(fresh, "last_position")) });
  });
  return copy.at;
}

/** Brings counts, positions and rows together; answers how many tweets are lost. `names` are the sinks that there are now. */
export function settleCounts(fresh: Sqlite, names: readonly string[], now: number): number {
  findSinks(fresh, names);
  fixState(fresh);
  putSinksBack(fresh);
  const lost = countLost(fresh, now);
  countFound(fresh);
  completeSums(fresh);
  return lost;
}

/** A sink of which no position was saved waits for everything that was. */
function findSinks(fresh: Sqlite, names: readonly string[]): void {
  const isKnown = fresh.get("SELECT 1 FROM sinks LIMIT 1") !== undefined;
  fresh.run(
    "INSERT OR IGNORE INTO sinks SELECT DISTINCT detail, 0, '[]' FROM counters " +
      "WHERE outcome IN ('due', 'delivered', 'dead', 'unread', 'lost')",
  );
  // Where nothing at all was saved of sinks, none of today's can be called new.
  for (const name of isKnown ? [] : names) fresh.run("INSERT OR IGNORE INTO sinks VALUES (?, 0, '[]')", name);
}

/** What follows from the rows that were saved. */
function fixState(fresh: Sqlite): void {
  const { records, bytes } = fresh.get<{ records: number; bytes: number }>(
    "SELECT count(*) AS records, coalesce(sum(length(value)), 0) AS bytes FROM records",
  )!;
  const dead = fresh.get<{ bytes: number }>("SELECT coalesce(sum(length(value)), 0) AS bytes FROM dead")!;
  const counted = fresh.get<{ accepted: number }>(
    "SELECT coalesce(sum(count), 0) AS accepted FROM counters WHERE rule = 0 AND outcome = 'accepted'",
  )!;
  fresh.transaction(() =>
    setState(fresh, {
      dead_bytes: dead.bytes,
      last_position: Math.max(lastPosition(fresh), counted.accepted),
      waiting_records: records,
      waiting_bytes: bytes,
    })
  );
}

/**
 * A sink whose position says that it has more than its counts do is put back to where its counts say: so many records as
 * must wait for it, as far as they are there, are delivered again.
 */
function putSinksBack(fresh: Sqlite): void {
  const waiters = waitersIn(fresh);
  const missing = differencesIn(fresh, waiters).filter(({ rule, expected, found }) => rule === 0 && expected > found);
  fresh.transaction(() => {
    for (const [sink, entries] of Map.groupBy(missing, (difference) => difference.sink)) {
      const more = entries.reduce((sum, { expected, found }) => sum + expected - found, 0);
      const passed = fresh.get<{ position: number }>(
        "SELECT position FROM records WHERE position <= (SELECT position FROM sinks WHERE name = ?) " +
          "ORDER BY position DESC LIMIT 1 OFFSET ?",
        sink,
        more - 1,
      ) ?? fresh.get<{ position: number }>("SELECT min(position) AS position FROM records");
      if (passed?.position == null) continue;
      fresh.run("UPDATE sinks SET position = min(position, ?) WHERE name = ?", passed.position - 1, sink);
    }
  });
}

/** Counts what must be there and is not, and notes the interval as a gap; answers how many over all rules. */
function countLost(fresh: Sqlite, now: number): number {
  const isMissing = ({ expected, found }: Difference) => expected > found;
  const waiting = differencesIn(fresh, waitersIn(fresh)).filter(isMissing);
  const dead = deadDifferencesIn(fresh).filter(isMissing);
  const ofAll = [...waiting, ...dead].filter(({ rule }) => rule === 0);
  fresh.transaction(() => {
    const tally = new Tally();
    for (const { hour, rule, sink, expected, found } of waiting) {
      tally.addTo({ hour, rule }, "lost", sink, expected - found);
    }
    for (const { hour, rule, sink, expected, found } of dead) {
      tally.addTo({ hour, rule }, "dead", sink, found - expected);
      tally.addTo({ hour, rule }, "lost", sink, expected - found);
    }
    tally.write(fresh);
    if (ofAll.length === 0) return;
    const hours = ofAll.map(({ hour }) => hour);
    noteDamageBetween(fresh, Math.min(...hours), Math.min(Math.max(...hours) + HOUR_MS, now), "lost");
  });
  return Math.max(
    0,
    ...Map.groupBy(ofAll, ({ sink }) => sink).values().map((entries) =>
      entries.reduce((sum, { expected, found }) => sum + expected - found, 0)
    ),
  );
}

/**
 * Counts what is there and was not counted. Where one sink waits for more of it than another, the other has had the
 * rest.
 */
function countFound(fresh: Sqlite): void {
  const surplus = differencesIn(fresh, waitersIn(fresh)).filter(({ expected, found }) => found > expected);
  const sinks = fresh.all<{ name: string; skips: string }>("SELECT name, skips FROM sinks");
  const tally = new Tally();
  for (const differences of Map.groupBy(surplus, ({ hour, rule }) => `${hour} ${rule}`).values()) {
    const { hour, rule } = differences[0]!;
    const most = Math.max(...differences.map(({ expected, found }) => found - expected));
    for (const outcome of ["received", "accepted"] as const) tally.addTo({ hour, rule }, outcome, "", most);
    for (const { name, skips } of sinks) {
      const own = differences.find(({ sink }) => sink === name);
      const waiting = own ? own.found - own.expected : 0;
      const had = skips === "[]" ? most - waiting : 0;
      tally.addTo({ hour, rule }, "due", name, waiting + had);
      tally.addTo({ hour, rule }, "delivered", name, had);
    }
  }
  for (const { hour, rule, sink, expected, found } of deadDifferencesIn(fresh)) {
    if (found <= expected) continue;
    for (const outcome of ["due", "dead"] as const) tally.addTo({ hour, rule }, outcome, sink, found - expected);
  }
  fresh.transaction(() => tally.write(fresh));
}

/**
 * Of torn counts a part may be there without the rest: what is due to a sink was accepted, and what was accepted was
 * received and is due to each sink that takes all. What of that became of it nobody knows: it counts as lost.
 */
function completeSums(fresh: Sqlite): void {
  const sinks = fresh.all<{ name: string; skips: string }>("SELECT name, skips FROM sinks");
  const counts = fresh.all<Count>("SELECT * FROM counters");
  const tally = new Tally();
  for (const own of Map.groupBy(counts, ({ hour, rule }) => `${hour} ${rule}`).values()) {
    const { hour, rule } = own[0]!;
    const sum = (...outcomes: readonly Outcome[]) =>
      own.filter(({ outcome }) => outcomes.includes(outcome)).reduce((total, { count }) => total + count, 0);
    const due = (sink: string) => own.find(({ outcome, detail }) => outcome === "due" && detail === sink)?.count ?? 0;
    const accepted = Math.max(
      sum("accepted"),
      ...own.filter(({ outcome }) => outcome === "due").map(({ count }) => count),
    );
    tally.addTo({ hour, rule }, "accepted", "", accepted - sum("accepted"));
    tally.addTo({ hour, rule }, "received", "", accepted + sum("repeated", "dropped") - sum("received"));
    for (const { name } of sinks.filter(({ skips }) => skips === "[]")) {
      for (const outcome of ["due", "lost"] as const) tally.addTo({ hour, rule }, outcome, name, accepted - due(name));
    }
  }
  fresh.transaction(() => tally.write(fresh));
}
