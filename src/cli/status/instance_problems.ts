/** What is wrong with one live instance, by what it tells of itself. */

import { shown } from "../../model/outside_text.ts";
import type { InstanceReport } from "../../model/instance.ts";
import { counted } from "../figures.ts";
import { type AppView, type FleetView, holdersOf } from "./fleet_view.ts";
import type { Problem } from "./problem.ts";
import { ago, instanceShown, since, slotsShown, stateShown } from "./words.ts";

/** How long a connection may be missing, and how long tweets may wait for a sink, before that counts. */
const PATIENCE_MS = 60_000;
/** By how much a clock may differ from Redis's. */
const CLOCK_MS = 2_000;
/** The states in which tweets can come. */
const UP = new Set(["live", "idle", "behind"]);
/** A sink's reason; the journal has one of its own. */
const SINK_AWAY = /^(?!the journal ).* takes no tweets \(/;
/** How the reasons begin that other lines here tell, or that tell of nothing wrong. */
const TOLD = [
  /^the stream is /,
  /^standing by/,
  /^waiting for rules/,
  /^X refuses /,
  /^X has no room /,
  SINK_AWAY,
  /^the backlog /,
];

export function instanceProblems(instance: InstanceReport, app: AppView, view: FleetView): Problem[] {
  const isHolder = holdersOf(app, view).includes(instance);
  const common = { app: app.app, instance: instance.id };
  const problems = [
    ...isHolder ? [...streamProblems(instance, app, view), ...ruleProblems(instance)] : [],
    ...deliveryProblems(instance, view),
    ...ownProblems(instance),
  ].map((said): Problem => ({ ...common, isRemark: false, ...said }));
  const isTold = problems.some(({ isRemark }) => !isRemark);
  return [...problems, ...otherReasons(instance, isHolder, isTold).map((said) => ({ ...common, ...said }))];
}

type Said = Pick<Problem, "kind" | "what" | "remedy"> & { readonly isRemark?: boolean };

function streamProblems(instance: InstanceReport, app: AppView, view: FleetView): Said[] {
  const { reason, state, until } = instance;
  const name = instanceShown(instance);
  const why = reason === "" ? "" : `: ${shown(reason, 200)}`;
  const began = downSince(instance, app);
  const waits = until > view.at ? `; it waits until ${since(until)}` : "";
  if (state === "waiting_for_rules") {
    return [{
      kind: "waiting_for_rules",
      what: `${name} waits for rules: there are none for ${slotsShown(instance.slots)}`,
      remedy: "`traptor rules --help` says how to store some; it begins by itself when they are there",
    }];
  }
  if (state === "behind") {
    return [{
      kind: "behind",
      isRemark: true,
      what: `${name} is behind for ${ago(instance.since, view.at)}${why}`,
      remedy: "where it stays so: a faster disk or a faster sink",
    }];
  }
  if (UP.has(state)) return [];
  if (state === "refused") {
    return [{
      kind: "refused",
      what: `X refuses the stream of ${name} since ${since(instance.since)}${why}`,
      remedy: "the token and the app's access in X's developer portal; it is tried again by itself",
    }];
  }
  if (state === "out_of_budget") {
    return [{
      kind: "out_of_budget",
      what: `${name} has used up its connects to X${why}${waits}`,
      remedy: "wait: it goes on by itself; who else uses this token uses them up as well",
    }];
  }
  const isLong = view.at - began >= PATIENCE_MS || state === "stalled";
  return [{
    kind: "not_connected",
    isRemark: !isLong,
    what: `${name} has no connection for ${ago(began, view.at)}: it is ${stateShown(state)}${why}${waits}`,
    remedy: isLong
      ? "the network from that machine to X, and whether X itself has trouble; it tries again by itself"
      : "",
  }];
}

/** Since when it has no connection: its states come and go meanwhile, its last sign of life stays. */
function downSince({ id, since }: InstanceReport, { alive }: AppView): number {
  const last = alive.find(({ instance, up }) => instance === id && !up);
  return last ? Math.min(since, last.at) : since;
}

function ruleProblems({ rules, ...instance }: InstanceReport): Said[] {
  const name = instanceShown(instance);
  const { drifted, refused, unplaced } = rules;
  const problems: Said[] = [];
  if (refused > 0) {
    problems.push({
      kind: "rules_refused",
      what: `X refuses ${counted(refused, "rule")} of ${name}: nothing is collected for ${
        refused === 1 ? "it" : "them"
      }`,
      remedy: "`traptor rules list` shows which and why",
    });
  }
  if (unplaced > 0) {
    problems.push({
      kind: "rules_unplaced",
      what: `X has no room for ${counted(unplaced, "query", "queries")} of ${name}`,
      remedy: "fewer rules, or a tier with more; `traptor rules plan` shows what is left out",
    });
  }
  if (drifted > 0) {
    problems.push({
      kind: "rules_drifted",
      what: `X holds ${counted(drifted, "rule")} otherwise than ${name} wants`,
      remedy: "`traptor rules plan` shows the difference, `traptor rules apply` makes it as wanted",
    });
  }
  return problems;
}

function deliveryProblems(instance: InstanceReport, { at }: FleetView): Said[] {
  const { journal_full, reasons, waiting, waiting_since } = instance;
  const name = instanceShown(instance);
  const records = counted(waiting, "record");
  const words = reasons.find((reason) => SINK_AWAY.test(reason));
  const why = words === undefined ? "" : `: ${shown(words, 200)}`;
  if (journal_full) {
    return [{
      kind: "journal_full",
      what: `The journal of ${name} is full with ${records}, so that it collects nothing${why}`,
      remedy: "bring the sink back, or make room: JOURNAL_MAX_BYTES and the disk's free space bound it",
    }];
  }
  if (words !== undefined) {
    return [{
      kind: "sink_away",
      what: `A sink of ${name} takes nothing, the journal keeps what comes${why}`,
      remedy: "bring the sink back; what waits is delivered by itself",
    }];
  }
  if (waiting > 0 && waiting_since > 0 && at - waiting_since > PATIENCE_MS) {
    return [{
      kind: "delivery_slow",
      what: `${records} ${waiting === 1 ? "waits" : "wait"} on ${name} for a sink, the oldest for ${
        ago(waiting_since, at)
      }`,
      remedy: "whether the sink is up, and fast enough",
    }];
  }
  return [];
}

function ownProblems(instance: InstanceReport): Said[] {
  const { clock_ahead, gaps_asking } = instance;
  const problems: Said[] = [];
  if (gaps_asking > 0) {
    problems.push({
      kind: "gaps_asking",
      what: `${counted(gaps_asking, "gap")} of ${instanceShown(instance)} ${
        gaps_asking === 1 ? "waits" : "wait"
      } for a word of yours`,
      remedy: `on ${shown(instance.host, 40)}: \`traptor gaps list\`, then \`traptor gaps repair\``,
    });
  }
  if (Math.abs(clock_ahead) > CLOCK_MS) {
    const seconds = Math.round(Math.abs(clock_ahead) / 100) / 10;
    problems.push({
      kind: "clock_differs",
      what: `The clock of ${instanceShown(instance)} is ${seconds} s ${
        clock_ahead > 0 ? "ahead of" : "behind"
      } Redis's`,
      remedy: "set both machines' clocks by NTP: `timedatectl`, `chronyc tracking`",
    });
  }
  return problems;
}

/** Reasons of its own that nothing else tells, and a refusal to be ready that nothing else explains. */
function otherReasons(instance: InstanceReport, isHolder: boolean, isTold: boolean): (Said & { isRemark: boolean })[] {
  const { ready, reasons } = instance;
  const others = reasons.filter((reason) => !TOLD.some((pattern) => pattern.test(reason)));
  // A standby has no connection: what it says of that is told of the app.
  if (!ready && !isTold && (isHolder || others.length > 0)) {
    return [{
      kind: "not_ready",
      isRemark: false,
      what: `${instanceShown(instance)} is not ready: ${shown(reasons.join("; ") || "it gives no reason", 300)}`,
      remedy: `on ${shown(instance.host, 40)} look into the log of traptor`,
    }];
  }
  if (!ready || !isHolder) return [];
  return others.slice(0, 3).map((reason) => ({
    kind: "says",
    isRemark: true,
    what: `${instanceShown(instance)} says: ${shown(reason, 200)}`,
    remedy: "",
  }));
}
