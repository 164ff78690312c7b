/**
 * The contract between those who accept tweets and those who deliver them. An accepted record stays until every
 * sink that it was accepted for has acknowledged it; each sink has a position of its own, so a slow one holds up no
 * other. What is handed out to a sink is safe where the backlog promises to keep it.
 */

import type { JsonValue } from "./json.ts";
import type { TweetRecord } from "./record.ts";
import type { Rule } from "./rule.ts";

/** The place of a record in the order of acceptance: 1, 2, 3 and so on. 0 is before the first. */
export type Position = number;

/** Under what a record is counted. */
export interface AcceptedFacts {
  /** When it was accepted, in milliseconds since 1970. */
  readonly at: number;
  /** The backlog's own numbers for the rules that the tweet matched. */
  readonly rules: readonly number[];
}

export interface BacklogEntry {
  readonly position: Position;
  readonly record: TweetRecord;
  readonly facts: AcceptedFacts;
}

/** What one batch may hold. A single record larger than `bytes` is a batch of its own. */
export interface BatchLimits {
  readonly records: number;
  readonly bytes: number;
}

/** What became of a batch that a sink was given. */
export interface Acknowledgement {
  /** The whole batch, as it was read. */
  readonly entries: readonly BacklogEntry[];
  /** Those of it that the sink will never take, with its reasons. */
  readonly refused: ReadonlyMap<Position, string>;
  /** Where the sink says that it has put the others. */
  readonly receipt?: JsonValue | undefined;
}

/** Why a tweet that was received is not accepted, as far as the backlog counts it. */
export type NotAccepted = { readonly outcome: "repeated" } | { readonly outcome: "dropped"; readonly reason: string };

export interface Backlog {
  /** Whether what waits outlives the process. */
  readonly isKept: boolean;
  /** How many records wait for at least one sink, and their bytes. */
  readonly waiting: { readonly records: number; readonly bytes: number };
  /** How many of them the sinks that are there now do not have all; a sink that is away is not asked. */
  readonly undelivered: number;
  /** Whether there is no room for another record. */
  readonly full: boolean;
  /** Resolves when there is room again, or when the backlog is closed. */
  room(): Promise<void>;
  /**
   * Whether a tweet of this id was accepted before; how long ids are remembered is the backlog's to say. Undefined when
   * that cannot be told now: then the backlog is full as well.
   */
  hasSeen(id: string): boolean | undefined;
  /** Takes a record in, in order, for the rules that it matched. Answers false, and takes nothing, when full or closed. */
  accept(record: TweetRecord, rules: readonly Rule[]): boolean;
  /** Counts a received tweet that is not taken in. */
  count(rules: readonly Rule[], why: NotAccepted): void;
  /** The position up to which a sink has everything that was accepted for it. */
  positionOf(sink: string): Position;
  /** The records for a sink after a position, in order, at most one batch. Empty when there are none. */
  read(sink: string, after: Position, limits: BatchLimits): BacklogEntry[];
  /** Resolves when there may be a record for the sink after the position, or when the backlog is closed. */
  more(sink: string, after: Position): Promise<void>;
  /**
   * The sink has done with a batch that was read from its position on. A backlog that was damaged meanwhile may take no
   * notice, and hand the records out again.
   */
  acknowledge(sink: string, acknowledgement: Acknowledgement): void;
  /** The sink takes no more: nothing waits for it any longer. Answers how many records it did not get. */
  leave(sink: string): number;
  /** Writes what is at hand, so that `waiting` leaves out all that was acknowledged. */
  settle(): void;
  /** Nothing more comes in; what is inside can still be read. */
  close(): void;
  readonly closed: boolean;
}
