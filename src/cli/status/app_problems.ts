/** What is wrong with one app: nobody holds its connection, instances that are gone, and what the live ones tell. */

import { shown } from "../../model/outside_text.ts";
import type { InstanceReport } from "../../model/instance.ts";
import { counted } from "../figures.ts";
import { type AppView, type FleetView, holdersOf, isStranded, isThere, liveOf } from "./fleet_view.ts";
import { instanceProblems } from "./instance_problems.ts";
import type { Problem } from "./problem.ts";
import { ago, instanceShown, since } from "./words.ts";

/** How long an app may be without a holder before that counts. */
const WITHOUT_HOLDER_MS = 30_000;
/** How long an instance that was stopped in order may be away before its records count as stranded. */
const RESTART_MS = 60_000;

export function appProblems(app: AppView, view: FleetView): Problem[] {
  return [
    ...withoutHolder(app, view),
    ...app.instances.filter((instance) => !isThere(instance, view)).flatMap((instance) => gone(instance, app, view)),
    ...liveOf(app, view).flatMap((instance) => instanceProblems(instance, app, view)),
  ];
}

/** Standbys, or only the dead, and nobody who collects. */
function withoutHolder(app: AppView, view: FleetView): Problem[] {
  if (view.source !== "redis" || holdersOf(app, view).length > 0) return [];
  const live = liveOf(app, view);
  const common = { app: app.app, instance: null };
  if (live.length === 0) {
    const last = app.instances.filter(({ role }) => role !== "leaving").toSorted((one, other) => other.at - one.at)[0];
    if (!last) return [];
    return [{
      ...common,
      kind: "no_instance",
      isRemark: false,
      what: `Nobody collects for app ${shown(app.app, 16)}: the last instance, ${instanceShown(last)}, was heard of ` +
        `at ${since(last.at)}`,
      remedy: `start \`traptor\` on ${shown(last.host, 40)}, or with the same token on another machine`,
    }];
  }
  // Whoever has just come cannot have held it before.
  const began = Math.max(Math.min(...live.map(({ started_at }) => started_at)), ...app.alive.map(({ at }) => at));
  const isLong = view.at - began > WITHOUT_HOLDER_MS;
  const [lease] = app.leases;
  const by = lease ? `, which ${shown(lease.instance, 16)} has, of whom nothing is heard` : "";
  return [{
    ...common,
    kind: "no_holder",
    isRemark: !isLong,
    what: `No live instance holds the connection of app ${shown(app.app, 16)} for ${ago(began, view.at)}${by}`,
    remedy: isLong
      ? `the log of traptor on ${shown(live[0]!.host, 40)}: it says why it does not take over`
      : "a standby takes over within seconds",
  }];
}

/** An instance of which nothing is heard any more. */
function gone(instance: InstanceReport, app: AppView, view: FleetView): Problem[] {
  const common = { app: app.app, instance: instance.id };
  const host = shown(instance.host, 40);
  const records = counted(instance.waiting, "record");
  if (isStranded(instance, app, view)) {
    const isRestart = instance.role === "leaving" && view.at - instance.at <= RESTART_MS;
    return [{
      ...common,
      kind: "stranded",
      isRemark: isRestart,
      what: `${records} stranded on host ${instanceShown(instance)} since ${since(instance.at)}: ` +
        `${instance.role === "leaving" ? "it was stopped" : "nothing is heard of it"}, and they wait in its journal`,
      remedy: `start traptor on ${host}: it delivers them. If that machine is lost: ` +
        `\`traptor verify --fleet --write-off ${shown(instance.id, 16)}\``,
    }];
  }
  if (instance.role === "leaving" || liveOf(app, view).length === 0) return [];
  return [{
    ...common,
    kind: "instance_gone",
    isRemark: true,
    what: `Nothing is heard of ${instanceShown(instance)} since ${since(instance.at)}; nothing waits there`,
    remedy: `start traptor on ${host} if it is to stand by`,
  }];
}
