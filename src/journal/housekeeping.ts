/**
 * Keeps what grows within bounds: ids and receipts for two days, counts by the hour for 90 days and by the day after
 * that. A little at a time, after groups that are written anyway.
 */

import type { Clock } from "../base/clock.ts";
import type { Events } from "../base/events.ts";
import type { Sqlite } from "../base/sqlite.ts";
import { giveUpGaps } from "./gap_repairs.ts";
import { byDayBefore, setState } from "./state_values.ts";
import { DAY_MS, HOUR_MS } from "./tally.ts";

/** How long an id is known for a repeat, and a receipt kept for `verify --sink`. */
export const WINDOW_MS = 48 * HOUR_MS;
/**
 * The ids may take this part of the journal, whatever their age; about what one of them takes, with its index. The
 * default size has room for ten million.
 */
const SEEN_PART = 0.25;
const SEEN_BYTES = 100;
/** How often it is told that ids are kept for a shorter time. */
const TELL_MS = DAY_MS;
/** How far back X's search goes. */
const SEARCHABLE_MS = 7 * DAY_MS;
const HOURLY_MS = 90 * 24 * HOUR_MS;

/** How often there is something to tidy, and how much of it at once. */
const EVERY_MS = 1_000;
const STEP = 10_000;

export class Housekeeping {
  readonly #clock: Clock;
  readonly #events: Events;
  readonly #mostSeen: number;
  #toldShortAt = -Infinity;
  #tidiedAt = -Infinity;
  #putTogetherAt = -Infinity;

  /** `maxBytes` is how large the journal may grow. */
  constructor(clock: Clock, events: Events, maxBytes: number) {
    this.#clock = clock;
    this.#events = events;
    this.#mostSeen = Math.floor(maxBytes * SEEN_PART / SEEN_BYTES);
  }

  /** Tidies when it is time to. Throws SqliteError; what it did not do then is done the next time. */
  tidy(database: Sqlite): void {
    const now = this.#clock.now();
    if (now - this.#tidiedAt < EVERY_MS) return;
    this.#tidiedAt = now;
    database.transaction(() => {
      this.#forgetIds(database, now - WINDOW_MS);
      database.run(
        "DELETE FROM receipts WHERE number IN (SELECT number FROM receipts ORDER BY number LIMIT ?) AND acknowledged_at < ?",
        STEP,
        now - WINDOW_MS,
      );
      if (now - this.#putTogetherAt < HOUR_MS) return;
      this.#putTogetherAt = now;
      giveUpGaps(database, now - SEARCHABLE_MS);
      putHoursTogether(database, now - HOURLY_MS);
    });
  }

  /** The oldest ids are those of the lowest positions. */
  #forgetIds(database: Sqlite, before: number): void {
    const { newest, oldest } = database.get<{ newest: number | null; oldest: number | null }>(
      "SELECT max(position) AS newest, min(position) AS oldest FROM seen",
    )!;
    if (newest === null || oldest === null) return;
    this.#tellShort(database, newest - this.#mostSeen, before);
    database.run(
      "DELETE FROM seen WHERE position IN (SELECT position FROM seen ORDER BY position LIMIT ?) " +
        "AND (accepted_at < ? OR position <= ?)",
      STEP,
      before,
      newest - this.#mostSeen,
    );
  }

  /** Tells that ids up to a position are forgotten earlier than they should be, if they are. */
  #tellShort(database: Sqlite, upTo: number, before: number): void {
    const now = this.#clock.now();
    if (now - this.#toldShortAt < TELL_MS) return;
    const { forgotten } = database.get<{ forgotten: number }>(
      "SELECT accepted_at AS forgotten FROM seen WHERE position <= ? ORDER BY position DESC LIMIT 1",
      upTo,
    ) ?? { forgotten: 0 };
    if (forgotten < before) return;
    this.#toldShortAt = now;
    this.#events.emit("repeats_window_short", { ids: this.#mostSeen, hours: (now - forgotten) / HOUR_MS });
  }
}

/** Counts of hours that began before a moment become counts of their day. */
export function putHoursTogether(database: Sqlite, before: number): void {
  const oldest = database.get<{ hour: number | null }>(
    "SELECT min(hour) AS hour FROM counters WHERE hour % ? != 0",
    DAY_MS,
  );
  if (oldest?.hour == null || oldest.hour >= before) return;
  // Days end before the moment as well, so that no day is put together in two parts.
  const end = Math.floor(before / DAY_MS) * DAY_MS;
  database.run(
    "INSERT INTO counters SELECT hour - hour % ?1 AS day, rule, outcome, detail, sum(count) FROM counters " +
      "WHERE hour < ?2 AND hour % ?1 != 0 GROUP BY day, rule, outcome, detail " +
      "ON CONFLICT DO UPDATE SET count = count + excluded.count",
    DAY_MS,
    end,
  );
  database.run("DELETE FROM counters WHERE hour < ? AND hour % ? != 0", end, DAY_MS);
  setState(database, { by_day_before: Math.max(end, byDayBefore(database)) });
}
