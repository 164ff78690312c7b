/**
 * Compares the states that collectors reported with what the simulator did, connect by connect: the order counts, and
 * instants only to tell which connect is which.
 *
 * @module
 */
import type { ConnectionRecord } from "../../src/simulate/simulator.ts";
import type { StateChange } from "./stream_log.ts";

const UP = ["idle", "live", "behind"];
/** Where a stream goes that has no connection. */
const DOWN = ["connecting", "backing_off", "out_of_budget", "stopped"];

/** Which state may follow which. What is not here is a state that no fault of the simulator leads to. */
const EDGES: Readonly<Record<string, readonly string[]>> = {
  stopped: ["waiting_for_rules", "connecting", "out_of_budget"],
  waiting_for_rules: ["waiting_for_rules", "connecting", "out_of_budget", "stopped"],
  connecting: ["idle", "backing_off", "stopped"],
  idle: ["live", "behind", "stalled", ...DOWN],
  live: ["idle", "behind", "stalled", ...DOWN],
  behind: ["live", "stalled", ...DOWN],
  stalled: DOWN,
  backing_off: ["connecting", "out_of_budget", "stopped"],
  out_of_budget: ["connecting", "out_of_budget", "stopped"],
};

/** X allows 50 connects in 15 minutes; traptor leaves five of them to the operator. */
const MOST_CONNECTS = 45;
const WINDOW_MS = 15 * 60_000;
/** Connects are counted when they begin and seen when they arrive, which may take a moment more or less. */
const TRAVEL_MS = 10_000;
/** A silence after which a connection is given up, and so the longest that one may be gone unnoticed. */
const STALL_MS = 45_000;
/** X says something at least so often. */
const KEEP_ALIVE_MS = 20_000;

export interface StreamFacts {
  /** The state changes of each process of the collector, in order. */
  readonly processes: readonly (readonly StateChange[])[];
  /** The connects that the simulator saw, in order. */
  readonly connections: readonly ConnectionRecord[];
  /** When the simulator was told to be silent. */
  readonly stalls: readonly number[];
  /** How far a moment of one process may seem to lie from the same moment of another. */
  readonly slackMs: number;
  /** How long it may take the simulator to note that a connection has ended, which its client has seen already. */
  readonly notingMs: number;
  /** How far behind a collector may be with what it reads. */
  readonly behindMs: number;
}

/** From a state `connecting` to the end of what came of it. */
interface Attempt {
  readonly begun: StateChange;
  /** Undefined where the process was killed. */
  readonly outcome: StateChange | undefined;
  /** The change that ended a connection which stood. */
  readonly lost: StateChange | undefined;
  readonly records: ConnectionRecord[];
}

/** Where states and connects disagree, in words; nothing where they agree. */
export function disagreements(facts: StreamFacts): string[] {
  const attempts = facts.processes.flatMap(attemptsIn);
  const unasked = facts.connections.filter((record) => {
    const attempt = attempts.findLast(({ begun }) => begun.at <= record.at + facts.slackMs);
    attempt?.records.push(record);
    return !attempt;
  });
  return [
    ...facts.processes.flatMap(wrongSteps),
    ...unasked.map((record) => `a connect that no state tells of: ${shownRecord(record)}`),
    ...attempts.flatMap((attempt) => wrongOutcome(attempt, facts)),
    ...attempts.flatMap((attempt) => wrongLoss(attempt, facts)),
  ];
}

/** The most connects in any 15 minutes. */
export function mostConnects(connections: readonly Pick<ConnectionRecord, "at">[]): number {
  const window = WINDOW_MS - TRAVEL_MS;
  return connections.reduce((most, { at }, index) => {
    const within = connections.slice(0, index + 1).filter((before) => before.at > at - window).length;
    return Math.max(most, within);
  }, 0);
}

