/** What became of the rules of a source, for people. */

import type { ExtractionCounts } from "../../extract/extraction.ts";
import type { RuleTable } from "../../model/rule_table.ts";
import { slotName } from "../../model/slot.ts";
import type { SlotChange } from "../../rules/rule_writer.ts";
import { table as textTable } from "../terminal.ts";
import { counted } from "./shared.ts";

/** How many slots are listed. */
const MOST_SLOTS = 20;

/** The summary; `changes` is undefined where nothing was to be stored. */
export function storedSummary(
  table: RuleTable,
  counts: ExtractionCounts,
  changes: readonly SlotChange[] | undefined,
): string {
  const { read, merged, refused, faulty } = counts;
  const parts = [
    `${counted(read, "rule")} read`,
    `${table.size.toLocaleString("en")} kept`,
    ...(merged > 0 ? [`${merged.toLocaleString("en")} the same as others`] : []),
    ...(refused > 0 ? [`${refused.toLocaleString("en")} refused`] : []),
  ];
  const faults = faulty > 0
    ? `${counted(faulty, "kept rule")} ${
      faulty === 1 ? "has" : "have"
    } faults that X will refuse: \`traptor rules lint\` names them\n`
    : "";
  return `${parts.join(", ")}\n${faults}${
    changes === undefined ? "Nothing was stored (--dry-run)\n" : slotsText(changes)
  }`;
}

/** What was done to slots. */
export function slotsText(changes: readonly SlotChange[]): string {
  if (changes.length === 0) return "Nothing changed: the slots hold these rules already\n";
  const rows = changes.slice(0, MOST_SLOTS).map(({ slot, before, after, added, removed, changed }) => [
    `  ${slotName(slot)}`,
    `${before} -> ${after}`,
    ...[[added, "added"], [removed, "removed"], [changed, "changed"]].map(([count, word]) =>
      count ? `${count} ${word}` : ""
    ),
  ]);
  const more = changes.length - MOST_SLOTS;
  return `${textTable([["  slot", "rules"], ...rows])}${more > 0 ? `  and ${counted(more, "more slot")}\n` : ""}`;
}
