/** What would change at X, for people and for programs. */

import { shown } from "../../model/outside_text.ts";
import { slotName } from "../../model/slot.ts";
import type { Rule } from "../../model/rule.ts";
import type { WantedQuery, WireRule } from "../../model/wire_rules.ts";
import type { RulePreview } from "../../stream/rule_sync.ts";
import { counted, figure } from "../figures.ts";
import type { AtX } from "./at_x.ts";

/** How many rules of a kind are listed. */
const MOST_LISTED = 30;

/** A plan in the words that people use. */
export interface PlanShown {
  /** Where the rules are: slots, or a file. */
  readonly from: string;
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
  /** Rules that X has refused before, with its words; `apply` asks again. */
  readonly refused: readonly { readonly value: string; readonly reason: string }[];
}

/** Sorts a plan into what is new, what goes, and what is only grouped anew. */
export function planShown(
  { plan, counts, present, foreign }: RulePreview,
  { from, wanted }: Pick<AtX, "from" | "wanted">,
  refusal: (rule: Rule) => string | undefined,
): PlanShown {
  const covered = new Set([...plan.kept.values(), ...plan.removed.values()].flatMap(({ queries }) => queries));
  const isRegrouping = ({ queries }: WireRule) => queries.every((query) => covered.has(query));
  const values = new Map(present.map((rule) => [rule.id, rule]));
  const gone = [...plan.removed];
  const isRefused = ({ queries }: WireRule) =>
    queries.every(({ rules }) => rules.every((rule) => refusal(rule) !== undefined));
  const news = plan.added.filter((rule) => !isRefused(rule));
  const heldBefore = Math.max(counts.heldByProject ?? 0, present.length);
  return {
    from,
    rules: wanted.rules,
    queries: wanted.all.length,
    cap: counts.capPerProject ?? null,
    heldBefore,
    heldAfter: heldBefore + news.length - plan.removed.size,
    kept: plan.kept.size,
    added: news.filter((rule) => !isRegrouping(rule)).map(({ value, queries }) => ({
      value,
      rules: queries.filter((query) => !covered.has(query)).flatMap(rulesOf),
    })),
    removed: gone.filter(([, { queries }]) => queries.length === 0).map(([id]) => values.get(id)!),
    repacked: {
      into: news.filter(isRegrouping).map(({ value }) => value),
      from: gone.filter(([, { queries }]) => queries.length > 0).map(([id]) => values.get(id)!.value),
    },
    foreign,
    unplaced: plan.unplaced.map(({ value }) => value),
    refused: plan.added.filter(isRefused).flatMap(({ queries }) => queries).map(({ value, rules }) => ({
      value,
      reason: refusal(rules[0])!,
    })),
  };
}

/** The plan as text. */
export function planText(plan: PlanShown): string {
  const { added, cap, foreign, heldAfter, heldBefore, kept, queries, refused, removed, repacked, rules, unplaced } =
    plan;
  const of = cap === null ? "" : ` of ${figure(cap)}`;
  const isSame = added.length + removed.length + repacked.into.length + repacked.from.length === 0;
  return [
    `Wanted: ${counted(rules, "rule")} of ${shown(plan.from, 200)}, ${counted(queries, "query", "queries")}\n`,
    `X holds ${figure(heldBefore)}${of} rules now, ${figure(heldAfter)}${of} afterwards\n`,
    isSame ? "Nothing to change\n" : kept > 0 ? `${counted(kept, "rule")} at X ${kept === 1 ? "stays" : "stay"}\n` : "",
    section(
      "add",
      added,
      ({ value, rules }) => `${shown(value, 90)}   for ${rules.slice(0, 3).join(", ")}${more(rules, 3)}`,
    ),
    section("delete", removed, ({ id, value }) => `${shown(value, 90)}   (${id})`),
    regroupingText(repacked),
    section(
      "refused by X before, asked again by `traptor rules apply`",
      refused,
      ({ value, reason }) => `${shown(value, 90)}   X says: ${shown(reason)}`,
    ),
    section("no room for", unplaced, (value) => shown(value, 90)),
    section(
      "not ours, left alone",
      foreign,
      ({ id, value, tag }) => `${shown(value, 70)}   (${id}, tag ${shown(tag, 40)})`,
    ),
  ].join("");
}

function regroupingText({ from, into }: PlanShown["repacked"]): string {
  if (from.length + into.length === 0) return "";
  const gone = `${counted(from.length, "rule")} at X`;
  const what = into.length === 0 ? `Replaced by added ones: ${gone}` : `Grouped anew: ${gone} become ${into.length}`;
  return `\n${what}; what they cover is covered all the time\n`;
}

function section<T>(title: string, items: readonly T[], line: (item: T) => string): string {
  if (items.length === 0) return "";
  const lines = items.slice(0, MOST_LISTED).map((item) => `  ${line(item)}\n`);
  const rest = items.length > MOST_LISTED ? `  and ${figure(items.length - MOST_LISTED)} more\n` : "";
  return `\n${title[0]!.toUpperCase()}${title.slice(1)} (${figure(items.length)}):\n${lines.join("")}${rest}`;
}

function rulesOf({ rules }: WantedQuery): string[] {
  return rules.map((rule) => `${slotName(rule.slot)} "${shown(rule.value, 40)}"`);
}

function more(items: readonly unknown[], listed: number): string {
  return items.length > listed ? ` and ${items.length - listed} more` : "";
}
