/**
 * What collectors said of their stream in a log of JSON lines that several of them wrote, one after the other.
 *
 * @module
 */

/** A change of the stream's state. */
export interface StateChange {
  /** Milliseconds since 1970, by the collector's clock. */
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly cause: string;
}

/** The changes of each process, in order. */
export function stateChangesIn(log: string): StateChange[][] {
  const processes: StateChange[][] = [];
  for (const line of log.split("\n")) {
    const event = eventIn(line);
    if (event?.["event"] === "collector_started") processes.push([]);
    if (event?.["event"] !== "stream_state") continue;
    const { cause, from, time, to } = event;
    processes.at(-1)?.push({ at: Date.parse(time ?? ""), from: from ?? "", to: to ?? "", cause: cause ?? "" });
  }
  return processes;
}

/** When collectors ended with something undelivered: what was on its way to a sink was left behind. */
export function unfinishedStopsIn(log: string): number[] {
  const events = log.split("\n").filter((line) => line.includes('"undelivered_at_stop"')).map(eventIn);
  return events.flatMap((event) => event?.["event"] === "undelivered_at_stop" ? [Date.parse(event["time"] ?? "")] : []);
}

/** A killed process leaves half a line. */
function eventIn(line: string): Readonly<Record<string, string>> | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
