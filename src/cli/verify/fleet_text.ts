/** What the fleet's journals add up to, for people. */

import type { FleetBalance, FleetDifference, FleetMember } from "../../fleet/fleet_balance.ts";
import type { MirroredTotals } from "../../model/mirrored.ts";
import { shown } from "../../model/outside_text.ts";
import { counted, figure, moment } from "../figures.ts";
import { table } from "../terminal.ts";
import { sumOf } from "./fleet_sum.ts";

/** How many differences are listed. */
const MOST_LISTED = 20;

/** The whole, ending with the line that says whether it balances. */
export function fleetText(place: { app: string; target: string }, balance: FleetBalance): string {
  const { differences, members, now, stranded, writtenOff } = balance;
  const sum = sumOf(balance);
  const sinks = Object.keys(sum.totals.sinks).sort();
  const rows = members.map((member) => [
    shown(member.host, 40),
    member.instance,
    member.state.replaceAll("_", " "),
    member.toldAt === 0 ? "never" : moment(seconds(member.toldAt)),
    ...numbers(member.totals, sinks),
    ...ends(member),
  ]);
  const lines = [
    ...stranded.map((member) => `${strandedLine(member)}\n`),
    ...writtenOff.map(({ at, by, host, instance, waiting }) =>
      `${counted(waiting, "record")} on host ${shown(host)} (${instance}) written off ${moment(seconds(at))} by ${
        shown(by)
      }\n`
    ),
    ...differences.slice(0, MOST_LISTED).map((difference) => `${differenceLine(difference, members)}\n`),
    differences.length > MOST_LISTED ? `and ${figure(differences.length - MOST_LISTED)} more: --json shows all\n` : "",
  ].join("");
  return [
    `The fleet of app ${place.app} in ${shown(place.target)}, ${moment(seconds(now))} UTC\n`,
    members.length === 0 ? "No instance has told anything\n" : table([
      [
        ...["host", "instance", "state", "last told", "received", "accepted"],
        ...sinks.map((sink) => `into ${shown(sink, 30)}`),
        ...["waiting", "gaps open", "seconds"],
      ],
      ...rows,
      ["all", "", "", "", ...numbers(sum.totals, sinks), ...ends(sum)],
    ]),
    lines,
    verdict(balance),
  ].filter((part) => part !== "").join("\n");
}

export function strandedLine({ host, instance, toldAt, waiting, waitingSince }: FleetMember): string {
  const since = waitingSince === 0 ? toldAt : waitingSince;
  return `${counted(waiting, "record")} stranded on host ${shown(host)} (${instance}) since ${
    moment(seconds(since))
  }: they are delivered when it comes back; if its disk is lost: \`traptor verify --fleet --write-off ${instance}\``;
}

function numbers(totals: MirroredTotals | undefined, sinks: readonly string[]): string[] {
  if (!totals) return ["?", "?", ...sinks.map(() => "?")];
  const delivered = sinks.map((sink) => totals.sinks[sink]?.delivered ?? 0);
  return [totals.received, totals.accepted, ...delivered].map(figure);
}

function ends({ gapMs, gapsOpen, waiting }: { gapMs: number; gapsOpen: number; waiting: number }): string[] {
  return [figure(waiting), figure(gapsOpen), figure(Math.round(gapMs / 1_000))];
}

function differenceLine(difference: FleetDifference, members: readonly FleetMember[]): string {
  const { expected, found, hour, instance, sink, what } = difference;
  const host = members.find((member) => member.instance === instance)?.host ?? "";
  const where = [
    `${shown(host)} (${instance})`,
    hour === undefined ? "all hours" : moment(hour),
    ...sink === "" ? [] : [shown(sink)],
  ].join(", ");
  const [one, other] = [figure(expected), figure(found)];
  switch (what) {
    case "received":
      return `${where}: ${one} received, but ${other} accepted, repeated or dropped`;
    case "due":
      return `${where}: ${one} accepted, but ${other} due`;
    case "settled":
      return `${where}: ${one} due, but ${other} delivered, dead, unread or lost`;
    case "waiting":
      return `${where}: ${one} must wait by the counts, ${other} do`;
    case "hours":
      return `${where}: ${one} received in all, but ${other} in the last days`;
  }
}

function verdict({ differences, stranded }: FleetBalance): string {
  const faults = [
    ...differences.length > 0 ? [counted(differences.length, "difference")] : [],
    ...stranded.length > 0 ? [`${figure(stranded.reduce((sum, { waiting }) => sum + waiting, 0))} stranded`] : [],
  ];
  return faults.length === 0 ? "The fleet balances\n" : `The fleet does not balance: ${faults.join(", ")}\n`;
}

/** To the second. */
function seconds(at: number): number {
  return Math.floor(at / 1_000) * 1_000;
}
