/**
 * The closed catalogue of everything that the program tells: one event, one level, one line, one counter.
 * Rooms call `emit`; `observe/` turns events into log lines and counters; tests assert on events, not on log text.
 *
 * Fields hold what happened, never a secret, and no tweet text. Text from outside (X's words, file contents) may be
 * in a field: whoever shows it makes it safe first.
 */

import { counted, type EventKind, kind, type Level, seconds } from "./event_kind.ts";
import { FLEET_EVENTS } from "./fleet_events.ts";
import { RULE_EVENTS } from "./rule_events.ts";
import { STREAM_EVENTS } from "./stream_events.ts";

export type { Level } from "./event_kind.ts";
export { DROP_REASONS, type DropReason, ODD_LINES, type OddLine } from "./stream_events.ts";

export const EVENTS = {
  collector_started: kind<{ version: string; app: string; rules: string; sinks: string }>(
    "INFO",
    (f) => `traptor ${f.version} collects ${f.rules} into ${f.sinks} (app ${f.app})`,
  ),
  collector_stopping: kind<{ reason: string }>("INFO", (f) => `Stopping: ${f.reason}`),
  collector_stopped: kind<{ accepted: number; delivered: number; waiting: number }>(
    "INFO",
    (f) => `Stopped: ${counted(f.delivered, "tweet")} delivered, ${f.waiting} left undelivered`,
  ),
  undelivered_at_stop: kind<{ records: number; isKept: boolean }>(
    "WARN",
    (f) =>
      `${counted(f.records, "accepted tweet")} could not be delivered before the end` +
      (f.isKept ? ": the journal keeps what is left, and the next start delivers it" : ", and nothing keeps them"),
  ),
  setting_note: kind<{ note: string }>("WARN", (f) => f.note),
  settings_loaded: kind<{ file: string }>("INFO", (f) => `Settings come from ${f.file}`),

  ...RULE_EVENTS,
  ...STREAM_EVENTS,
  ...FLEET_EVENTS,

  journal_opened: kind<{ path: string; waiting: number }>(
    "INFO",
    (f) => `The journal is ${f.path}` + (f.waiting > 0 ? `, ${counted(f.waiting, "tweet")} waiting in it` : ""),
  ),
  journal_damaged: kind<{ path: string; reason: string; aside: string }>(
    "ERROR",
    (f) =>
      `The journal ${f.path} is damaged (${f.reason}). It is kept as ${f.aside}, and all that can be read is saved`,
  ),
  journal_salvaged: kind<{ saved: number; lost: number; counts: string }>(
    "ERROR",
    (f) =>
      `Saved from the damaged journal: ${counted(f.saved, "waiting tweet")}; ${f.lost} could not be read and ` +
      `${f.lost === 1 ? "is" : "are"} lost; the counts come from ${f.counts}`,
  ),
  record_damaged: kind<{ position: number; accepted: string }>(
    "ERROR",
    (f) =>
      `A tweet that was accepted at ${f.accepted} is damaged in the journal (row ${f.position}): it is lost, and counted`,
    () => "",
  ),
  journal_failed: kind<{ reason: string }>(
    "ERROR",
    (f) => `Cannot write the journal: ${f.reason}. What is at hand is kept, and written when it can be`,
    (f) => f.reason,
  ),
  journal_unwritten: kind<{ records: number; reason: string }>(
    "ERROR",
    (f) =>
      `${counted(f.records, "tweet")} could not be written into the journal before the end and are lost: ${f.reason}`,
  ),
  repeats_window_short: kind<{ ids: number; hours: number }>(
    "WARN",
    (f) =>
      `The ids of tweets are kept for ${
        Math.round(f.hours * 10) / 10
      } h, not for 48 h: more than ${f.ids} of them would ` +
      "take too much of JOURNAL_MAX_BYTES. What comes again after that counts as new",
  ),
  dead_too_many: kind<{ reason: string }>(
    "ERROR",
    (f) => `Somebody has to look: ${f.reason}. \`traptor dead list\` shows them`,
  ),
  counter_copy_failed: kind<{ path: string; reason: string }>(
    "WARN",
    (f) => `Cannot write the second copy of the counts, ${f.path}: ${f.reason}. Trying again in a minute`,
    (f) => f.reason,
  ),
  state_unusable: kind<{ directory: string; reason: string; waitMs: number }>(
    "ERROR",
    (f) => `Cannot begin: ${f.reason}. Next try in ${seconds(f.waitMs)}`,
    (f) => f.reason,
  ),
  lock_waiting: kind<{ holder: string }>("INFO", (f) => `Waiting for the other traptor to end${f.holder}`),
  journal_recovered: kind("INFO", () => "The journal can be written again"),
  journal_full: kind<{ reason: string }>("ERROR", (f) => `The journal is full: ${f.reason}`),
  journal_has_room: kind("INFO", () => "The journal has room again"),
  sink_missed: kind<{ sink: string; records: number }>(
    "WARN",
    (f) =>
      `${
        counted(f.records, "tweet")
      } at most still wait for ${f.sink}, which is not among the sinks now: they stay in ` +
      "the journal until it is",
  ),
  sink_opened: kind<{ sink: string; target: string }>("INFO", (f) => `Delivering to ${f.target}`),
  sink_failed: kind<{ sink: string; reason: string; waitMs: number; waiting: number }>(
    "WARN",
    (f) =>
      `Cannot deliver to ${f.sink}: ${f.reason}. ` +
      `${counted(f.waiting, "tweet")} waiting, next try in ${seconds(f.waitMs)}`,
    (f) => f.sink,
  ),
  sink_recovered: kind<{ sink: string; waiting: number }>(
    "INFO",
    (f) => `${f.sink} takes tweets again, ${f.waiting} waiting`,
  ),
  record_refused: kind<{ sink: string; id: string; reason: string }>(
    "ERROR",
    (f) => `${f.sink} will never take tweet ${f.id}: ${f.reason}. It is kept: \`traptor dead list\``,
  ),
  reader_gone: kind<{ sink: string; records: number }>(
    "INFO",
    (f) =>
      `Nobody reads ${f.sink} any more: ${counted(f.records, "tweet")} that it did not take ` +
      `${f.records === 1 ? "is" : "are"} not kept for it`,
  ),
  batch_delivered: kind<{ sink: string; records: number; waitedMs: readonly number[] }>(
    "DEBUG",
    (f) => `${counted(f.records, "tweet")} delivered to ${f.sink}`,
  ),
  vendor_line: kind<{ vendor: string; text: string; severe: boolean }>(
    "DEBUG",
    (f) => `${f.vendor}: ${f.text}`,
  ),

  status_listening: kind<{ address: string }>("INFO", (f) => `Status at http://${f.address}/status`),
  status_moved: kind<{ wanted: string; address: string }>(
    "WARN",
    (f) => `${f.wanted} is in use by another program: status is at http://${f.address}/status instead`,
  ),
  simulator_started: kind<{ url: string; rate: number; seed: number }>(
    "INFO",
    (f) => `Simulator at ${f.url} sends about ${f.rate} tweets a second (seed ${f.seed}); nothing is read from X`,
  ),
} as const;

