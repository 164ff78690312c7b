/**
 * What has been counted since the start, from events alone: tweets received, accepted, delivered by sink, dropped by
 * reason, odd lines by kind, reconnects, who named the rules, and matches by rule. In memory; the counts of a process
 * end with it.
 */

import { DROP_REASONS, type DropReason, type EmittedEvent, ODD_LINES, type OddLine } from "../base/events.ts";
import { type Attribution, ATTRIBUTIONS } from "../model/record.ts";
import type { Rule } from "../model/rule.ts";
import { Histogram } from "./histogram.ts";
import { HOUR, Rates, TEN_SECONDS } from "./rates.ts";
import { slotName } from "../model/slot.ts";

/** The bounds of the histogram of waits, in milliseconds. */
const WAIT_BOUNDS_MS = [5, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 250, 500, 1_000, 5_000, 30_000, 300_000];

/** How often one rule matched. */
export interface RuleCount {
  readonly slot: string;
  readonly ruleId: string;
  readonly value: string;
  readonly tag: string | null;
  readonly matches: number;
}

export class Counters {
  received = 0;
  accepted = 0;
  connects = 0;
  disconnects = 0;
  readonly delivered = new Map<string, number>();
  /** How long delivered tweets took from acceptance to the sink's acknowledgement, by sink. */
  readonly waits = new Map<string, Histogram>();
  readonly dropped = zeros<DropReason>(DROP_REASONS);
  readonly oddLines = zeros<OddLine>(ODD_LINES);
  /** Accepted tweets by who named their rules. */
  readonly attributed = zeros<Attribution>(ATTRIBUTIONS);
  /** Milliseconds since 1970 of the last tweet and of the last sign of life; undefined before the first. */
  lastTweetAt: number | undefined;
  lastSignAt: number | undefined;
  /** How long the tweets that were delivered last took from acceptance to the sink's acknowledgement: the mean. */
  lastWaitMs = 0;
  readonly #rates: Rates;
  readonly #matches = new Map<string, RuleCount>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
    this.#rates = new Rates(now());
  }

  /** Accepted tweets a second, lately. */
  get ratePerSecond(): { readonly now: number; readonly hour: number } {
    const now = this.#now();
    return { now: this.#rates.perSecond(TEN_SECONDS, now), hour: this.#rates.perSecond(HOUR, now) };
  }

  /** Counts an event: pass it to `Events.listen`. */
  readonly listener = (event: EmittedEvent): void => {
    const fields = event.fields;
    switch (event.name) {
      case "tweet_received":
        this.received += 1;
        this.lastTweetAt = this.lastSignAt = this.#now();
        break;
      case "keep_alive":
        this.lastSignAt = this.#now();
        break;
      case "tweet_dropped":
        raise(this.dropped, fields["reason"] as DropReason);
        break;
      case "odd_line":
        raise(this.oddLines, fields["line"] as OddLine);
        break;
      case "batch_delivered":
        raise(this.delivered, fields["sink"] as string, fields["records"] as number);
        this.#noteWaits(fields["sink"] as string, fields["waitedMs"] as number[]);
        break;
      case "stream_connected":
        this.connects += 1;
        break;
      case "stream_disconnected":
        this.disconnects += 1;
        break;
    }
  };

  /** Counts an accepted tweet for each rule that it matched. */
  countAccepted(rules: readonly Rule[], attribution: Attribution): void {
    this.accepted += 1;
    this.#rates.count(this.#now());
    raise(this.attributed, attribution);
    for (const rule of rules) {
      const slot = slotName(rule.slot);
      const key = `${slot}\n${rule.ruleId}\n${rule.value}`;
      const matches = (this.#matches.get(key)?.matches ?? 0) + 1;
      this.#matches.set(key, { slot, ruleId: rule.ruleId, value: rule.value, tag: rule.tag, matches });
    }
  }

  #noteWaits(sink: string, waits: readonly number[]): void {
    this.#waitsOf(sink).add(waits);
    if (waits.length > 0) this.lastWaitMs = waits.reduce((sum, ms) => sum + ms, 0) / waits.length;
  }

  #waitsOf(sink: string): Histogram {
    let waits = this.waits.get(sink);
    if (!waits) this.waits.set(sink, waits = new Histogram(WAIT_BOUNDS_MS));
    return waits;
  }

  /** Matches by rule, the busiest first. */
  matchesByRule(): RuleCount[] {
    return [...this.#matches.values()].sort((a, b) => b.matches - a.matches || (a.value < b.value ? -1 : 1));
  }
}

function zeros<Name extends string>(names: readonly Name[]): Map<Name, number> {
  return new Map(names.map((name) => [name, 0]));
}

function raise<Name>(counts: Map<Name, number>, name: Name, by = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}
