/**
 * What the simulator did, for the tests that compare: lines sent, connects, requests. It keeps so many of each and
 * counts what it had to let go; it judges nothing.
 */

import type { SimulatorClock } from "./clock.ts";

/** Why a line was sent: as it was posted, or again from the minutes before a connect, or from an interval asked for. */
export type SentKind = "live" | "backfill" | "recovery";

/** A line with a tweet that was handed to the network completely, its line end too. */
export interface SentRecord {
  /** The tweet's id. */
  readonly id: string;
  readonly kind: SentKind;
  readonly connection: string;
  /** Milliseconds since 1970, of the simulator's clock. */
  readonly at: number;
  /** Ids of the rules that matched. */
  readonly rules: readonly string[];
  /** The exact line without its end; absent when lines are not recorded. */
  readonly line?: string;
}

/** A connect of the stream. */
export interface ConnectionRecord {
  /** The connection's id; absent when it was refused. */
  readonly id?: string;
  readonly at: number;
  readonly status: number;
  /** `open`, or why it was refused: X's `connection_issue` or title, or the fault. */
  readonly outcome: string;
  /** Absent when it was refused. */
  readonly kind?: "live" | "recovery";
  closedAt?: number;
  /** Why it ended: the fault, `SlowReader`, `client left`, ... */
  closeReason?: string;
}

export interface RequestRecord {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly at: number;
}

/** Where a tweet's line is within bytes that are sent together. */
export interface LineMark {
  readonly id: string;
  readonly kind: SentKind;
  readonly rules: readonly string[];
  readonly start: number;
  /** Behind the line, before its `\r\n`. */
  readonly end: number;
}

interface Kept {
  readonly mark: LineMark;
  readonly connection: string;
  readonly at: number;
  /** The bytes that the line is part of. */
  readonly bytes: Uint8Array | undefined;
}

export interface LedgerOptions {
  /** Whose milliseconds the stamps are; X's own clock may be wrong. */
  readonly clock: SimulatorClock;
  readonly recordLines: boolean;
  /** How many sent lines are kept. */
  readonly limit: number;
}

const MOST_REQUESTS = 100_000;
/** Memory for recorded lines. */
const MOST_BYTES = 512 * 1024 * 1024;

export class Ledger {
  readonly connections: ConnectionRecord[] = [];
  readonly requests: RequestRecord[] = [];
  readonly #options: LedgerOptions;
  readonly #kept: Kept[] = [];
  /** Those before are let go already. */
  #first = 0;
  #bytes = 0;

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /** How many of the oldest sent lines are kept no more. */
  get forgotten(): number {
    return this.#first;
  }

  /** How many lines were sent in all. */
  get sentCount(): number {
    return this.#first + this.#kept.length;
  }

  noteSent(mark: LineMark, bytes: Uint8Array, connection: string): void {
    const at = this.#options.clock.now();
    const isLineKept = this.#options.recordLines;
    this.#kept.push({ mark, connection, at, bytes: isLineKept ? bytes : undefined });
    if (isLineKept) this.#bytes += mark.end - mark.start;
    if (this.#kept.length > this.#options.limit * 1.1 || this.#bytes > MOST_BYTES * 1.1) this.#forget();
  }

  /** Notes a connect, and answers the record, which `noteClosed` completes. */
  noteConnect(connect: Omit<ConnectionRecord, "at" | "closedAt" | "closeReason">): ConnectionRecord {
    const record = { ...connect, at: this.#options.clock.now() };
    this.connections.push(record);
    return record;
  }

  noteClosed(record: ConnectionRecord, reason: string): void {
    record.closedAt = this.#options.clock.now();
    record.closeReason = reason;
  }

  noteRequest(request: Omit<RequestRecord, "at">): void {
    this.requests.push({ ...request, at: this.#options.clock.now() });
    if (this.requests.length > MOST_REQUESTS) this.requests.splice(0, MOST_REQUESTS / 10);
  }

  /** The lines sent, oldest first: all that are kept, or `limit` of them behind the first `skip` ever sent. */
  sent(skip = 0, limit = Infinity): SentRecord[] {
    const decoder = new TextDecoder();
    const start = Math.max(skip - this.#first, 0);
    return this.#kept.slice(start, start + limit).map(({ mark, connection, at, bytes }) => ({
      id: mark.id,
      kind: mark.kind,
      connection,
      at,
      rules: mark.rules,
      ...(bytes ? { line: decoder.decode(bytes.subarray(mark.start, mark.end)) } : {}),
    }));
  }

  /** Lets the oldest go, many at a time: an array is cut seldom. */
  #forget(): void {
    const lengths = this.#options.recordLines ? this.#kept.map(({ mark }) => mark.end - mark.start) : [];
    let count = Math.max(this.#kept.length - this.#options.limit, 0);
    let freed = lengths.slice(0, count).reduce((sum, length) => sum + length, 0);
    while (this.#bytes - freed > MOST_BYTES) freed += lengths[count++] ?? 0;
    this.#kept.splice(0, count);
    this.#first += count;
    this.#bytes -= freed;
  }
}