export type EventName = keyof typeof EVENTS;
export type EventFields<Name extends EventName> = Parameters<(typeof EVENTS)[Name]["says"]>[0];

/** One event as a listener gets it. */
export interface EmittedEvent {
  readonly name: EventName;
  readonly level: Level;
  readonly fields: Readonly<Record<string, unknown>>;
}

export type EventListener = (event: EmittedEvent) => void;

/** Hands events from the rooms to those who listen, at once and in order. */
export class Events {
  readonly #listeners = new Set<EventListener>();

  emit<Name extends EventName>(
    name: Name,
    ...fields: Record<never, never> extends EventFields<Name> ? [] : [EventFields<Name>]
  ): void {
    const event: EmittedEvent = { name, level: EVENTS[name].level, fields: fields[0] ?? {} };
    for (const listener of this.#listeners) listener(event);
  }

  /** Adds a listener; the function that is returned takes it away. */
  listen(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** The line for people of an event. Text from outside in it is not yet safe to show. */
export function lineOf(event: EmittedEvent): string {
  return (EVENTS[event.name] as EventKind<Record<string, unknown>>).says(event.fields);
}

/** What an event is limited by to one line a minute, or undefined when it is not. */
export function limitKeyOf(event: EmittedEvent): string | undefined {
  return (EVENTS[event.name] as EventKind<Record<string, unknown>>).onceAMinuteBy?.(event.fields);
}
