/**
 * What `traptor status` looks at: everything that the instances have told, as it was read at one moment. Times are
 * milliseconds since 1970, on Redis's clock where it was read there.
 */

import { type InstanceReport, isLive } from "../../model/instance.ts";
import { inSlotOrder, parseSlotName, selectionsNamed, selects, type Slot, slotName } from "../../model/slot.ts";

/** Where a view was read: in Redis, from the collector of this machine, or, where none runs, in its journal. */
export type Source = "redis" | "collector" | "journal";

export interface FleetView {
  readonly source: Source;
  /** Where that is, for people. */
  readonly place: string;
  readonly at: number;
  readonly apps: readonly AppView[];
  /** The slots that have rules in Redis, by their names; undefined where rules come from a file. */
  readonly ruledSlots: readonly string[] | undefined;
  /** What was read and makes no sense. */
  readonly malformed: readonly Malformed[];
  /** What the journal says, where no collector runs; undefined where there is no journal either. */
  readonly journal?: JournalView | undefined;
}

export interface Malformed {
  readonly place: string;
  readonly reason: string;
}

export interface JournalView {
  readonly path: string;
  readonly waiting: number;
  readonly gapsOpen: number;
  readonly gapMs: number;
}

/** All that is known of one app. */
export interface AppView {
  readonly app: string;
  readonly instances: readonly InstanceReport[];
  readonly leases: readonly LeaseView[];
  readonly alive: readonly AliveView[];
  /** How many gaps the instances have registered in Redis. */
  readonly gapsKnown: number;
  readonly writtenOff: readonly WrittenOff[];
}

/** A lease that has not run out. */
export interface LeaseView {
  readonly number: number;
  /** The instance that has it. */
  readonly instance: string;
  readonly generation: number;
  readonly leftMs: number;
}

/** What a holder told last of its stream. */
export interface AliveView {
  readonly number: number;
  readonly instance: string;
  readonly at: number;
  readonly up: boolean;
  readonly released: boolean;
}

/** Records of an instance that nobody waits for any more. */
export interface WrittenOff {
  readonly instance: string;
  readonly at: number;
}

export function isThere(instance: InstanceReport, { at }: FleetView): boolean {
  return isLive(instance, at);
}

/** The instances of an app that tell of themselves. */
export function liveOf(app: AppView, view: FleetView): InstanceReport[] {
  return app.instances.filter((instance) => isThere(instance, view));
}

/**
 * Those of them that have a connection of the app: by the leases, and by what they say themselves. Where there is no
 * Redis, the journal's lock is the lease.
 */
export function holdersOf(app: AppView, view: FleetView): InstanceReport[] {
  if (view.source === "collector") return liveOf(app, view);
  const ids = new Set(app.leases.map(({ instance }) => instance));
  return liveOf(app, view).filter(({ id, role }) => ids.has(id) || (role === "holder" && app.leases.length === 0));
}

export function standbysOf(app: AppView, view: FleetView): InstanceReport[] {
  const holders = new Set(holdersOf(app, view));
  return liveOf(app, view).filter((instance) => !holders.has(instance));
}

/** Whether records of an instance that is gone wait for it, and nobody has written them off. */
export function isStranded(instance: InstanceReport, app: AppView, view: FleetView): boolean {
  if (isThere(instance, view) || instance.waiting <= 0) return false;
  return !app.writtenOff.some((entry) => entry.instance === instance.id && entry.at >= instance.at);
}

/** A slot with those of its app that were told to collect it. */
export interface SlotView {
  readonly slot: string;
  /** Undefined where rules come from a file. */
  readonly hasRules: boolean | undefined;
  readonly app: AppView | undefined;
  readonly instances: readonly InstanceReport[];
}

/** Every slot that has rules, or that a live instance names, once for each app that collects it. */
export function slotsOfFleet(view: FleetView): SlotView[] {
  const ruled = view.ruledSlots;
  const names = new Set(ruled ?? []);
  for (const app of view.apps) {
    for (const { slots } of liveOf(app, view)) {
      for (const name of slots) if (parseSlotName(name)) names.add(slotName(parseSlotName(name)!));
    }
  }
  const slots = [...names].flatMap((name) => parseSlotName(name) ?? []).sort(inSlotOrder);
  return slots.flatMap((slot): SlotView[] => {
    const hasRules = ruled?.includes(slotName(slot));
    const collected = view.apps.flatMap((app): SlotView[] => {
      const instances = liveOf(app, view).filter((instance) => collects(instance, slot));
      return instances.length === 0 ? [] : [{ slot: slotName(slot), hasRules, app, instances }];
    });
    return collected.length > 0 ? collected : [{ slot: slotName(slot), hasRules, app: undefined, instances: [] }];
  });
}

/** Whether an instance was told to collect a slot. */
export function collects({ slots }: InstanceReport, slot: Slot): boolean {
  return selectionsNamed(slots).some((selection) => selects(selection, slot));
}
