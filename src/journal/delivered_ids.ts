/** The ids that a sink must have, by its position and its receipts: for those who compare with what is in it. */

import type { Sqlite } from "../base/sqlite.ts";
import type { Position } from "../model/backlog.ts";
import type { JsonValue } from "../model/json.ts";
import { progressIn } from "./sink_positions.ts";

/** An accepted tweet that a sink has. */
export interface DeliveredId {
  readonly position: Position;
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly acceptedAt: number;
}

/** Where a sink says that it has put a batch. */
export interface KeptReceipt {
  readonly first: Position;
  readonly last: Position;
  readonly receipt: JsonValue;
}

/** How many rows are read at once. */
const PAGE = 10_000;

/**
 * The tweets that were accepted for a sink, up to its position, as far back as ids are kept; without dead letters, and
 * without those that wait to be tried again.
 */
export function* deliveredIds(database: Sqlite, sink: string): Generator<DeliveredId> {
  const { isFor, position: upTo } = progressIn(database, sink);
  const others = database.all<{ id: string }>(
    "SELECT id FROM dead WHERE sink = ?1 UNION SELECT id FROM records WHERE only_sink = ?1 AND position > ?2",
    sink,
    upTo,
  );
  const undelivered = new Set(others.map(({ id }) => id));
  const rows = database.inOrder<DeliveredId>(
    "position",
    PAGE,
    "SELECT position, id, accepted_at AS acceptedAt FROM seen WHERE position > ?1 AND position <= ?3 " +
      "ORDER BY position LIMIT ?2",
    upTo,
  );
  for (const row of rows) if (isFor(row.position) && !undelivered.has(row.id)) yield row;
}

/** The ids of the tweets that were accepted from one position to another, as far as they are kept. */
export function idsAt(database: Sqlite, first: Position, last: Position): string[] {
  return database.all<{ id: string }>("SELECT id FROM seen WHERE position BETWEEN ? AND ?", first, last)
    .map(({ id }) => id);
}

/** How many of a sink's records were lost with damaged rows, by the beginning of the hour of acceptance, or its day. */
export function lostByHour(database: Sqlite, sink: string): Map<number, number> {
  const rows = database.all<{ hour: number; count: number }>(
    "SELECT hour, count FROM counters WHERE rule = 0 AND outcome = 'lost' AND detail = ?",
    sink,
  );
  return new Map(rows.map(({ hour, count }) => [hour, count]));
}

/** The receipts of a sink that are kept, in the order in which they came. */
export function* receiptsOf(database: Sqlite, sink: string): Generator<KeptReceipt> {
  const rows = database.inOrder<{ number: number; first: number; last: number; receipt: string }>(
    "number",
    PAGE,
    "SELECT number, first_position AS first, last_position AS last, receipt FROM receipts " +
      "WHERE number > ?1 AND sink = ?3 ORDER BY number LIMIT ?2",
    sink,
  );
  for (const { first, last, receipt } of rows) yield { first, last, receipt: JSON.parse(receipt) };
}
