/** Records for tests of what stores and delivers them. */

import type { TweetRecord } from "../../src/model/record.ts";

const HEADERS = { "traptor-type": "track", "traptor-version": "1" };

/** A record whose value is JSON with this id and text. */
export function recordOf(id: string | number, text = `tweet ${id}`): TweetRecord {
  const value = new TextEncoder().encode(JSON.stringify({ data: { id: String(id), text }, traptor: { version: 1 } }));
  return { id: String(id), value, headers: HEADERS };
}

/** Records with the ids `from` to `to`, both among them. */
export function recordsOf(from: number, to: number): TweetRecord[] {
  return Array.from({ length: to - from + 1 }, (_, index) => recordOf(from + index));
}
