/**
 * The contract between those who accept tweets and those who deliver them. An accepted record stays until every
 * sink has acknowledged it; each sink has a position of its own, so a slow one holds up no other.
 */

import type { TweetRecord } from "./record.ts";

/** The place of a record in the order of acceptance: 1, 2, 3 and so on. 0 is before the first. */
export type Position = number;

export interface BacklogEntry {
  readonly position: Position;
  readonly record: TweetRecord;
}

/** What one batch may hold. A single record larger than `bytes` is a batch of its own. */
export interface BatchLimits {
  readonly records: number;
  readonly bytes: number;
}

export interface Backlog {
  /** How many records wait for at least one sink, and their bytes. */
  readonly waiting: { readonly records: number; readonly bytes: number };
  /** Whether there is no room for another record. */
  readonly full: boolean;
  /** Resolves when there is room again, or when the backlog is closed. */
  room(): Promise<void>;
  /** Takes a record in, in order. Answers false, and takes nothing, when full. */
  accept(record: TweetRecord): boolean;
  /** The position up to which a sink has everything; a sink that is new here begins before the first record. */
  positionOf(sink: string): Position;
  /** The records after a position, in order, at most one batch. Empty when there are none. */
  read(after: Position, limits: BatchLimits): BacklogEntry[];
  /** Resolves when there is a record after the position, or when the backlog is closed. */
  more(after: Position): Promise<void>;
  /** The sink has everything up to and including the position; positions never go back. */
  acknowledge(sink: string, position: Position): void;
  /** The sink takes no more: nothing waits for it any longer. Answers how many records it did not get. */
  leave(sink: string): number;
  /** Nothing more comes in; what is inside can still be read. */
  close(): void;
  readonly closed: boolean;
}
