/**
 * Gathers what a source yields into a table of rules, and keeps count: what was read, kept, merged and refused. Nothing
 * is stored here, so a source that ends in the middle leaves nothing behind.
 */

import { shown } from "../model/outside_text.ts";
import { queriesOf, type Translation } from "../model/query.ts";
import { isAcceptable } from "../model/query_check.ts";
import { readRule, RuleFault } from "../model/rule.ts";
import { RuleTable } from "../model/rule_table.ts";
import type { RuleType } from "../model/slot.ts";
import type { Tier } from "../model/tier.ts";
import type { Entry, FoundRule, Refusal } from "./entry.ts";

export interface ExtractionOptions {
  /** The type of rules whose source names none. */
  readonly type: RuleType;
  /** Instead of every rule's own tag. */
  readonly tag: string | undefined;
  readonly translation: Translation;
  readonly tier: Tier;
  onRefusal(refusal: Refusal): void;
  onProgress(counts: ExtractionCounts): void;
}

export interface ExtractionCounts {
  readonly read: number;
  /** Became part of another rule, for their values mean the same. */
  readonly merged: number;
  readonly refused: number;
  /** Kept, though X will not take them as they are. */
  readonly faulty: number;
}

/** How many entries pass between two looks at the signal and the progress. */
const STEP = 1_000;

/** Gathers all entries. Throws what the source throws, and the signal's reason, also while the source says nothing. */
export async function gatherRules(
  entries: AsyncIterable<Entry> | Iterable<Entry>,
  options: ExtractionOptions,
  signal: AbortSignal,
): Promise<{ table: RuleTable; counts: ExtractionCounts }> {
  signal.throwIfAborted();
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([gathered(entries, options, signal), stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function gathered(
  entries: AsyncIterable<Entry> | Iterable<Entry>,
  options: ExtractionOptions,
  signal: AbortSignal,
): Promise<{ table: RuleTable; counts: ExtractionCounts }> {
  const table = new RuleTable();
  const counts = { read: 0, merged: 0, refused: 0, faulty: 0 };
  const refuse = (refusal: Refusal) => {
    counts.refused += 1;
    options.onRefusal(refusal);
  };
  for await (const entry of entries) {
    counts.read += 1;
    if (entry.kind === "refused") refuse(entry);
    else {
      try {
        const { isMerged, isFaulty } = take(entry, table, options);
        if (isMerged) counts.merged += 1;
        if (isFaulty) counts.faulty += 1;
      } catch (error) {
        if (!(error instanceof RuleFault)) throw error;
        refuse({ kind: "refused", where: entry.where, value: valueShown(entry), reason: error.message });
      }
    }
    if (counts.read % STEP === 0) {
      signal.throwIfAborted();
      options.onProgress(counts);
    }
  }
  signal.throwIfAborted();
  options.onProgress(counts);
  return { table, counts };
}

function take(entry: FoundRule, table: RuleTable, options: ExtractionOptions) {
  const fields = options.tag === undefined ? entry.fields : { ...entry.fields, tag: options.tag };
  const rule = readRule(fields, { type: entry.type ?? options.type, id: entry.slotId ?? 0 });
  refuseControlCharacters(rule.value);
  refuseWhatIsNotUtf8("value", rule.value);
  refuseWhatIsNotUtf8("tag", rule.tag ?? "");
  const queries = queriesOf(rule, options.translation);
  const isMerged = table.add(rule, fields, entry.slotId) === "merged";
  // What accounts and areas become is always right.
  const mayBeFaulty = !isMerged && (rule.slot.type === "track" || rule.slot.type === "query");
  return { isMerged, isFaulty: mayBeFaulty && !queries.every((query) => isAcceptable(query, options.tier)) };
}

function valueShown({ fields }: FoundRule): string {
  const value = fields["value"];
  return value === undefined ? "" : shown(typeof value === "string" ? value : JSON.stringify(value), 200);
}

/** No search finds what they stand for; they come from files that are not what they are taken for. */
function refuseControlCharacters(value: string): void {
  // deno-lint-ignore no-control-regex
  const [found] = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/.exec(value) ?? [];
  if (found !== undefined) {
    throw new RuleFault(`its value holds the control character \\u{${found.codePointAt(0)!.toString(16)}}`);
  }
}

/** U+FFFD is what a reader puts in the place of bytes that are none. */
function refuseWhatIsNotUtf8(name: "value" | "tag", text: string): void {
  if (text.includes("\ufffd") || !text.isWellFormed()) throw new RuleFault(`its ${name} is not UTF-8`);
}
