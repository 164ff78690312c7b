/** What would change at X, for people and for programs. */

import { shown } from "../../model/outside_text.ts";
import { slotName } from "../../model/slot.ts";
import type { WantedQuery, WireRule } from "../../model/wire_rules.ts";
import type { RulePreview } from "../../stream/rule_sync.ts";
import type { AtX } from "./at_x.ts";
import { counted } from "./shared.ts";

/** How many rules of a kind are listed. */
const MOST_LISTED = 30;

/** A plan in the words that people use. */
export interface PlanShown {
  readonly rules: number;
  readonly queries: number;
  readonly cap: number | null;
  readonly heldBefore: number;
  readonly heldAfter: number;
  readonly kept: number;
  readonly added: readonly { readonly value: string; readonly rules: readonly string[] }[];
  readonly removed: readonly { readonly id: string; readonly value: string; readonly tag: string }[];
  /** Rules at X that only regroup queries which it holds already, and those that they take the place of. */
  readonly repacked: { readonly into: readonly string[]; readonly from: readonly string[] };
  readonly foreign: readonly { readonly id: string; readonly value: string; readonly tag: string }[];
  readonly unplaced: readonly string[];
}

/** Sorts a plan into what is new, what goes, and what is only grouped anew. */
export function planShown({ plan, counts, present, foreign }: RulePreview, { wanted }: AtX): PlanShown {
  const covered = new Set([...plan.kept.values(), ...plan.removed.values()].flatMap(({ queries }) => queries));
  const isRegrouping = ({ queries }: WireRule) => queries.every((query) => covered.has(query));
  const values = new Map(present.map((rule) => [rule.id, rule]));
  const gone = [...plan.removed];
  const heldBefore = Math.max(counts.heldByProject ?? 0, present.length);
  return {
    rules: wanted.rules,
    queries: wanted.all.length,
    cap: counts.capPerProject ?? null,
    heldBefore,
    heldAfter: heldBefore + plan.added.length - plan.removed.size,
    kept: plan.kept.size,
    added: plan.added.filter((rule) => !isRegrouping(rule)).map(({ value, queries }) => ({
      value,
      rules: queries.filter((query) => !covered.has(query)).flatMap(rulesOf),
    })),
    removed: gone.filter(([, { queries }]) => queries.length === 0).map(([id]) => values.get(id)!),
    repacked: {
      into: plan.added.filter(isRegrouping).map(({ value }) => value),
      from: gone.filter(([, { queries }]) => queries.length > 0).map(([id]) => values.get(id)!.value),
    },
    foreign,
    unplaced: plan.unplaced.map(({ value }) => value),
  };
}

/** The plan as text. */
export function planText(plan: PlanShown): string {
  const { added, cap, foreign, heldAfter, heldBefore, kept, queries, removed, repacked, rules, unplaced } = plan;
  const of = cap === null ? "" : ` of ${cap.toLocaleString("en")}`;
  const isSame = added.length + removed.length + repacked.into.length + repacked.from.length === 0;
  return [
    `Wanted: ${counted(rules, "rule")}, ${counted(queries, "query", "queries")}\n`,
    `X holds ${heldBefore.toLocaleString("en")}${of} rules now, ${heldAfter.toLocaleString("en")}${of} afterwards\n`,
    isSame ? `Nothing to change: ${counted(kept, "rule")} at X serve\n` : `${counted(kept, "rule")} at X stay\n`,
    section(
      "add",
      added,
      ({ value, rules }) => `${shown(value, 90)}   for ${rules.slice(0, 3).join(", ")}${more(rules, 3)}`,
    ),
    section("delete", removed, ({ id, value }) => `${shown(value, 90)}   (${id})`),
    repacked.into.length + repacked.from.length === 0
      ? ""
      : `\nGrouped anew: ${counted(repacked.from.length, "rule")} at X become ${
        counted(repacked.into.length, "rule")
      }, ` +
        "nothing is uncovered meanwhile\n",
    section("no room for", unplaced, (value) => shown(value, 90)),
    section(
      "not ours, left alone",
      foreign,
      ({ id, value, tag }) => `${shown(value, 70)}   (${id}, tag ${shown(tag, 40)})`,
    ),
  ].join("");
}

function section<T>(title: string, items: readonly T[], line: (item: T) => string): string {
  if (items.length === 0) return "";
  const lines = items.slice(0, MOST_LISTED).map((item) => `  ${line(item)}\n`);
  const rest = items.length > MOST_LISTED ? `  and ${(items.length - MOST_LISTED).toLocaleString("en")} more\n` : "";
  return `\n${title[0]!.toUpperCase()}${title.slice(1)} (${items.length.toLocaleString("en")}):\n${
    lines.join("")
  }${rest}`;
}

function rulesOf({ rules }: WantedQuery): string[] {
  return rules.map((rule) => `${slotName(rule.slot)} "${shown(rule.value, 40)}"`);
}

function more(items: readonly unknown[], listed: number): string {
  return items.length > listed ? ` and ${items.length - listed} more` : "";
}
