/** Events about the stream, its gaps, and tweets on their way in. */

import { counted, kind, seconds, words } from "./event_kind.ts";

/** Why a tweet that was received went to no sink: a closed set, so that a typo cannot mint a new reason. */
export const DROP_REASONS = [
  "no_rule",
  "rule_removed",
  "not_matched",
  "rate_limited",
  "after_limit",
  "no_room",
  "no_room_at_stop",
] as const;
export type DropReason = typeof DROP_REASONS[number];

/** Why a line from X was no tweet: a closed set. */
export const ODD_LINES = ["not_json", "not_an_object", "too_long", "no_id", "unknown_kind"] as const;
export type OddLine = typeof ODD_LINES[number];

export const STREAM_EVENTS = {
  stream_state: kind<{ from: string; to: string; cause: string }>(
    "DEBUG",
    (f) => `The stream: ${words(f.from)}, now ${words(f.to)}` + (f.cause === "" ? "" : ` (${f.cause})`),
  ),
  stream_connected: kind("INFO", () => "Connected to X's filtered stream"),
  stream_behind: kind<{ queuedBytes: number }>(
    "WARN",
    (f) =>
      `Tweets come faster than they can be taken in: ${
        Math.round(f.queuedBytes / 1_000_000)
      } MB of them wait in memory, ` +
      "and nothing more is read until there is room",
    () => "",
  ),
  stream_disconnected: kind<{ cause: string }>("WARN", (f) => `The stream ended: ${f.cause}`),
  stream_backing_off: kind<{ cause: string; waitMs: number }>(
    "WARN",
    (f) => `No connection to X: ${f.cause}. Next try in ${seconds(f.waitMs)}`,
  ),
  connection_freed: kind<{ whose: string }>(
    "WARN",
    (f) =>
      f.whose === "own"
        ? "A connection of ours that has died still had the app's only slot: it is closed at X"
        : "Somebody else's connection had the app's only slot: it is closed at X, for X_TAKE_OVER says so",
  ),
  token_renewed: kind("WARN", () => "X refuses the token, and there is another one now: it is tried at once"),
  token_not_renewed: kind<{ reason: string }>(
    "WARN",
    (f) => `X refuses the token, and it cannot be read again: ${f.reason}`,
    (f) => f.reason,
  ),
  connections_unknown: kind<{ reason: string }>(
    "WARN",
    (f) => `X does not say which connections are open: ${f.reason}`,
    (f) => f.reason,
  ),
  connects_unshared: kind<{ reason: string }>(
    "WARN",
    (f) => `Redis does not say how often others connected: ${f.reason}. Until it does our own connects count alone`,
    () => "",
  ),
  gap_repairing: kind<{ gap: number; by: string }>(
    "INFO",
    (f) => `What was missed in gap ${f.gap} is fetched by ${f.by}`,
  ),
  gap_repaired: kind<{ gap: number; state: string; outcome: string; found: number; reads: number; usd: string }>(
    "INFO",
    (f) =>
      `Gap ${f.gap} is ${f.state} (${f.outcome}): ${counted(f.found, "missed tweet")} found` +
      (f.reads > 0 ? `, ${f.reads} read for ${f.usd}` : ""),
  ),
  gap_taken_over: kind<{ gap: number; instance: string; number: number }>(
    "INFO",
    (f) => `Gap ${f.gap} is taken over from the journal of instance ${f.instance}, where it is gap ${f.number}`,
  ),
  gap_given: kind<{ gap: number; host: string; instance: string }>(
    "INFO",
    (f) => `Gap ${f.gap} is taken over by ${f.host} (${f.instance})`,
  ),
  fleet_untold: kind<{ reason: string }>(
    "WARN",
    (f) => `The fleet is not told of gaps and totals: ${f.reason}. It is tried again, and collecting goes on`,
    (f) => f.reason,
  ),
  gap_repair_waits: kind<{ gap: number; reason: string; hint: string }>(
    "WARN",
    (f) => `Gap ${f.gap} is not repaired yet: ${f.reason}. ${f.hint}`,
  ),
  gap_search_failed: kind<{ gap: number; reason: string; waitMs: number }>(
    "WARN",
    (f) => `Cannot search for what was missed in gap ${f.gap}: ${f.reason}. Next try in ${seconds(f.waitMs)}`,
    (f) => f.reason,
  ),
  gap_unsearchable: kind<{ gap: number; queries: number; first: string; reason: string }>(
    "WARN",
    (f) =>
      `What ${
        counted(f.queries, "query", "queries")
      } missed in gap ${f.gap} cannot be searched: ${f.first} (${f.reason})` +
      (f.queries > 1 ? ` and others: \`traptor gaps explain ${f.gap}\`` : ""),
  ),
  gap_repairs_wait: kind<{ reason: string; waitMs: number }>(
    "ERROR",
    (f) => `Nothing that was missed can be fetched now: ${f.reason}. Next try in ${seconds(f.waitMs)}`,
  ),
  stream_notice: kind<{ title: string; detail: string }>(
    "WARN",
    (f) => f.title + f.detail === "" ? "X sends a notice without words" : `X says: ${`${f.title} ${f.detail}`.trim()}`,
  ),
  keep_alive: kind("DEBUG", () => "Keep-alive"),
  odd_line: kind<{ line: OddLine; start: string; bytes: number }>(
    "WARN",
    (f) => `A line from X was left out (${f.line.replaceAll("_", " ")}, ${counted(f.bytes, "byte")}): ${f.start}`,
    (f) => f.line,
  ),
  partial_errors: kind<{ id: string; detail: string }>(
    "DEBUG",
    (f) => `X could not deliver all that belongs to tweet ${f.id}: ${f.detail}`,
  ),

  tweet_received: kind<{ id: string }>("DEBUG", (f) => `Tweet ${f.id} received`),
  tweet_repeated: kind<{ id: string }>("DEBUG", (f) => `Tweet ${f.id} came before`),
  tweet_dropped: kind<{ id: string; reason: DropReason }>(
    "DEBUG",
    (f) => `Tweet ${f.id} dropped: ${f.reason.replaceAll("_", " ")}`,
  ),
  tweets_unattributed: kind<{ id: string }>(
    "WARN",
    (f) => `Tweet ${f.id} matched only rules at X that are not ours; it is not collected`,
    () => "",
  ),
  attribution_unknown: kind<{ id: string }>(
    "WARN",
    (f) =>
      `Tweet ${f.id} matched a rule at X that several of ours share, but none of them as far as can be told here: ` +
      'it is kept, with "attribution": "wire" and all of them',
    () => "",
  ),
  backlog_full: kind<{ records: number; bytes: number }>(
    "WARN",
    (f) => `There is no room for more tweets (${counted(f.records, "tweet")} waiting)`,
    () => "",
  ),
  reading_paused: kind(
    "ERROR",
    () => "The stream is closed until there is room: what X would send meanwhile is missed",
  ),
} as const;
