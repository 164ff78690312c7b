/** What became of the rules of a source, for people. */

import type { ExtractionCounts } from "../../extract/extraction.ts";
import type { RuleTable } from "../../model/rule_table.ts";
import { slotName } from "../../model/slot.ts";
import type { SlotChange } from "../../rules/rule_writer.ts";
import { counted, figure } from "../figures.ts";
import { table as textTable, writeError, writeOutput } from "../terminal.ts";

/** How many slots are listed. */
const MOST_SLOTS = 20;

/** The summary; `changes` is undefined where nothing was to be stored. */
export function storedSummary(
  table: RuleTable,
  counts: ExtractionCounts,
  changes: readonly SlotChange[] | undefined,
  startId: number,
): string {
  const { read, merged, refused, faulty } = counts;
  const parts = [
    `${counted(read, "rule")} read`,
    `${figure(table.size)} kept`,
    ...(merged > 0 ? [`${figure(merged)} merged with equal ones`] : []),
    ...(refused > 0 ? [`${figure(refused)} refused`] : []),
  ];
  const faults = faulty > 0
    ? `${counted(faulty, "kept rule")} ${
      faulty === 1 ? "has" : "have"
    } faults that X will refuse: \`traptor rules lint\` names them\n`
    : "";
  return `${parts.join(", ")}\n${faults}${
    changes === undefined ? "Nothing was stored (--dry-run)\n" : slotsText(changes) + collectingText(changes, startId)
  }`;
}

/** How to collect from slots that had no rules before; nothing where `traptor` alone does. */
function collectingText(changes: readonly SlotChange[], startId: number): string {
  const filled = changes.filter(({ after, before }) => before === 0 && after > 0).map(({ slot }) => slot);
  if (filled.every(({ type, id }) => type === "track" && id === 0)) return "";
  const types = new Set(filled.map(({ type }) => type));
  const last = Math.max(...filled.map(({ id }) => id));
  const ids = last === 0 ? "" : ` --id ${last > startId ? `${startId}-` : ""}${last}`;
  return `Collected by \`traptor --type ${[...types].join(",")}${ids}\`\n`;
}

/** What was done to a slot, for programs. */
export function slotJson({ slot, ...counts }: SlotChange) {
  return { slot: slotName(slot), ...counts };
}

/** Tells what was done to slots: as text, for which `none` says that nothing was, or as JSON. */
export function tellSlots(changes: readonly SlotChange[], { isJson, none }: { isJson: boolean; none?: string }): void {
  if (isJson) writeOutput(`${JSON.stringify({ slots: changes.map(slotJson) })}\n`);
  else writeError(none !== undefined && changes.length === 0 ? `${none}\n` : slotsText(changes));
}

/** What was done to slots, for people. */
export function slotsText(changes: readonly SlotChange[]): string {
  if (changes.length === 0) return "Nothing changed: the slots hold these rules already\n";
  const rows = changes.slice(0, MOST_SLOTS).map(({ slot, before, after, added, removed, changed }) => [
    `  ${slotName(slot)}`,
    `${figure(before)} -> ${figure(after)}`,
    ...([[added, "added"], [removed, "removed"], [changed, "changed"]] as const).map(([count, word]) =>
      count ? `${figure(count)} ${word}` : ""
    ),
  ]);
  const more = changes.length - MOST_SLOTS;
  return `${textTable([["  slot", "rules"], ...rows])}${more > 0 ? `  and ${counted(more, "more slot")}\n` : ""}`;
}
