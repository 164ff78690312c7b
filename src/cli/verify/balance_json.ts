/** The balance of a journal, and what reading the sinks back has found, as JSON. */

import type { Audit } from "../../journal/audit.ts";
import type { JsonObject } from "../../model/json.ts";
import { gapJson } from "../gaps/shared.ts";
import { iso } from "../figures.ts";
import { balances, type JournalOwner } from "./balance_text.ts";
import type { UnreadSink } from "./read_back.ts";
import type { SinkReading } from "./sink_reading.ts";

export function balanceJson(
  { host, instance, path }: JournalOwner,
  found: Audit,
  back?: { readonly readings: readonly SinkReading[]; readonly unread: readonly UnreadSink[] },
): JsonObject {
  const { damaged, gaps, imbalances, rules, sinks, span, tweets } = found;
  return {
    journal: path,
    host,
    instance: instance ?? null,
    from: span ? iso(span.from) : null,
    to: span ? iso(span.to) : null,
    balances: balances(found),
    tweets: { ...tweets, dropped: { ...tweets.dropped } },
    sinks: sinks.map(({ waitingRows, ...sink }) => ({ ...sink, waiting_rows: waitingRows })),
    differences: imbalances.map(({ expected, found, hour, rule, sink, what }) => ({
      hour: iso(hour),
      rule: rule === 0 ? null : ruleJson(rules, rule),
      sink: sink === "" ? null : sink,
      what,
      expected,
      found,
    })),
    damaged: damaged.map(({ acceptedAt, id, place, table }) => ({ table, place, id, accepted_at: iso(acceptedAt) })),
    gaps: gaps.map(gapJson),
    ...back
      ? {
        read_back: back.readings.map(readingJson),
        not_read_back: back.unread.map(({ reason, sink }) => ({ sink, reason })),
      }
      : {},
  };
}

function ruleJson(rules: Audit["rules"], number: number): JsonObject {
  const rule = rules.get(number);
  return rule ? { ...rule } : { number };
}

function readingJson({ examples, remarks, ...reading }: SinkReading): JsonObject {
  return {
    ...reading,
    examples: examples.map(({ acceptedAt, id }) => ({ id, accepted_at: iso(acceptedAt) })),
    remarks: [...remarks],
  };
}
