/**
 * The closed catalogue of everything that the program tells: one event, one level, one line, one counter.
 * Rooms call `emit`; `observe/` turns events into log lines and counters; tests assert on events, not on log text.
 *
 * Fields hold what happened, never a secret, and no tweet text. Text from outside (X's words, file contents) may be
 * in a field: whoever shows it makes it safe first.
 */

export type Level = "DEBUG" | "INFO" | "WARN" | "ERROR";

interface EventKind<Fields> {
  readonly level: Level;
  /** The line for people. */
  readonly says: (fields: Fields) => string;
  /** Events with the same answer are logged at most once a minute, with a count of what was left out. */
  readonly onceAMinuteBy?: (fields: Fields) => string;
}

function kind<Fields = Record<never, never>>(
  level: Level,
  says: (fields: Fields) => string,
  onceAMinuteBy?: (fields: Fields) => string,
): EventKind<Fields> {
  return onceAMinuteBy ? { level, says, onceAMinuteBy } : { level, says };
}

const seconds = (ms: number) => `${Math.round(ms / 100) / 10} s`;
const words = (name: string) => name.replaceAll("_", " ");
const counted = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

/** Why a tweet that was received went to no sink: a closed set, so that a typo cannot mint a new reason. */
export const DROP_REASONS = [
  "no_rule",
  "rule_removed",
  "rate_limited",
  "after_limit",
  "no_room",
  "no_room_at_stop",
] as const;
export type DropReason = typeof DROP_REASONS[number];

/** Why a line from X was no tweet: a closed set. */
export const ODD_LINES = ["not_json", "not_an_object", "too_long", "no_id", "unknown_kind"] as const;
export type OddLine = typeof ODD_LINES[number];

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

  rules_loaded: kind<{ rules: number; source: string; queries: number }>(
    "INFO",
    (f) => `${counted(f.rules, "rule")} from ${f.source}, ${counted(f.queries, "query", "queries")} for X`,
  ),
  rules_waiting: kind<{ source: string; hint: string }>(
    "WARN",
    (f) => `Waiting for rules: there are none in ${f.source}. ${f.hint}`,
  ),
  rules_load_failed: kind<{ source: string; reason: string; kept: number }>(
    "WARN",
    (f) =>
      `Cannot load the rules from ${f.source}: ${f.reason}. ` +
      (f.kept > 0 ? `The last ${counted(f.kept, "rule")} stay in use` : "Trying again"),
    (f) => f.reason,
  ),
  rules_load_recovered: kind<{ source: string }>("INFO", (f) => `The rules can be loaded from ${f.source} again`),
  rules_unwatched: kind<{ source: string; reason: string; pollMs: number }>(
    "WARN",
    (f) =>
      `Changes of the rules in ${f.source} are not noticed at once: ${f.reason}. ` +
      `They are looked for every ${seconds(f.pollMs)}`,
  ),
  rule_unusable: kind<{ where: string; reason: string }>(
    "WARN",
    (f) => `A rule in ${f.where} cannot be used: ${f.reason}`,
  ),
  rules_unusable_too: kind<{ source: string; more: number }>(
    "WARN",
    (f) => `${counted(f.more, "more rule")} in ${f.source} cannot be used`,
  ),
  rule_notice: kind<{ slot: string }>("DEBUG", (f) => `Notice: the rules of ${f.slot} may have changed`),
  rule_refused: kind<{ rule: string; reason: string }>(
    "ERROR",
    (f) => `X refused the rule ${f.rule}: ${f.reason}. The other rules go on`,
  ),
  rules_synchronised: kind<{ added: number; deleted: number; held: number; foreign: number }>(
    "INFO",
    (f) =>
      `Rules at X: ${f.added} added, ${f.deleted} deleted, ${f.held} held` +
      (f.foreign > 0 ? `, ${f.foreign} of somebody else left alone` : ""),
  ),
  rule_sync_failed: kind<{ reason: string; waitMs: number }>(
    "WARN",
    (f) => `Cannot synchronise the rules with X: ${f.reason}. Next try in ${seconds(f.waitMs)}`,
  ),
  rule_caps: kind<{ perProject: number; held: number }>(
    "INFO",
    (f) => `X allows this project ${counted(f.perProject, "rule")}, ${f.held} are there`,
  ),
  rule_caps_unknown: kind<{ reason: string }>(
    "WARN",
    (f) => `X does not say how many rules it allows: ${f.reason}`,
    () => "",
  ),
  rules_over_cap: kind<{ wanted: number; cap: number; unplaced: number }>(
    "ERROR",
    (f) =>
      `X allows ${counted(f.cap, "rule")}, too few for the ${f.wanted} queries of our rules even where several share ` +
      `one: ${f.unplaced} ${f.unplaced === 1 ? "is" : "are"} not collected`,
  ),
  rules_uncovered: kind<{ queries: number }>(
    "WARN",
    (f) =>
      `X has no room to add rules before deleting others: ${counted(f.queries, "query", "queries")} ` +
      `${f.queries === 1 ? "is" : "are"} not collected for a moment`,
  ),
  rules_drifted: kind<{ missing: number; unknown: number; isRestored: boolean }>(
    "WARN",
    (f) =>
      `X does not hold what it was left with: ${counted(f.missing, "rule")} of ours missing, ` +
      `${f.unknown} more than before${f.isRestored ? ". They are put right" : ""}`,
  ),
  rules_not_applied: kind<{ missing: number; surplus: number }>(
    "WARN",
    (f) =>
      `The rules at X are not what is wanted: ${f.missing} to add, ${f.surplus} to delete. RULES_APPLY is manual: ` +
      "`traptor rules plan` shows them, `traptor rules apply` makes it so",
    (f) => `${f.missing} ${f.surplus}`,
  ),
  rules_note_failed: kind<{ reason: string }>(
    "WARN",
    (f) => `Cannot leave word in Redis of what was done with the rules at X: ${f.reason}. Trying again`,
    () => "",
  ),
  rule_store_lost: kind<{ reason: string; waitMs: number }>(
    "WARN",
    (f) => `Redis cannot be reached: ${f.reason}. Next try in ${seconds(f.waitMs)}`,
  ),
  heartbeat_failed: kind<{ reason: string }>("WARN", (f) => `Cannot write the heartbeat: ${f.reason}`, () => ""),

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
  stream_notice: kind<{ title: string; detail: string }>("WARN", (f) => `X says: ${f.title} ${f.detail}`),
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
