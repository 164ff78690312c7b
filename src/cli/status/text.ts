/** A fleet as text for people: problems first, then app by app, then the slots. No line is wider than is asked for. */

import type { InstanceReport } from "../../model/instance.ts";
import { shown } from "../../model/outside_text.ts";
import { counted, figure } from "../figures.ts";
import { lengthShown } from "../gaps/shared.ts";
import { table, widthOf } from "../terminal.ts";
import {
  type AppView,
  type FleetView,
  holdersOf,
  isStranded,
  isThere,
  liveOf,
  slotsOfFleet,
  standbysOf,
} from "./fleet_view.ts";
import type { Problem } from "./problem.ts";
import { isWell } from "./problems.ts";
import { ago, cutAt, instanceShown, named, since, slotsShown, stateShown, wrapped } from "./words.ts";

const COLUMN = 11;
/** How many slots have a line of their own; `--json` has all. */
const MOST_SLOTS = 40;

/** The whole text, with a line feed at its end. */
export function statusText(view: FleetView, problems: readonly Problem[], width = 80): string {
  const lines = [
    ...headline(view, problems, width),
    ...problems.flatMap((problem) => ["", ...problemLines(problem, width)]),
    ...view.apps.flatMap((app) => ["", ...appLines(app, view, width)]),
    ...slotLines(view),
  ];
  return lines.map((line) => `${cut(line, width)}\n`).join("");
}

function headline({ at, place }: FleetView, problems: readonly Problem[], width: number): string[] {
  const bad = problems.filter(({ isRemark }) => !isRemark).length;
  const verdict = isWell(problems)
    ? "All is well"
    : `${counted(bad, "problem")} ${bad === 1 ? "needs" : "need"} a person`;
  return wrapped(`${verdict}; ${shown(place, 200)}, ${since(at)}`, width, "", "  ");
}

function problemLines({ isRemark, remedy, what }: Problem, width: number): string[] {
  const mark = isRemark ? "- " : "! ";
  return [
    ...wrapped(`${what}.`, width, mark, "  "),
    ...remedy === "" ? [] : wrapped(remedy, width, "  Try: ", "       "),
  ];
}

function appLines(app: AppView, view: FleetView, width: number): string[] {
  const holders = holdersOf(app, view);
  const standbys = standbysOf(app, view);
  const live = liveOf(app, view);
  const gone = app.instances.filter((instance) => !isThere(instance, view));
  const slots = [...new Set(live.flatMap(({ slots }) => slots))];
  const rows: (readonly [string, string])[] = [
    ["slots", slots.length === 0 ? "none" : slotsShown(slots)],
    ...holders.length === 0 ? [["holder", "nobody"] as const] : holders.flatMap((holder) => holderRows(holder, view)),
    ...standbys.length === 0
      ? []
      : [["standbys", named(standbys.map(holders.length === 0 ? standbyShown : instanceShown))] as const],
    ...gone.length === 0 ? [] : [["gone", named(gone.map((instance) => goneShown(instance, app, view)), 4)] as const],
    ["journals", backlogShown(live, view.at)],
    ["gaps", gapsShown(app, live)],
    ["versions", named([...new Set(live.map(({ version }) => shown(version, 30)))].sort()) || "none"],
  ];
  return [
    `app ${shown(app.app, 16)}`,
    ...rows.flatMap(([name, value]) => wrapped(value, width, `  ${name.padEnd(COLUMN - 2)}`, " ".repeat(COLUMN))),
  ];
}

function holderRows(holder: InstanceReport, { at }: FleetView): (readonly [string, string])[] {
  const { connects_left, last_tweet_at, rate_hour, rate_now, reason, rules, state } = holder;
  const why = reason === "" ? "" : `: ${shown(reason, 120)}`;
  const last = last_tweet_at === 0 ? "none yet" : `the last one ${ago(last_tweet_at, at)} ago`;
  return [
    ["holder", `${instanceShown(holder)}, ${stateShown(state)} for ${ago(holder.since, at)}${why}`],
    ["rules", rulesShown(rules)],
    ["tweets", `${rate(rate_now)} a second now, ${rate(rate_hour)} in the last hour; ${last}`],
    ["connects", `${figure(connects_left)} left in these 15 minutes`],
  ];
}

