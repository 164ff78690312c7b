/**
 * A record: what a sink gets for one tweet. Its value is the JSON that X sent, byte for byte, with one member,
 * `traptor`, spliced in before the last brace. It is serialised once; every sink gets the same bytes.
 */

import type { Rule } from "./rule.ts";
import { collectionRule } from "./rule.ts";
import type { JsonObject } from "./json.ts";

/** One tweet on its way to the sinks. */
export interface TweetRecord {
  /** The tweet's id: the key. */
  readonly id: string;
  /** JSON in UTF-8, without a line end. */
  readonly value: Uint8Array;
  /** Kafka's headers. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Who said that a rule matched: X, our own matcher, or nobody beyond the wire rule. */
export const ATTRIBUTIONS = ["x", "local", "wire"] as const;
export type Attribution = typeof ATTRIBUTIONS[number];

/** How a tweet came to us. */
export type Provenance = "live" | "backfill" | "search" | "replay";

/** What is added to X's JSON. */
export interface RecordFacts {
  readonly rules: readonly [Rule, ...Rule[]];
  readonly attribution: Attribution;
  readonly provenance: Provenance;
  /** Milliseconds since 1970. */
  readonly collectedAt: number;
  /** When the tweet was made, as ISO 8601 with milliseconds; null when nothing tells. */
  readonly createdAt: string | null;
}

/** The version of the `traptor` member. */
export const RECORD_VERSION = 1;

const encoder = new TextEncoder();
const CLOSING_BRACE = "}".charCodeAt(0);

/**
 * Makes the record of a tweet. `line` is the JSON object as X sent it, in UTF-8; it has at least one member.
 * Throws RangeError when it does not end with a brace: the caller has parsed it before, so that is a bug.
 */
export function makeRecord(id: string, line: Uint8Array, facts: RecordFacts): TweetRecord {
  const end = line.lastIndexOf(CLOSING_BRACE);
  if (end < 0) throw new RangeError("Cannot make a record: the line holds no JSON object");
  const member = encoder.encode(`,"traptor":${JSON.stringify(traptorMember(facts))}}`);
  const value = new Uint8Array(end + member.length);
  value.set(line.subarray(0, end));
  value.set(member, end);
  return {
    id,
    value,
    headers: { "traptor-type": facts.rules[0].slot.type, "traptor-version": String(RECORD_VERSION) },
  };
}

function traptorMember(facts: RecordFacts): JsonObject {
  const first = facts.rules[0].slot;
  return {
    version: RECORD_VERSION,
    type: first.type,
    id: first.id,
    attribution: facts.attribution,
    collected_at: new Date(facts.collectedAt).toISOString(),
    created_at_iso: facts.createdAt,
    provenance: facts.provenance,
    collection_rules: facts.rules.map(collectionRule),
  };
}
