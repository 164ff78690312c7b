/** The rules as a table that is exactly as wide as the terminal; a narrow one leaves columns out. Pure. */

import { shown } from "../../model/outside_text.ts";
import { fitted } from "./fitted.ts";
import { MOST_SAMPLES, type RuleRow, type Sort, type TopState } from "./model.ts";
import { sparkline } from "./sparkline.ts";

export interface RuleTable {
  readonly title: string;
  readonly lines: readonly string[];
}

interface Column {
  readonly title: string;
  readonly sort?: Sort;
  readonly width: number;
  readonly side: "left" | "right";
  cell(rule: RuleRow, width: number): string;
}

/** The least that the value of a rule has beside any other column. */
const LEAST_VALUE = 16;
const LEAST_GRAPH = 8;

/** The table of some of all rules. */
export function ruleTable(
  all: readonly RuleRow[],
  rules: readonly RuleRow[],
  state: TopState,
  columns: number,
): RuleTable {
  const chosen = columnsFor(all, state, columns);
  const line = (cellOf: (column: Column) => string) =>
    chosen.map((column) => fitted(cellOf(column), column.width, column.side)).join(" ");
  const mark = state.isReversed ? "▲" : "▼";
  return {
    title: line(({ sort, title }) => sort === state.sort ? `${title}${mark}` : title),
    lines: rules.map((rule) => line((column) => column.cell(rule, column.width))),
  };
}

function columnsFor(all: readonly RuleRow[], state: TopState, columns: number): Column[] {
  const now = state.look?.view.at ?? 0;
  const windows = new Set(all.map(({ windowMs }) => windowMs));
  const [windowMs = 0] = windows;
  const rate: Column = { title: "rate/s", sort: "rate", width: 7, side: "right", cell: ({ rate }) => rateShown(rate) };
  const graph: Column = {
    title: "graph",
    width: LEAST_GRAPH,
    side: "left",
    cell: ({ key }, width) => sparkline(state.history.get(key) ?? [], width),
  };
  const matches: Column = {
    title: windows.size === 1 ? `in ${ageShown(windowMs)}` : "matches",
    width: 7,
    side: "right",
    cell: ({ matches }) => countShown(matches),
  };
  const total: Column = {
    title: "total",
    sort: "total",
    width: 8,
    side: "right",
    cell: ({ total }) => countShown(total),
  };
  const last: Column = {
    title: "last",
    sort: "last",
    width: 5,
    side: "right",
    cell: ({ lastAt }) => lastAt === undefined ? "-" : ageShown(Math.max(0, now - lastAt)),
  };
  const slot: Column = { title: "slot", width: 8, side: "left", cell: ({ slot }) => shown(slot, 20) };
  const value = (width: number): Column => ({
    title: "rule",
    sort: "value",
    width,
    side: "left",
    cell: ({ value }) => shown(value, 1_000),
  });

  let room = columns - rate.width - 1 - LEAST_VALUE;
  const wanted = [graph, total, last, slot, ...windows.size === 1 && windowMs === 0 ? [] : [matches]];
  const chosen = new Set<Column>();
  for (const column of wanted) {
    if (column.width + 1 > room) break;
    chosen.add(column);
    room -= column.width + 1;
  }
  // Where there is hardly a terminal, the rate stands alone.
  if (columns < rate.width + 2) return [{ ...rate, width: columns }];
  const more = chosen.has(graph) ? Math.min(Math.floor(room / 2), MOST_SAMPLES - LEAST_GRAPH) : 0;
  const between = [graph, matches, total, last, slot].filter((column) => chosen.has(column))
    .map((column) => column === graph ? { ...column, width: column.width + more } : column);
  return [rate, ...between, value(LEAST_VALUE + room - more)];
}

/** `0`, `0.05`, `12.3`, `1,234`, `56k`. */
export function rateShown(rate: number): string {
  if (rate === 0) return "0";
  if (rate < 0.995) return rate < 0.005 ? "<0.01" : rate.toFixed(2);
  return rate < 99.95 ? rate.toFixed(1) : countShown(Math.round(rate));
}

/** At most seven characters: `99,999`, `123k`, `4,567k`, `12,345M`. */
export function countShown(count: number): string {
  if (count < 100_000) return count.toLocaleString("en");
  if (count < 10_000_000) return `${Math.floor(count / 1_000).toLocaleString("en")}k`;
  if (count < 100_000_000_000) return `${Math.floor(count / 1_000_000).toLocaleString("en")}M`;
  return count.toExponential(1);
}

/** How long something is, in its largest unit alone: `12s`, `5m`, `3h`, `40d`. */
export function ageShown(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 100) return `${seconds}s`;
  if (seconds < 6_000) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 3_600) return `${Math.floor(seconds / 3_600)}h`;
  return `${Math.min(9_999, Math.floor(seconds / 86_400))}d`;
}
