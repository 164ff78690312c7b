/**
 * One picture of `traptor top`: a state and a size give exactly as many lines as the terminal has, none wider than it.
 * Pure. Above the fleet, app by app; below the rules; in the last line the keys.
 */

import { shown } from "../../model/outside_text.ts";
import { figure } from "../figures.ts";
import { fleetLines } from "./fleet_lines.ts";
import { fitted } from "./fitted.ts";
import type { FrameLine, Size } from "./frame_line.ts";
import { offsetIn, rulesShown, type TopState } from "./model.ts";
import { ruleTable } from "./rule_table.ts";

/** The first that fits is taken. */
const KEYS = [
  "q quit  r rate  t total  v value  l last  (again: reverse)  s next  / filter  j k",
  "q quit  r/t/v/l sort, again: reverse  s next  / filter  j/k scroll",
  "q quit r/t/v/l sort R turn / find j/k",
  "q quit",
];

/** How many rules have room. */
export function ruleRoom(state: TopState, size: Size): number {
  return Math.max(0, size.rows - headOf(state, size).length - 2);
}

/** The whole picture. */
export function frame(state: TopState, size: Size): FrameLine[] {
  const { columns, rows } = size;
  const head = headOf(state, size);
  const page = ruleRoom(state, size);
  const all = rulesShown(state);
  const offset = offsetIn(state, page);
  const { title, lines } = ruleTable(all, all.slice(offset, offset + page), state, columns);
  const body = lines.length === 0 && page > 0 ? [whyEmpty(state)] : lines;
  const above: FrameLine[] = [
    ...head,
    { text: title, kind: "bar" },
    ...body.map((text): FrameLine => ({ text, kind: "plain" })),
  ];
  const room = Math.max(0, rows - 1);
  const blank: FrameLine = { text: "", kind: "plain" };
  const padded = [...above.slice(0, room), ...Array(Math.max(0, room - above.length)).fill(blank)];
  const position = all.length > page
    ? `${figure(offset + 1)}-${figure(offset + lines.length)}/${figure(all.length)}`
    : "";
  const whole: FrameLine[] = [...padded, { text: lastLine(state, position, columns), kind: "bar" }];
  return whole.slice(0, rows).map(({ kind, text }) => ({
    kind,
    text: kind === "bar" ? fitted(text, columns) : fitted(text, columns).trimEnd(),
  }));
}

/** The fleet, in at most the half of the terminal. */
function headOf(state: TopState, { columns, rows }: Size): FrameLine[] {
  const lines = fleetLines(state, columns, rows >= 20 ? 3 : 1);
  const room = Math.max(1, Math.floor((rows - 2) / 2));
  if (lines.length <= room) return lines;
  const kept = lines.slice(0, room - 1);
  const more = `${figure(lines.length - kept.length)} more lines: \`traptor status\``;
  return [...kept, { text: more, kind: "plain" }];
}

function whyEmpty({ filter, look }: TopState): string {
  if (!look) return "";
  if (filter !== "" && look.rules.length > 0) return `No rule has "${shown(filter, 40)}" in it; Esc shows all`;
  return "No rule has matched yet";
}

function lastLine({ filter, isTyping }: TopState, position: string, columns: number): string {
  if (isTyping) return `/${shown(filter)}▏ Enter keeps it, Esc drops it`;
  const filtered = filter === "" ? "" : `/${shown(filter, 20)}  `;
  const texts = KEYS.map((keys) => [`${filtered}${keys}`, position].filter((part) => part !== "").join("  "));
  return texts.find((text) => text.length <= columns) ?? KEYS.at(-1)!;
}
