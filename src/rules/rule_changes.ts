/** How one content of a slot differs from another, in rules. */

import { normalValue } from "../model/normal_value.ts";
import type { ChangeCounts } from "./rule_history.ts";
import { storedRules } from "./slot_content.ts";
import type { SlotContent } from "./slot_reading.ts";

/** Counts rules that came, that went, and that are there with the same value but another tag or other fields. */
export function countChanges(before: SlotContent, after: SlotContent): ChangeCounts {
  const [old, fresh] = [textsOf(before), textsOf(after)];
  const gone = without(old, fresh);
  const come = without(fresh, old);
  // Only where rules both came and went one of them may be another's successor.
  if (gone.size === 0 || come.size === 0) return { added: come.size, removed: gone.size, changed: 0 };
  const goneValues = valuesOf(before, gone);
  const changed = [...valuesOf(after, come)].filter((value) => goneValues.has(value)).length;
  return { added: come.size - changed, removed: gone.size - changed, changed };
}

function textsOf({ sets, hashes }: SlotContent): Set<string> {
  return new Set([...[...sets.values()].flatMap((members) => [...members]), ...[...hashes].map(hashText)]);
}

function hashText([key, fields]: [string, Readonly<Record<string, string>>]): string {
  return JSON.stringify([key, fields]);
}

function without(texts: ReadonlySet<string>, others: ReadonlySet<string>): Set<string> {
  return new Set([...texts].filter((text) => !others.has(text)));
}

function valuesOf(content: SlotContent, texts: ReadonlySet<string>): Set<string> {
  const values = new Set<string>();
  for (const { value, text } of storedRules(content)) {
    if (texts.has(text)) values.add(value === undefined ? text : normalValue(content.slot.type, value));
  }
  return values;
}
