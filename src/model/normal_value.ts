/**
 * When two rules of a type are the same: their values, written in one way. Spaces, case and the order of words that
 * are all looked for make no difference; neither does an `@` before an account.
 */

import { isDecimal } from "./area.ts";
import { parseQuery } from "./query_parser.ts";
import { printQuery } from "./query_tree.ts";
import type { RuleType } from "./slot.ts";

/** A text that is equal only for values that mean the same in rules of that type. Never throws. */
export function normalValue(type: RuleType, value: string): string {
  switch (type) {
    case "track":
      return value.includes('"') ? value.trim().toLowerCase().replace(/\s+/g, " ") : normalWords(value.toLowerCase());
    case "follow":
      return value.trim().replace(/^@/, "").toLowerCase();
    case "geo":
      return normalArea(value);
    case "query": {
      const { tree, complaints } = parseQuery(value);
      return tree && complaints.length === 0 ? printQuery(tree) : value.trim().replace(/\s+/g, " ");
    }
  }
}

function normalWords(value: string): string {
  if (!/[\s,]/.test(value)) return value;
  const alternatives = value.split(",").map((part) => part.trim().split(/\s+/).sort().join(" "));
  return alternatives.filter((part) => part !== "").sort().join(",");
}

function normalArea(value: string): string {
  const numbers = value.split(/[\s,]+/).filter((part) => part !== "");
  return numbers.every(isDecimal) ? numbers.map(Number).join(",") : value.trim();
}
