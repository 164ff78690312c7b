/**
 * Whether tweets can flow, in words, from what the parts say of themselves. One table, so that `/readyz`, `/status`
 * and the log can never disagree.
 */

import type { StreamStatus } from "../stream/stream_states.ts";

export interface Situation {
  readonly stream: StreamStatus;
  readonly rules: { readonly held: number; readonly refused: number; readonly unplaced: number };
  /** Sinks that cannot take tweets now, with the reason. */
  readonly failingSinks: readonly { readonly sink: string; readonly reason: string }[];
  readonly backlog: { readonly records: number; readonly full: boolean };
  /** Why the journal takes nothing now; undefined when it does. */
  readonly journalFault?: string | undefined;
  /** Why somebody has to look at the dead letters. */
  readonly deadFault?: string | undefined;
  /** Of an instance that stands by: since when nobody is known to hold the app's connection; undefined where somebody is. */
  readonly unheldSince?: number | undefined;
  readonly nowMs: number;
}

export interface Verdict {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

/** How long a connection may be missing before it counts, in milliseconds. */
const PATIENCE_MS = 60_000;

/** How long nobody may be known to collect. */
const UNHELD_MS = 30_000;

/** The verdict, always with at least one reason. */
export function judge(situation: Situation): Verdict {
  const faults: string[] = [];
  const remarks: string[] = [];
  const { stream, backlog, failingSinks, nowMs } = situation;
  const forMs = nowMs - (stream.downSince ?? stream.since);
  const why = stream.reason ? `: ${stream.reason}` : "";
  if (stream.state === "standby") {
    const { unheldSince = nowMs } = situation;
    const isLong = nowMs - unheldSince > UNHELD_MS;
    (isLong ? faults : remarks).push(`standing by${isLong ? ", and nobody collects" : ""}${why}`);
  } else if (situation.rules.held === 0) remarks.push("waiting for rules");
  else if (stream.state === "live" || stream.state === "idle") remarks.push(`the stream is ${stream.state}`);
  else if (stream.state === "behind") remarks.push(`the stream is behind${why}`);
  else if (stream.state === "refused") faults.push(`X refuses the stream${why}`);
  else {
    const line = `the stream is ${stream.state.replaceAll("_", " ")} for ${Math.round(forMs / 1000)} s${why}`;
    (forMs < PATIENCE_MS ? remarks : faults).push(line);
  }
  const { refused, unplaced } = situation.rules;
  if (refused > 0) remarks.push(`X refuses ${refused === 1 ? "one rule" : `${refused} rules`}`);
  if (unplaced > 0) remarks.push(`X has no room for ${unplaced === 1 ? "one query" : `${unplaced} queries`}`);
  for (const { sink, reason } of failingSinks) {
    (backlog.full ? faults : remarks).push(`${sink} takes no tweets (${reason}), ${backlog.records} waiting`);
  }
  if (situation.deadFault !== undefined) remarks.push(situation.deadFault);
  if (situation.journalFault !== undefined) faults.push(`the journal takes no tweets: ${situation.journalFault}`);
  else if (backlog.full && failingSinks.length === 0) remarks.push(`the backlog is full, ${backlog.records} waiting`);
  return { ready: faults.length === 0, reasons: [...faults, ...remarks] };
}
