/**
 * The counts as Prometheus text (prometheus.io, Exposition formats). Names begin with `traptor_`; rule values are
 * never labels, for a person's rules are unbounded and private.
 */

import type { Counters } from "./counters.ts";

/** What is measured beside the counters. */
export interface Gauges {
  readonly version: string;
  readonly connected: boolean;
  readonly waitingRecords: number;
  readonly waitingBytes: number;
  readonly rulesHeld: number;
  readonly rulesRefused: number;
  readonly queriesUnplaced: number;
  readonly connectsLeft: number;
  /** The state of the stream, of all that there are. */
  readonly streamState: string;
  readonly streamStates: readonly string[];
  /** Absent for `--test`. */
  /** All gaps together; the cost in millionths of a dollar. */
  readonly gaps:
    | {
      readonly open: number;
      readonly ms: number;
      readonly reads: number;
      readonly found: number;
      readonly cost: number;
    }
    | undefined;
}

/** The text of `/metrics`. */
export function metricsText(counters: Counters, gauges: Gauges): string {
  const lines: string[] = [];
  const metric = (
    name: string,
    type: "counter" | "gauge",
    help: string,
    samples: [labels: string, value: number][],
  ) => {
    lines.push(`# HELP traptor_${name} ${help}`, `# TYPE traptor_${name} ${type}`);
    for (const [labels, value] of samples) lines.push(`traptor_${name}${labels} ${value}`);
  };
  const by = (label: string, counts: ReadonlyMap<string, number>): [string, number][] =>
    [...counts].map(([name, count]) => [`{${label}="${name}"}`, count]);

  metric("build_info", "gauge", "The program", [[`{version="${gauges.version}"}`, 1]]);
  metric("tweets_received_total", "counter", "Tweets that X handed over", [["", counters.received]]);
  metric("tweets_accepted_total", "counter", "Tweets taken for delivery", [["", counters.accepted]]);
  metric(
    "tweets_attributed_total",
    "counter",
    "Accepted tweets by who named their rules: X, our own matcher, or nobody beyond the shared rule",
    by("attribution", counters.attributed),
  );
  metric("tweets_delivered_total", "counter", "Tweets acknowledged by a sink", by("sink", counters.delivered));
  lines.push(...waitLines(counters.waits));
  metric("tweets_dropped_total", "counter", "Tweets that went to no sink", by("reason", counters.dropped));
  metric("odd_lines_total", "counter", "Lines from X that were no tweets", by("kind", counters.oddLines));
  metric("stream_connects_total", "counter", "Connections that stood", [["", counters.connects]]);
  metric("stream_disconnects_total", "counter", "Connections that ended", [["", counters.disconnects]]);
  metric("stream_connected", "gauge", "1 while a connection stands", [["", Number(gauges.connected)]]);
  metric(
    "stream_state",
    "gauge",
    "1 for the state that the stream is in",
    gauges.streamStates.map((state) => [`{state="${state}"}`, Number(state === gauges.streamState)]),
  );
  if (gauges.gaps) {
    const { cost, found, open, reads } = gauges.gaps;
    metric("gaps_open", "gauge", "Gaps of which what was missed has not been fetched", [["", open]]);
    metric("gap_tweets_read_total", "counter", "Tweets that were read to fetch what was missed", [["", reads]]);
    metric("gap_tweets_found_total", "counter", "Those of them that were new", [["", found]]);
    metric("gap_repair_dollars_total", "counter", "What they cost, by X's list of prices", [["", cost / 1e6]]);
    metric("gap_seconds_total", "counter", "How long nothing was collected, the gap that lasts included", [[
      "",
      gauges.gaps.ms / 1000,
    ]]);
  }
  metric("stream_connects_left", "gauge", "Connects that X's limit leaves", [["", gauges.connectsLeft]]);
  metric("rules_held", "gauge", "Rules that X holds for us", [["", gauges.rulesHeld]]);
  metric("rules_refused", "gauge", "Our rules that X refuses", [["", gauges.rulesRefused]]);
  metric("queries_unplaced", "gauge", "Queries of our rules for which X has no room", [["", gauges.queriesUnplaced]]);
  metric("backlog_records", "gauge", "Tweets accepted and not yet delivered", [["", gauges.waitingRecords]]);
  metric("backlog_bytes", "gauge", "Their size", [["", gauges.waitingBytes]]);
  if (counters.lastTweetAt !== undefined) {
    metric("last_tweet_timestamp_seconds", "gauge", "When the last tweet came", [["", counters.lastTweetAt / 1000]]);
  }
  if (counters.lastSignAt !== undefined) {
    metric("last_sign_of_life_timestamp_seconds", "gauge", "When X last sent anything", [[
      "",
      counters.lastSignAt / 1000,
    ]]);
  }
  return `${lines.join("\n")}\n`;
}

/** The histogram of waits, in seconds as Prometheus wants them. */
function waitLines(waits: Counters["waits"]): string[] {
  const name = "traptor_delivery_seconds";
  const lines = [`# HELP ${name} From acceptance to the sink's acknowledgement`, `# TYPE ${name} histogram`];
  for (const [sink, histogram] of waits) {
    histogram.cumulative().forEach((count, at) => {
      lines.push(`${name}_bucket{sink="${sink}",le="${histogram.bounds[at]! / 1_000}"} ${count}`);
    });
    lines.push(
      `${name}_bucket{sink="${sink}",le="+Inf"} ${histogram.count}`,
      `${name}_sum{sink="${sink}"} ${histogram.sum / 1_000}`,
      `${name}_count{sink="${sink}"} ${histogram.count}`,
    );
  }
  return lines;
}
