/**
 * What a journal says of itself, checked against itself: its counts against each other, against the rows that wait and
 * the dead letters, and every row against its checksum. `balance.ts` does the part about what waits.
 *
 * Everything has to stand still meanwhile: call it in one look.
 */

import type { Sqlite } from "../base/sqlite.ts";
import { deadDifferencesIn, differencesIn } from "./balance.ts";
import { isSound, type RecordRow } from "./checksum.ts";
import { type Gap, gapsIn } from "./gaps.ts";
import { factsOf } from "./record_rows.ts";
import { type RuleRow, rulesNumbered } from "./rule_numbers.ts";
import { waitersIn } from "./sink_positions.ts";
import { HOUR_MS } from "./tally.ts";

/** Tweets by what became of them, over all hours. */
export interface TweetTotals {
  readonly received: number;
  readonly accepted: number;
  readonly repeated: number;
  /** By reason. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** What was accepted for a sink, and what became of it. */
export interface SinkTotals {
  readonly sink: string;
  readonly due: number;
  readonly delivered: number;
  readonly dead: number;
  readonly unread: number;
  readonly lost: number;
  /** How many must be waiting by the counts, and how many rows wait. */
  readonly waiting: number;
  readonly waitingRows: number;
}

/** Two numbers that must be the same and are not. */
export interface Imbalance {
  /** The beginning of the hour of acceptance, or of the day where hours were put together. */
  readonly hour: number;
  /** A rule's number; 0 for all. */
  readonly rule: number;
  /** Empty where it is about no sink. */
  readonly sink: string;
  /**
   * `waiting`: records by the counts, and rows; `dead`: dead letters by the counts, and rows; `received`: tweets
   * received, and accepted, repeated or dropped; `due`: tweets accepted, and those due to a sink that takes all.
   */
  readonly what: "waiting" | "dead" | "received" | "due";
  readonly expected: number;
  readonly found: number;
}

/** A row that is not what was written. */
export interface DamagedRow {
  readonly table: "records" | "dead";
  /** The record's position, or the dead letter's number. */
  readonly place: number;
  readonly id: string;
  readonly acceptedAt: number;
}

export interface Audit {
  /** The first and the last hour that anything is counted of; undefined where nothing is. */
  readonly span: { readonly from: number; readonly to: number } | undefined;
  readonly tweets: TweetTotals;
  readonly sinks: readonly SinkTotals[];
  readonly imbalances: readonly Imbalance[];
  readonly damaged: readonly DamagedRow[];
  /** Intervals of which not everything is here, by their beginnings. */
  readonly gaps: readonly Gap[];
  /** Those rules that imbalances name, by number. */
  readonly rules: ReadonlyMap<number, RuleRow>;
}

/** How many rows are read at once, where their values are read too. */
const PAGE = 500;

export function audit(database: Sqlite): Audit {
  const waiting = differencesIn(database, waitersIn(database))
    .map((difference): Imbalance => ({ ...difference, what: "waiting" }));
  const dead = deadDifferencesIn(database).map((difference): Imbalance => ({ ...difference, what: "dead" }));
  const imbalances = [...waiting, ...dead, ...unlikeReceived(database), ...unlikeDue(database)]
    .sort((one, other) => one.hour - other.hour || one.rule - other.rule);
  return {
    span: spanOf(database),
    tweets: tweetTotals(database),
    sinks: sinkTotals(database, waiting),
    imbalances,
    damaged: [...damagedIn(database, "records"), ...damagedIn(database, "dead")],
    gaps: [...gapsIn(database)].sort((one, other) => one.beganAt - other.beganAt),
    rules: new Map(
      rulesNumbered(database, new Set(imbalances.map(({ rule }) => rule))).map((rule) => [rule.number, rule]),
    ),
  };
}

function spanOf(database: Sqlite): Audit["span"] {
  const { first, last } = database.get<{ first: number | null; last: number | null }>(
    "SELECT min(hour) AS first, max(hour) AS last FROM counters",
  )!;
  return first === null || last === null ? undefined : { from: first, to: last + HOUR_MS };
}

function tweetTotals(database: Sqlite): TweetTotals {
  const counts = database.all<{ outcome: string; detail: string; count: number }>(
    "SELECT outcome, detail, sum(count) AS count FROM counters WHERE rule = 0 GROUP BY outcome, detail",
  );
  const of = (outcome: string) => counts.find((entry) => entry.outcome === outcome)?.count ?? 0;
  const dropped = counts.filter(({ outcome }) => outcome === "dropped");
  return {
    received: of("received"),
    accepted: of("accepted"),
    repeated: of("repeated"),
    dropped: Object.fromEntries(dropped.map(({ detail, count }) => [detail, count])),
  };
}

function sinkTotals(database: Sqlite, differences: readonly Imbalance[]): SinkTotals[] {
  const counts = database.all<{ sink: string; outcome: string; count: number }>(
    "SELECT detail AS sink, outcome, sum(count) AS count FROM counters " +
      "WHERE rule = 0 AND outcome IN ('due', 'delivered', 'dead', 'unread', 'lost') GROUP BY detail, outcome",
  );
  const known = database.all<{ name: string }>("SELECT name FROM sinks").map(({ name }) => name);
  const names = new Set([...known, ...counts.map(({ sink }) => sink)]);
  return [...names].sort().map((sink) => {
    const of = (name: string) => counts.find((entry) => entry.sink === sink && entry.outcome === name)?.count ?? 0;
    const parts = {
      due: of("due"),
      delivered: of("delivered"),
      dead: of("dead"),
      unread: of("unread"),
      lost: of("lost"),
    };
    const waiting = parts.due - parts.delivered - parts.dead - parts.unread - parts.lost;
    const ofAll = differences.filter((difference) => difference.rule === 0 && difference.sink === sink);
    const waitingRows = ofAll.reduce((sum, { expected, found }) => sum + found - expected, waiting);
    return { sink, ...parts, waiting, waitingRows };
  });
}

/** Received is accepted, repeated or dropped, in every hour and for every rule. */
function unlikeReceived(database: Sqlite): Imbalance[] {
  return database.all<Omit<Imbalance, "what" | "sink">>(
    "SELECT hour, rule, sum(CASE WHEN outcome = 'received' THEN count ELSE 0 END) AS expected, " +
      "sum(CASE WHEN outcome = 'received' THEN 0 ELSE count END) AS found FROM counters " +
      "WHERE outcome IN ('received', 'accepted', 'repeated', 'dropped') GROUP BY hour, rule HAVING expected != found",
  ).map((row) => ({ ...row, sink: "", what: "received" }));
}

/** What is accepted is due to each sink: to all of it where the sink was always there, to no more of it elsewhere. */
function unlikeDue(database: Sqlite): Imbalance[] {
  return database.all<Omit<Imbalance, "what">>(
    "WITH parts AS (SELECT hour, rule, name AS sink, skips = '[]' AS always, " +
      "sum(CASE outcome WHEN 'accepted' THEN count ELSE 0 END) AS expected, " +
      "sum(CASE WHEN outcome = 'due' AND detail = name THEN count ELSE 0 END) AS found " +
      "FROM counters, sinks WHERE outcome IN ('accepted', 'due') GROUP BY hour, rule, name) " +
      "SELECT hour, rule, sink, expected, found FROM parts WHERE found > expected OR (always AND found != expected)",
  ).map((row) => ({ ...row, what: "due" }));
}

function* damagedIn(database: Sqlite, table: "records" | "dead"): Generator<DamagedRow> {
  const [key, onlySink] = table === "records" ? ["position", "only_sink"] : ["number", "NULL"];
  const rows = database.inOrder<RecordRow & { place: number; crc: number }>(
    "place",
    PAGE,
    `SELECT ${key} AS place, id, accepted_at, rules, headers, value, ${onlySink} AS only_sink, crc FROM ${table} ` +
      `WHERE ${key} > ?1 ORDER BY ${key} LIMIT ?2`,
  );
  for (const row of rows) {
    if (!isSound(row)) yield { table, place: row.place, id: String(row.id), acceptedAt: factsOf(row).at };
  }
}
