/** Whether two loads brought the same rules, whatever their order. */

import type { Rule } from "../model/rule.ts";
import { slotName } from "../model/slot.ts";

/** Whether both lists hold the same rules, each as often. */
export function areSameRules(a: readonly Rule[], b: readonly Rule[]): boolean {
  if (a.length !== b.length) return false;
  // Nearly always nothing has changed, not even the order.
  const from = a.findIndex((rule, at) => textOf(rule) !== textOf(b[at]!));
  if (from < 0) return true;
  const left = new Map<string, number>();
  for (const text of a.slice(from).map(textOf)) left.set(text, (left.get(text) ?? 0) + 1);
  for (const text of b.slice(from).map(textOf)) {
    const count = left.get(text);
    if (!count) return false;
    left.set(text, count - 1);
  }
  return true;
}

function textOf({ ruleId, slot, value, tag, extra }: Rule): string {
  return JSON.stringify([ruleId, slotName(slot), value, tag, extra]);
}
