/** The balance of a journal for people. */

import type { Audit, DamagedRow, Imbalance } from "../../journal/audit.ts";
import type { Gap } from "../../journal/gaps.ts";
import type { RuleRow } from "../../journal/rule_numbers.ts";
import { causeShown, stateShown } from "../gaps/shared.ts";
import { shown } from "../../model/outside_text.ts";
import { counted, figure, moment } from "../figures.ts";
import { table } from "../terminal.ts";

/** How many differences, damaged rows and gaps are listed. */
const MOST_LISTED = 20;

/** Whether everything adds up, and every row is what was written. */
export function balances({ imbalances, damaged }: Audit): boolean {
  return imbalances.length === 0 && damaged.length === 0;
}

/** Which journal was read. */
export interface JournalOwner {
  readonly path: string;
  readonly host: string;
  /** The instance's name in the fleet; undefined where it has none. */
  readonly instance: string | undefined;
}

/** The whole, ending with the line that says whether it balances. */
export function balanceText({ host, instance, path }: JournalOwner, audit: Audit): string {
  const { damaged, gaps, imbalances, rules, sinks, span, tweets } = audit;
  const when = span ? `${moment(span.from)} to ${moment(span.to)} UTC` : "nothing was received yet";
  const dropped = Object.entries(tweets.dropped);
  const parts = [
    `This is the journal of ${shown(host)}${instance === undefined ? "" : ` (${instance})`} in ${
      shown(path)
    }, ${when}\n`,
    table([
      ["received", figure(tweets.received)],
      ["accepted", figure(tweets.accepted)],
      ["repeated", figure(tweets.repeated)],
      ["dropped", figure(dropped.reduce((sum, [, count]) => sum + count, 0))],
      ...dropped.map(([reason, count]) => [`  ${reason.replaceAll("_", " ")}`, figure(count)]),
    ]),
    sinks.length === 0 ? "" : table([
      ["sink", "due", "delivered", "dead", "unread", "lost", "waiting", "rows that wait"],
      ...sinks.map((sink) => [
        shown(sink.sink),
        ...[sink.due, sink.delivered, sink.dead, sink.unread, sink.lost, sink.waiting, sink.waitingRows].map(figure),
      ]),
    ]),
    listed("gap", gaps, gapLine),
    listed("damaged row", damaged, damagedLine),
    listed("difference", imbalances, (imbalance) => imbalanceLine(imbalance, rules)),
    verdict(audit),
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function verdict(audit: Audit): string {
  const { damaged, imbalances, sinks } = audit;
  const lost = Math.max(0, ...sinks.map((sink) => sink.lost));
  const dead = sinks.reduce((sum, sink) => sum + sink.dead, 0);
  if (balances(audit)) {
    const notes = [
      ...lost > 0 ? [`${figure(lost)} lost with damaged rows are counted`] : [],
      ...dead > 0 ? [`${figure(dead)} dead: \`traptor dead list\``] : [],
    ];
    return `It balances${notes.map((note) => `; ${note}`).join("")}\n`;
  }
  const faults = [
    ...imbalances.length > 0 ? [`${counted(imbalances.length, "difference")}`] : [],
    ...damaged.length > 0 ? [counted(damaged.length, "damaged row")] : [],
  ];
  return `It does not balance: ${faults.join(", ")}\n`;
}

function listed<Entry>(what: string, entries: readonly Entry[], line: (entry: Entry) => string): string {
  if (entries.length === 0) return "";
  const lines = entries.slice(0, MOST_LISTED).map((entry) => `  ${line(entry)}\n`).join("");
  const more = entries.length - MOST_LISTED;
  return `${counted(entries.length, what)}:\n${lines}${
    more > 0 ? `  and ${figure(more)} more: --json shows all\n` : ""
  }`;
}

function gapLine(gap: Gap): string {
  const { beganAt, endedAt } = gap;
  return `${moment(beganAt)} to ${endedAt === undefined ? "now" : moment(endedAt)}: ${causeShown(gap)}; ${
    stateShown(gap)
  }`;
}

function damagedLine({ table, place, id, acceptedAt }: DamagedRow): string {
  const row = table === "records" ? `the record at position ${place}` : `the dead letter ${place}`;
  return `${row}, tweet ${shown(id, 40)}, accepted ${moment(acceptedAt)}, is not what was written`;
}

function imbalanceLine(imbalance: Imbalance, rules: ReadonlyMap<number, RuleRow>): string {
  const { expected, found, hour, rule, sink, what } = imbalance;
  const where = [moment(hour), ruleName(rule, rules), ...sink === "" ? [] : [shown(sink)]].join(", ");
  switch (what) {
    case "waiting":
      return `${where}: ${figure(expected)} must wait by the counts, ${figure(found)} do`;
    case "dead":
      return `${where}: ${figure(expected)} dead letters by the counts, ${figure(found)} are there`;
    case "received":
      return `${where}: ${figure(expected)} received, but ${figure(found)} accepted, repeated or dropped`;
    case "due":
      return `${where}: ${figure(expected)} accepted, but ${figure(found)} due`;
  }
}

function ruleName(number: number, rules: ReadonlyMap<number, RuleRow>): string {
  if (number === 0) return "all rules";
  const rule = rules.get(number);
  return rule ? `rule ${shown(rule.slot)} "${shown(rule.value, 60)}"` : `rule ${number}, of which nothing is known`;
}
