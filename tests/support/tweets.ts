/** Records as whole as those that are delivered, for tests of what looks into them. */

import type { JsonObject } from "../../src/model/json.ts";
import { makeRecord, type TweetRecord } from "../../src/model/record.ts";
import { readRule } from "../../src/model/rule.ts";

/** What of a tweet a test cares about. */
export interface TweetParts {
  readonly id: string;
  readonly text?: string;
  /** Further members of `data`. */
  readonly data?: JsonObject;
  readonly includes?: JsonObject;
  readonly rules?: readonly { readonly value: string; readonly tag?: string }[];
  readonly createdAt?: string | null;
}

/** The record of a tweet by author 9007199254740993, `deno_land`, in English, for the rule `deno` with the tag `runtimes`. */
export function tweetRecord(parts: TweetParts): TweetRecord {
  const { createdAt = "2026-11-23T09:59:58.000Z", data = {}, id, includes, text = `tweet ${id}` } = parts;
  const message = {
    data: { id, text, author_id: "9007199254740993", lang: "en", ...data },
    includes: { users: [{ id: "9007199254740993", username: "deno_land", name: "Deno" }], ...includes },
  };
  const rules = (parts.rules ?? [{ value: "deno", tag: "runtimes" }]).map((rule) =>
    readRule(JSON.parse(JSON.stringify(rule)), { type: "track", id: 0 })
  );
  const [first, ...others] = rules;
  return makeRecord(id, new TextEncoder().encode(JSON.stringify(message)), {
    rules: [first!, ...others],
    attribution: "x",
    provenance: "live",
    collectedAt: Date.UTC(2026, 10, 23, 10),
    createdAt,
  });
}
