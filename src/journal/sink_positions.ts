/**
 * How far each sink is. A sink that is new here begins with what comes from now on. One that is not among the sinks any
 * more goes on waiting for what was accepted for it, and for nothing else; when it is back, it gets that first.
 */

import type { Events } from "../base/events.ts";
import type { Sqlite } from "../base/sqlite.ts";
import type { Position } from "../model/backlog.ts";

/** Records after one position, up to another, null for no end, that were not accepted for a sink. */
type Skip = readonly [after: Position, upTo: Position | null];

/** Positions after one, up to another. */
export interface Range {
  readonly after: Position;
  readonly upTo: Position;
}

/** How many ranges that a sink has passed are kept. */
const MOST_PASSED = 100;

/** Tells which sinks wait for the record at a position. */
export interface Waiters {
  waitingFor(position: Position): string[];
}

/** The same for those who only look: by what is written of the sinks. */
export function waitersIn(database: Sqlite): Waiters {
  const sinks = database.all<SinkRow>("SELECT * FROM sinks").map(({ name, position, skips }) => ({
    name,
    position,
    skips: skipsIn(skips),
  }));
  return {
    waitingFor: (position) =>
      sinks.filter((sink) => sink.position < position && !isSkipped(sink.skips, position)).map(({ name }) => name),
  };
}

/** How far a sink is, by what is written of it, and which records were accepted for it. */
export function progressIn(
  database: Sqlite,
  name: string,
): { readonly position: Position; isFor(position: Position): boolean } {
  const row = database.get<SinkRow>("SELECT * FROM sinks WHERE name = ?", name);
  const skips = skipsIn(row?.skips ?? "[]");
  return { position: row?.position ?? 0, isFor: (position) => !isSkipped(skips, position) };
}

/** The sinks that records are accepted for while a collector runs, or were when the last one ended. */
export function presentIn(database: Sqlite): string[] {
  return database.all<SinkRow>("SELECT * FROM sinks")
    .filter(({ skips }) => !skipsIn(skips).some(([, upTo]) => upTo === null))
    .map(({ name }) => name);
}

/** The ranges in a row. Of a row that is damaged nothing is left out: a sink may get more then, and never less. */
function skipsIn(text: string): Skip[] {
  try {
    const skips: unknown = JSON.parse(text);
    return Array.isArray(skips) ? skips.filter(isSkip) : [];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [];
  }
}

function isSkip(value: unknown): value is Skip {
  return Array.isArray(value) && Number.isSafeInteger(value[0]) &&
    (value[1] === null || Number.isSafeInteger(value[1]));
}

/** What a sink waits for. */
function waitedRanges({ position, skips }: Progress): Range[] {
  const ranges: Range[] = [];
  let after = position;
  for (const [begin, end] of skips.toSorted(([one], [other]) => one - other)) {
    if (begin > after) ranges.push({ after, upTo: begin });
    after = Math.max(after, end ?? Infinity);
  }
  return after < Infinity ? [...ranges, { after, upTo: Infinity }] : ranges;
}

/** A range without another. */
function without({ after, upTo }: Range, other: Range): Range[] {
  const parts = [{ after, upTo: Math.min(upTo, other.after) }, { after: Math.max(after, other.upTo), upTo }];
  return parts.filter((part) => part.after < part.upTo);
}

function isSkipped(skips: readonly Skip[], position: Position): boolean {
  return skips.some(([after, upTo]) => position > after && position <= (upTo ?? Infinity));
}

interface SinkRow {
  readonly name: string;
  readonly position: number;
  readonly skips: string;
}

interface Progress {
  position: Position;
  skips: readonly Skip[];
  /** Where looking for more found that there is nothing. */
  nothing?: { readonly after: Position; readonly upTo: Position };
}

export class SinkPositions implements Waiters {
  readonly #sinks = new Map<string, Progress>();
  #present: readonly string[];

