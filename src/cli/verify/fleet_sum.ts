/** What all journals of the fleet together have. Pure. */

import type { FleetBalance } from "../../fleet/fleet_balance.ts";
import type { MirroredSink, MirroredTotals } from "../../model/mirrored.ts";

export interface FleetSum {
  readonly totals: MirroredTotals;
  readonly waiting: number;
  readonly gapsOpen: number;
  readonly gapMs: number;
}

export function sumOf({ members }: FleetBalance): FleetSum {
  const all = members.flatMap(({ totals }) => totals ?? []);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  const sumBy = <Value>(maps: readonly Readonly<Record<string, Value>>[], add: (values: readonly Value[]) => Value) => {
    const names = new Set(maps.flatMap((map) => Object.keys(map)));
    return Object.fromEntries([...names].map((name) => [name, add(maps.flatMap((map) => map[name] ?? []))]));
  };
  return {
    totals: {
      received: sum(all.map(({ received }) => received)),
      accepted: sum(all.map(({ accepted }) => accepted)),
      repeated: sum(all.map(({ repeated }) => repeated)),
      dropped: sumBy(all.map(({ dropped }) => dropped), sum),
      sinks: sumBy(all.map(({ sinks }) => sinks), (counts): MirroredSink => ({
        due: sum(counts.map(({ due }) => due)),
        delivered: sum(counts.map(({ delivered }) => delivered)),
        dead: sum(counts.map(({ dead }) => dead)),
        unread: sum(counts.map(({ unread }) => unread)),
        lost: sum(counts.map(({ lost }) => lost)),
      })),
    },
    waiting: sum(members.map(({ waiting }) => waiting)),
    gapsOpen: sum(members.map(({ gapsOpen }) => gapsOpen)),
    gapMs: sum(members.map(({ gapMs }) => gapMs)),
  };
}
