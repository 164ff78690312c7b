/**
 * The life of the journal whose disk loses its power: what its writer does is told by the ids of the tweets, so that who
 * looks at the disk afterwards knows what has to be there. Ids are positions: 1, 2, 3 and so on.
 *
 * @module
 */
import type { Rule } from "../../src/model/rule.ts";
import type { TweetRecord } from "../../src/model/record.ts";
import { recordOf } from "./records.ts";

/** The sinks of the journal. */
export const SINKS = ["file", "kafka"] as const;
export type Sink = typeof SINKS[number];

/** How far a journal is: up to which id tweets are accepted, and acknowledged for each sink. */
export type Progress = Readonly<Record<"accepted" | Sink, number>>;

export const NO_PROGRESS: Progress = { accepted: 0, file: 0, kafka: 0 };

/**
 * What a writer says, a line each: how far it is going, before it does so, and how far it is on disk, by the journal's
 * promise.
 */
export type Said = { readonly doing: Progress } | { readonly promised: Progress };

/** The record with an id: some are small, some take several pages. */
export function lifeRecord(id: number): TweetRecord {
  return recordOf(id, `${id} `.repeat(id % 11 === 0 ? 4_000 : 1 + (id * 37) % 500));
}

/** The rules that it matched. */
export function lifeRules(id: number): readonly Rule[] {
  return RULES.filter((_, index) => id % (index + 2) === 0);
}

/** Whether it came once more before it was accepted. */
export function isRepeated(id: number): boolean {
  return id % 7 === 0;
}

/** Whether a sink refuses it for ever. */
export function isRefused(sink: Sink, id: number): boolean {
  return id % (sink === "kafka" ? 13 : 29) === 0;
}

const RULES: readonly Rule[] = ["deno", "coffee"].map((value) => (
  { ruleId: value, slot: { type: "track", id: 0 }, value, tag: null, extra: {} }
));