  /** Reads the positions, and writes which sinks there are from now on; `last` is the last position handed out. */
  constructor(database: Sqlite, names: readonly string[], last: Position, events: Events) {
    this.#present = [...new Set(names)];
    if (this.present.length < names.length) {
      throw new RangeError(`Cannot open a journal: two of the sinks have one name: ${names.join(", ")}`);
    }
    for (const { name, position, skips } of database.all<SinkRow>("SELECT * FROM sinks")) {
      this.#sinks.set(name, { position, skips: skipsIn(skips) });
    }
    for (const name of this.present) {
      if (!this.#sinks.has(name)) this.#sinks.set(name, { position: last, skips: last > 0 ? [[0, last]] : [] });
    }
    for (const [name, sink] of this.#sinks) {
      const skips = (this.present.includes(name) ? closed : opened)(sink.skips, last);
      sink.skips = oldestTogether(skips, sink.position);
    }
    database.transaction(() => this.write(database));
    for (const name of this.#sinks.keys()) {
      const records = last - this.positionOf(name);
      if (!this.present.includes(name) && records > 0) events.emit("sink_missed", { sink: name, records });
    }
  }

  /** The sinks that records are accepted for. */
  get present(): readonly string[] {
    return this.#present;
  }

  /** Writes how far each sink is, and what is not for it. Part of a transaction. */
  write(database: Sqlite): void {
    for (const [name, { position, skips }] of this.#sinks) {
      database.run(
        "INSERT INTO sinks VALUES (?, ?, ?) " +
          "ON CONFLICT DO UPDATE SET position = excluded.position, skips = excluded.skips",
        name,
        position,
        JSON.stringify(skips),
      );
    }
  }

  /** The position up to which a sink has all that is for it; Infinity for one that waits for nothing. */
  positionOf(name: string): Position {
    return this.nothingBefore(name, this.#sink(name).position);
  }

  /** The same as it is written: up to there the sink was given what was for it. */
  storedPositionOf(name: string): Position {
    return this.#sink(name).position;
  }

  /** From a position on, the one up to which there is nothing for a sink. */
  nothingBefore(name: string, after: Position): Position {
    const { nothing, skips } = this.#sink(name);
    for (let from = after;;) {
      const skip = skips.find(([begin, end]) => from >= begin && from < (end ?? Infinity));
      const next = skip
        ? skip[1] ?? Infinity
        : nothing && from >= nothing.after && from < nothing.upTo
        ? nothing.upTo
        : from;
      if (next === from) return from;
      from = next;
    }
  }

  /** Whether the record at a position was accepted for a sink. */
  isFor(name: string, position: Position): boolean {
    return !isSkipped(this.#sink(name).skips, position);
  }

  foundNothing(name: string, after: Position, upTo: Position): void {
    this.#sink(name).nothing = { after, upTo };
  }

  /** The sink has everything up to a position. Throws RangeError when it goes back, or beyond what is there. */
  advance(name: string, position: Position, committed: Position): void {
    const sink = this.#sink(name);
    if (position < sink.position || position > committed) {
      throw new RangeError(
        `Cannot acknowledge position ${position} for ${name}: it is at ${sink.position} of ${committed}`,
      );
    }
    sink.position = position;
  }

  /** The sink takes no more from now on: what comes after `last` is not for it. What waits after `position` goes on. */
  leave(name: string, { position, last }: { readonly position: Position; readonly last: Position }): void {
    const sink = this.#sink(name);
    sink.position = position;
    sink.skips = opened(sink.skips, last);
    this.#present = this.#present.filter((present) => present !== name);
  }

  /** The position up to which every sink that records are accepted for has everything. */
  delivered(committed: Position): Position {
    return Math.min(committed, ...this.#present.map((name) => this.positionOf(name)));
  }

  /** What no sink waits for, of the records after a position, up to another that `delivered` has told. */
  leaving(after: Position, upTo: Position): Range[] {
    const absent = [...this.#sinks].filter(([name]) => !this.#present.includes(name)).map(([, sink]) => sink);
    const waited = absent.flatMap(waitedRanges);
    return waited.reduce((ranges, range) => ranges.flatMap((one) => without(one, range)), [{ after, upTo }]);
  }

  /** The sinks that still wait for the record at a position. */
  waitingFor(position: Position): string[] {
    return [...this.#sinks.keys()].filter((name) => this.#sink(name).position < position && this.isFor(name, position));
  }

  #sink(name: string): Progress {
    const sink = this.#sinks.get(name);
    if (!sink) throw new RangeError(`Cannot tell a position: the journal knows no sink ${name}`);
    return sink;
  }
}

/** With all that comes from now on left out. */
function opened(skips: readonly Skip[], last: Position): readonly Skip[] {
  if (skips.some(([, upTo]) => upTo === null)) return skips;
  const before = skips.at(-1);
  return before?.[1] === last ? [...skips.slice(0, -1), [before[0], null]] : [...skips, [last, null]];
}

/** What a sink has passed is kept for those who compare; of many such ranges the oldest become one. */
function oldestTogether(skips: readonly Skip[], position: Position): readonly Skip[] {
  const passed = skips.filter(([, upTo]) => upTo !== null && upTo <= position);
  const tooMany = passed.slice(0, Math.max(0, passed.length - MOST_PASSED + 1));
  const [first, last] = [tooMany[0], tooMany.at(-1)];
  return first && last && tooMany.length > 1 ? [[first[0], last[1]], ...skips.slice(tooMany.length)] : skips;
}

/** With nothing left out that comes from now on. */
function closed(skips: readonly Skip[], last: Position): readonly Skip[] {
  return skips.map(([after, upTo]): Skip => [after, upTo ?? last]);
}
