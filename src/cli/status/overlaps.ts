/** Two apps on the same slots: against X's rules, unless X has approved a use case of its own for each. */

import { shown } from "../../model/outside_text.ts";
import { overlap, selectionsNamed } from "../../model/slot.ts";
import { type AppView, type FleetView, liveOf } from "./fleet_view.ts";
import type { Problem } from "./problem.ts";
import { instanceShown } from "./words.ts";

/** Each pair of apps once, with the first of its instances that collect the same. */
export function overlapProblems(view: FleetView): Problem[] {
  return view.apps.flatMap((app, at) => view.apps.slice(at + 1).flatMap((other) => overlapOf(app, other, view) ?? []));
}

function overlapOf(app: AppView, other: AppView, view: FleetView): Problem | undefined {
  for (const one of liveOf(app, view)) {
    for (const another of liveOf(other, view)) {
      if (one.separate && another.separate) continue;
      const theirs = selectionsNamed(another.slots);
      const isShared = selectionsNamed(one.slots).some((mine) => theirs.some((selection) => overlap(mine, selection)));
      if (!isShared) continue;
      return {
        kind: "apps_overlap",
        isRemark: false,
        app: app.app,
        instance: one.id,
        what: `Two apps collect the same slots: ${instanceShown(one)} with app ${shown(app.app, 16)}, ` +
          `${instanceShown(another)} with app ${shown(other.app, 16)}. X forbids several apps for one use case`,
        remedy: "the same token on both; or X_SEPARATE_USE_CASES=yes on both, if X has approved each use case",
      };
    }
  }
  return undefined;
}
