/**
 * What is wrong with a fleet, in words, each with what to do: pure, from what was looked at. A problem needs a person; a
 * remark does not. The table is that of the statuses that `/readyz` and `traptor status` promise.
 */

import { shown } from "../../model/outside_text.ts";
import { parseSlotName } from "../../model/slot.ts";
import { counted, figure } from "../figures.ts";
import { lengthShown } from "../gaps/shared.ts";
import { appProblems } from "./app_problems.ts";
import { collects, type FleetView, type JournalView, liveOf, slotsOfFleet } from "./fleet_view.ts";
import { overlapProblems } from "./overlaps.ts";
import type { Problem } from "./problem.ts";
import { instanceShown, named, since, slotsShown } from "./words.ts";

/** All that is to be said, what needs a person first. */
export function problemsOf(view: FleetView): Problem[] {
  const problems = [
    ...nobody(view),
    ...view.apps.flatMap((app) => appProblems(app, view)),
    ...overlapProblems(view),
    ...slotsWithoutInstance(view),
    ...instancesWithoutRules(view),
    ...malformed(view),
    ...versions(view),
  ];
  return [...problems.filter(({ isRemark }) => !isRemark), ...problems.filter(({ isRemark }) => isRemark)];
}

/** Whether nobody is needed. */
export function isWell(problems: readonly Problem[]): boolean {
  return problems.every(({ isRemark }) => isRemark);
}

const OF_ALL = { app: null, instance: null, isRemark: false } as const;

function nobody(view: FleetView): Problem[] {
  if (view.apps.some((app) => liveOf(app, view).length > 0)) return [];
  return [{
    ...OF_ALL,
    kind: "no_collector",
    what: `No collector runs${view.source === "redis" ? " on any machine" : ""}${journalShown(view.journal)}`,
    remedy: "start one: `traptor`, or its service",
  }];
}

function journalShown(journal: JournalView | undefined): string {
  if (!journal) return "";
  const { gapMs, gapsOpen, path, waiting } = journal;
  const waits = waiting === 0 ? "nothing waits" : `${counted(waiting, "record waits", "records wait")}`;
  const gaps = gapsOpen === 0 ? "no gap is open" : `${counted(gapsOpen, "gap is", "gaps are")} open`;
  return `; in the journal ${shown(path, 200)} ${waits}, ${gaps}, and ${lengthShown(gapMs)} were missed in all`;
}

function slotsWithoutInstance(view: FleetView): Problem[] {
  if (!view.ruledSlots) return [];
  const alone = slotsOfFleet(view).filter(({ app, hasRules }) => hasRules && !app).map(({ slot }) => slot);
  const [first] = alone;
  if (first === undefined) return [];
  const last = view.apps.flatMap(({ instances }) => instances)
    .filter((instance) => alone.some((name) => collects(instance, parseSlotName(name)!)))
    .toSorted((one, other) => other.at - one.at)[0];
  const [type, id] = first.split(":");
  return [{
    ...OF_ALL,
    kind: "slots_without_instance",
    what: `${slotsShown(alone)} ${alone.length === 1 ? "has" : "have"} rules, and no instance collects ` +
      `${alone.length === 1 ? "it" : "them"}${last ? `; ${instanceShown(last)} did until ${since(last.at)}` : ""}`,
    remedy: `\`traptor --type ${type} --id ${id}\`, or \`traptor rules clear --type ${type} --id ${id}\``,
  }];
}

function instancesWithoutRules(view: FleetView): Problem[] {
  const { ruledSlots } = view;
  if (!ruledSlots) return [];
  const ruled = ruledSlots.flatMap((name) => parseSlotName(name) ?? []);
  return view.apps.flatMap((app) =>
    // A holder that waits for rules says so itself.
    liveOf(app, view).filter((instance) =>
      instance.state !== "waiting_for_rules" && !ruled.some((slot) => collects(instance, slot))
    ).map((instance) => ({
      ...OF_ALL,
      app: app.app,
      instance: instance.id,
      kind: "instance_without_rules",
      what: instance.slots.length === 0
        ? `${instanceShown(instance)} names no slot to collect`
        : `${instanceShown(instance)} is to collect ${slotsShown(instance.slots)}, where there are no rules`,
      remedy: "put rules there, `traptor rules --help`; or start it with the --type and --id of slots that have some",
    }))
  );
}

function malformed({ malformed }: FleetView): Problem[] {
  return malformed.map(({ place, reason }) => ({
    ...OF_ALL,
    kind: "malformed",
    what: `${shown(place, 120)} cannot be read: ${shown(reason, 120)}`,
    remedy: "look at it with redis-cli, and delete it where no traptor of yours has written it",
  }));
}

function versions(view: FleetView): Problem[] {
  const hosts = Map.groupBy(view.apps.flatMap((app) => liveOf(app, view)), ({ version }) => version);
  if (hosts.size < 2) return [];
  const parts = [...hosts].sort(([one], [other]) => one < other ? -1 : 1)
    .map(([version, instances]) =>
      `${shown(version, 30)} on ${named(instances.map(({ host }) => shown(host, 40)), 3)}` +
      (instances.length > 3 ? ` (${figure(instances.length)})` : "")
    );
  return [{
    ...OF_ALL,
    isRemark: true,
    kind: "versions_differ",
    what: `The versions differ: ${parts.join("; ")}`,
    remedy: "the newest on all of them, one after the other",
  }];
}
