/**
 * A fleet as JSON for programs. Its members only grow in number: read what you know, ignore the rest. Times are ISO 8601,
 * on Redis's clock where there is one; null where nothing is known.
 */

import type { InstanceReport } from "../../model/instance.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { iso } from "../figures.ts";
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

export function statusJson(view: FleetView, problems: readonly Problem[]): JsonObject {
  const { at, journal, malformed, place, source } = view;
  return {
    at: iso(at),
    source,
    place,
    well: isWell(problems),
    problems: problems.filter(({ isRemark }) => !isRemark).map(problemJson),
    remarks: problems.filter(({ isRemark }) => isRemark).map(problemJson),
    apps: view.apps.map((app) => appJson(app, view)),
    slots: slotsOfFleet(view).map(({ app, hasRules, instances, slot }) => ({
      slot,
      has_rules: hasRules ?? null,
      app: app?.app ?? null,
      instances: instances.map(({ id }) => id),
      holders: app ? holdersOf(app, view).map(({ id }) => id) : [],
    })),
    malformed: malformed.map(({ place, reason }) => ({ place, reason })),
    journal: journal
      ? {
        path: journal.path,
        waiting: journal.waiting,
        gaps_open: journal.gapsOpen,
        gap_seconds: journal.gapMs / 1_000,
      }
      : null,
  };
}

/** A look that could not be taken. */
export function failureJson(at: number, reason: string): JsonObject {
  return { at: iso(at), well: false, error: reason };
}

function problemJson({ app, instance, kind, remedy, what }: Problem): JsonObject {
  return { kind, app, instance, what, remedy: remedy === "" ? null : remedy };
}

function appJson(app: AppView, view: FleetView): JsonObject {
  const live = liveOf(app, view);
  return {
    app: app.app,
    slots: [...new Set(live.flatMap(({ slots }) => slots))].sort(),
    holders: holdersOf(app, view).map(({ id }) => id),
    standbys: standbysOf(app, view).map(({ id }) => id),
    leases: app.leases.map(({ generation, instance, leftMs, number }) => ({
      number,
      instance,
      generation,
      left_ms: leftMs,
    })),
    gaps_open: live.reduce((sum, { gaps_open }) => sum + gaps_open, 0),
    gaps_registered: app.gapsKnown,
    versions: [...new Set(live.map(({ version }) => version))].sort(),
    instances: app.instances.map((instance) => instanceJson(instance, app, view)),
  };
}

function instanceJson(instance: InstanceReport, app: AppView, view: FleetView): JsonObject {
  const { at, last_tweet_at, reason, since, started_at, until, waiting_since } = instance;
  return {
    ...instance,
    slots: [...instance.slots],
    reasons: [...instance.reasons],
    rules: { ...instance.rules },
    live: isThere(instance, view),
    stranded: isStranded(instance, app, view) ? instance.waiting : 0,
    at: time(at),
    started_at: time(started_at),
    since: time(since),
    until: time(until),
    reason: reason === "" ? null : reason,
    last_tweet_at: time(last_tweet_at),
    waiting_since: time(waiting_since),
  };
}

function time(at: number): JsonValue {
  return at === 0 ? null : iso(at);
}
