/** What the commands of `traptor dead` have in common. */

import { UsageError } from "../../base/errors.ts";
import { shown } from "../../model/outside_text.ts";
import type { DeadLetterHead } from "../../journal/dead_letters.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Flag } from "../arguments.ts";
import { iso } from "../figures.ts";

export const SINK_FLAG: Flag = { name: "sink", placeholder: "NAME", help: "those of one sink: kafka, file, ..." };

/** The settings of these commands; `--sink` is not one of them here. */
export function settingsWithoutSink({ values }: { values: Readonly<Record<string, string>> }) {
  const { sink: _sink, ...others } = values;
  return others;
}

/** The number of a dead letter. Throws UsageError. */
export function letterNumber(text: string): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (number > 0) return number;
  throw new UsageError(`Cannot tell which dead letter "${shown(text, 40)}" is: it is no number`, {
    hint: "a number that `traptor dead list` shows",
  });
}

/** A dead letter without its record, as JSON. */
export function headJson({ acceptedAt, bytes, diedAt, id, number, reason, sink }: DeadLetterHead): JsonObject {
  return { number, sink, died_at: iso(diedAt), id, reason, accepted_at: iso(acceptedAt), bytes };
}