/** Whether X's limit of connects was kept, with the reserve for the operator. */
export function keepsLimit(connections: readonly Pick<ConnectionRecord, "at">[]): boolean {
  return mostConnects(connections) <= MOST_CONNECTS;
}

function attemptsIn(changes: readonly StateChange[]): Attempt[] {
  return changes.flatMap((begun, index) => {
    if (begun.to !== "connecting") return [];
    const outcome = changes[index + 1];
    const lost = outcome?.to === "idle"
      ? changes.slice(index + 2).find(({ from, to }) => UP.includes(from) && !UP.includes(to))
      : undefined;
    return [{ begun, outcome, lost, records: [] }];
  });
}

/** Each change begins where the one before it ended, and goes where it may. */
function wrongSteps(changes: readonly StateChange[]): string[] {
  return changes.flatMap((change, index) => {
    const before = changes[index - 1]?.to ?? "stopped";
    return [
      ...(change.from === before ? [] : [`after ${before} came ${shown(change)}`]),
      ...(EDGES[change.from]?.includes(change.to) ? [] : [`no such change is known: ${shown(change)}`]),
    ];
  });
}

/** What the collector says came of a connect is what the simulator did with it. */
function wrongOutcome({ begun, outcome, records }: Attempt, { notingMs }: StreamFacts): string[] {
  const [record, ...others] = records;
  if (others.length > 0) return [`several connects in one: ${shown(begun)}, ${records.map(shownRecord).join(", ")}`];
  // Whoever is told to stop, or killed, may not have come to ask.
  if (!outcome || outcome.to === "stopped") return [];
  const wrong = [`${shown(outcome)}, but X: ${record ? shownRecord(record) : "was not asked"}`];
  if (!record) return wrong;
  const isGranted = record.status === 200;
  if (outcome.to === "idle") return isGranted ? [] : wrong;
  if (isGranted) return (record.closedAt ?? Infinity) <= outcome.at + notingMs ? [] : wrong;
  const isTaken = record.outcome === "TooManyConnections";
  const says = isTaken
    ? /only connection (is|was) taken|TooManyConnections|ConnectionException/
    : new RegExp(`${record.status}`);
  return says.test(outcome.cause) ? [] : wrong;
}

/** A connection is said to be lost when it is, and soon. */
function wrongLoss(
  { lost, records: [record] }: Attempt,
  { behindMs, notingMs, slackMs, stalls }: StreamFacts,
): string[] {
  if (!lost || lost.to === "stopped" || !record) return [];
  if (lost.cause === "") return [`${shown(lost)}, without saying why`];
  const { closedAt = Infinity, closeReason = "open" } = record;
  const wrong = (why: string) => [`${shown(lost)}, ${why}: ${shownRecord(record)}`];
  if (lost.to === "stalled") {
    // The last sign of life came at most a keep-alive's time before.
    const isSilent = stalls.some((at) => at <= lost.at - STALL_MS + KEEP_ALIVE_MS + slackMs);
    return isSilent ? [] : wrong("though X was not told to be silent");
  }
  // X says before it ends a connection that it will: then we may be the one who hangs up first.
  const isAnnounced = lost.cause.includes("announced a disconnect");
  if (closeReason === "client left" && !isAnnounced) return wrong("though X did not end it");
  if (closeReason !== "client left" && !isAnnounced && closedAt > lost.at + notingMs) return wrong("before X ended it");
  return lost.at - closedAt <= STALL_MS + behindMs ? [] : wrong("long after X ended it");
}

function shown({ at, cause, from, to }: StateChange): string {
  return `${new Date(at).toISOString()} ${from} → ${to}${cause === "" ? "" : ` (${cause})`}`;
}

function shownRecord({ at, closedAt, closeReason, outcome, status }: ConnectionRecord): string {
  const end = closedAt === undefined ? "open" : `closed ${new Date(closedAt).toISOString()} (${closeReason})`;
  return `${new Date(at).toISOString()} ${status} ${outcome}, ${end}`;
}