/** Where somebody holds the connection, that is why this one does not. */
function standbyShown(standby: InstanceReport): string {
  return `${instanceShown(standby)}${standby.reason === "" ? "" : `: ${shown(standby.reason, 120)}`}`;
}

function rulesShown({ drifted, held, queries, refused, rules, unplaced }: InstanceReport["rules"]): string {
  const faults = [
    ...refused > 0 ? [`${figure(refused)} refused`] : [],
    ...unplaced > 0 ? [`${figure(unplaced)} without room`] : [],
    ...drifted > 0 ? [`${figure(drifted)} drifted`] : [],
  ];
  return [`${counted(rules, "rule")} in ${counted(queries, "query", "queries")}`, `${figure(held)} held`, ...faults]
    .join(", ");
}

function backlogShown(live: readonly InstanceReport[], now: number): string {
  const waiting = live.filter(({ waiting }) => waiting > 0).map((instance) => {
    const { host, waiting, waiting_bytes, waiting_since } = instance;
    const oldest = waiting_since === 0 ? "" : `, the oldest for ${ago(waiting_since, now)}`;
    const whose = live.length === 1 ? "" : ` on ${shown(host, 40)}`;
    return `${figure(waiting)} waiting${whose} (${size(waiting_bytes)}${oldest})`;
  });
  const lag = Math.round(Math.max(0, ...live.map(({ delivery_ms }) => delivery_ms)));
  const lately = lag === 0 ? "" : `; delivered within ${lag < 1_000 ? `${lag} ms` : lengthShown(lag)}`;
  return `${waiting.length === 0 ? "nothing waits" : named(waiting, 4)}${lately}`;
}

function gapsShown({ gapsKnown }: AppView, live: readonly InstanceReport[]): string {
  const sum = (member: "gap_ms" | "gaps_asking" | "gaps_open") =>
    live.reduce((total, instance) => total + instance[member], 0);
  const asking = sum("gaps_asking") === 0 ? "" : `, of which ${figure(sum("gaps_asking"))} wait for a word of yours`;
  const known = gapsKnown === 0 ? "" : `; ${figure(gapsKnown)} in the register of the fleet`;
  return `${figure(sum("gaps_open"))} open${asking}${known}; ${lengthShown(sum("gap_ms"))} in all`;
}

function goneShown(instance: InstanceReport, app: AppView, view: FleetView): string {
  const waiting = isStranded(instance, app, view) ? `, ${figure(instance.waiting)} waiting` : "";
  return `${instanceShown(instance)} since ${since(instance.at)}${waiting}`;
}

function slotLines(view: FleetView): string[] {
  const slots = slotsOfFleet(view);
  if (slots.length === 0) return [];
  const rows = slots.slice(0, MOST_SLOTS).map(({ app, hasRules, instances, slot }) => {
    const holders = app ? holdersOf(app, view) : [];
    return [
      slot,
      hasRules === undefined ? "file" : hasRules ? "yes" : "none",
      app ? shown(app.app, 12) : "-",
      holders.length === 0 ? "nobody" : holders.map(({ host }) => shortened(host)).join(", "),
      String(instances.filter((instance) => !holders.includes(instance)).length),
      holders.length === 0 ? "-" : holders.map(({ state }) => stateShown(state)).join(", "),
    ];
  });
  const more = slots.length > rows.length ? [`${figure(slots.length - rows.length)} more slots; --json has them`] : [];
  return [
    "",
    ...table([["slot", "rules", "app", "holder", "standbys", "state"], ...rows]).trimEnd().split("\n"),
    ...more,
  ];
}

function shortened(host: string): string {
  const text = shown(host, 20);
  return text === "" ? "?" : text;
}

/** `12.3`, or `1,234` where a tenth is nothing. */
function rate(value: number): string {
  return value < 100 ? String(Math.round(value * 10) / 10) : figure(Math.round(value));
}

function size(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.ceil(bytes / 1_000)} KB`;
  if (bytes < 1_000_000_000) return `${Math.round(bytes / 1_000_000)} MB`;
  return `${Math.round(bytes / 100_000_000) / 10} GB`;
}

/** The line, cut where it is wider than the terminal. */
function cut(line: string, width: number): string {
  return widthOf(line) <= width ? line.trimEnd() : `${cutAt(line, width - 1)[0]}…`;
}
