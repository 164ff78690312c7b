/** What reading a sink back has found, for people. */

import { shown } from "../../model/outside_text.ts";
import { counted, figure, moment } from "../figures.ts";
import type { UnreadSink } from "./read_back.ts";
import type { SinkReading } from "./sink_reading.ts";

/** How many missing ids are listed. */
const MOST_LISTED = 20;

export function readingText(reading: SinkReading): string {
  const { examples, expected, lost, missing, place, remarks, removed, repeated } = reading;
  const listed = examples.slice(0, MOST_LISTED);
  const lines = [
    missing > 0
      ? `${figure(missing)} of ${counted(expected, "tweet")} that must be there are not there:`
      : reading.agrees
      ? `all ${counted(expected - lost - removed, "tweet")} that must be there are there`
      : `${counted(expected, "tweet")} must be there: nothing to compare them with`,
    ...listed.map(({ id, acceptedAt }) => `  ${id}, accepted ${moment(acceptedAt)}`),
    ...missing > listed.length ? [`  and ${figure(missing - listed.length)} more`] : [],
    ...lost > 0 ? [`${counted(lost, "tweet")} not there are counted as lost with damaged rows of the journal`] : [],
    ...removed > 0 ? [`${counted(removed, "tweet")} cannot be compared: they were removed there since`] : [],
    ...repeated > 0
      ? [`${counted(repeated, "tweet")} there more than once, as a crash or an unanswered send leaves them`]
      : [],
    ...remarks.map((remark) => shown(remark)),
  ];
  return `\nRead back: ${shown(place)}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

export function unreadText({ sink, reason }: UnreadSink): string {
  return `\nNot read back: ${shown(sink)}: ${reason}\n`;
}
