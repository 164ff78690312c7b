/** The fleet in a few lines: for each app who holds its connection, how it goes, and the first problem. Pure. */

import { shown } from "../../model/outside_text.ts";
import { counted, figure } from "../figures.ts";
import { type AppView, type FleetView, holdersOf, isStranded, liveOf, standbysOf } from "../status/fleet_view.ts";
import type { Problem } from "../status/problem.ts";
import { since, stateShown } from "../status/words.ts";
import { packed } from "./fitted.ts";
import type { FrameLine } from "./frame_line.ts";
import type { TopState } from "./model.ts";
import { rateShown } from "./rule_table.ts";

/** The lines, of which an app has at most `most` and one for its problem. */
export function fleetLines({ failure, look }: TopState, columns: number, most: number): FrameLine[] {
  const failed: FrameLine[] = failure === "" ? [] : [{ text: `! ${shown(failure)}`, kind: "strong" }];
  if (!look) return [{ text: "traptor top", kind: "plain" }, ...failed];
  const { problems, view } = look;
  const general = problems.filter(({ app }) => app === null);
  return [
    { text: `${since(view.at)}  ${shown(view.place, 200)}`, kind: "plain" },
    ...failed,
    ...problemLine(general),
    ...view.apps.flatMap((app): FrameLine[] => [
      ...packed(appParts(app, view), columns, most).map((text): FrameLine => ({ text, kind: "plain" })),
      ...problemLine(problems.filter((problem) => problem.app === app.app)),
    ]),
  ];
}

function problemLine(problems: readonly Problem[]): FrameLine[] {
  const [first] = problems;
  if (!first) return [];
  const more = problems.length > 1 ? `(1 of ${figure(problems.length)}) ` : "";
  return [{ text: `${first.isRemark ? "-" : "!"} ${more}${first.what}`, kind: first.isRemark ? "plain" : "strong" }];
}

/** What matters most comes first: a narrow terminal shows the beginning. */
function appParts(app: AppView, view: FleetView): string[] {
  const holders = holdersOf(app, view);
  const live = liveOf(app, view);
  const gone = app.instances.filter((instance) => isStranded(instance, app, view));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return [
    `app ${shown(app.app, 16)}`,
    ...holders.length === 0
      ? ["no holder"]
      : holders.map(({ host, state }) => `${shown(host || "?", 30)} ${stateShown(state)}`),
    `${rateShown(sum(holders.map(({ rate_now }) => rate_now)))}/s`,
    `hour ${rateShown(sum(holders.map(({ rate_hour }) => rate_hour)))}/s`,
    counted(standbysOf(app, view).length, "standby", "standbys"),
    `${figure(sum([...live, ...gone].map(({ waiting }) => waiting)))} waiting`,
    `${counted(sum(live.map(({ gaps_open }) => gaps_open)), "gap")} open`,
  ];
}
