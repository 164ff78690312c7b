/**
 * What GNIP's rules are read as: the accounts that they name (as the Python program's script did), plain keywords, or
 * queries of X's.
 *
 * It promises that every rule yields something: rules, or a refusal that says why, with columns that count from 1 in the
 * rule's own value. Read as accounts, a rule's other conditions are left out; `isAccountsAlone` tells where there are
 * some.
 */

import { operatorOf } from "../model/operators.ts";
import { shown } from "../model/outside_text.ts";
import { type QueryNode, type Term, termsOf } from "../model/query_tree.ts";
import type { RuleType } from "../model/slot.ts";
import type { Entry, FoundRule, Refusal } from "./entry.ts";
import type { GnipRule } from "./gnip_rule.ts";
import { trackValue } from "./gnip_track.ts";
import { parsePowerTrack, translatePowerTrack, type TranslationFault } from "./powertrack.ts";

export const GNIP_READINGS = ["follow", "track", "query"] as const satisfies readonly RuleType[];

/** The type that the rules get, which says how they are read. */
export type GnipReading = typeof GNIP_READINGS[number];

/** How many faults of one rule are told. */
const MOST_REASONS = 10;

/** The rules of GNIP's as rules of one type; refusals among them are passed on. Fields: `value`, `tag`, `gnip_id`. */
export function* gnipEntries(rules: Iterable<GnipRule | Refusal>, reading: GnipReading): Generator<Entry> {
  for (const rule of rules) {
    if (rule.kind === "refused") yield rule;
    else if (reading === "follow") yield* accountEntries(rule);
    else yield reading === "track" ? trackEntry(rule) : queryEntry(rule);
  }
}

/** Whether a rule is nothing but accounts, so that following them is all that it says. */
export function isAccountsAlone({ value }: GnipRule): boolean {
  const { tree, faults } = parsePowerTrack(value);
  if (!tree || faults.length > 0) return false;
  const isAccount = (node: QueryNode) => node.kind === "term" && node.operator === "from";
  return isAccount(tree) || tree.kind === "or" && tree.parts.every(isAccount);
}

function* accountEntries(rule: GnipRule): Generator<Entry> {
  const { tree, faults: [fault] } = parsePowerTrack(rule.value);
  const accounts = tree ? termsOf(tree).filter(({ term }) => term.operator === "from") : [];
  const named = accounts.filter(({ isNegated }) => !isNegated);
  const says = named.length === 0 ? "it names no account with from:" : "it names accounts that cannot be told";
  // Where the grammar is broken, a quote that is never closed may hold more of them.
  const isSome = named.length > 0 && !(fault && rule.value.split(/\bfrom:/i).length - 1 > accounts.length);
  if (!isSome) yield refusal(rule, fault ? `${says}, and ${reasonOf(fault)}` : says);
  const told = new Set<string>();
  for (const { term } of named) {
    const account = accountOf(term);
    if (told.has(account.toLowerCase())) continue;
    told.add(account.toLowerCase());
    const wrong = operatorOf("from")?.check(account);
    if (!wrong) yield found(rule, account, "follow");
    else {
      const instead = "value" in wrong ? `from:${wrong.value}` : wrong.instead;
      yield refusal(rule, reasonOf({ ...term, says: wrong.says, instead }));
    }
  }
}

function accountOf({ value }: Term): string {
  return value.trim().replace(/^@/, "");
}

function trackEntry(rule: GnipRule): Entry {
  const read = trackValue(rule.value);
  return "track" in read ? found(rule, read.track, "track") : refusal(rule, reasonsOf(read.faults));
}

function queryEntry(rule: GnipRule): Entry {
  const { query, faults } = translatePowerTrack(rule.value);
  return faults.length === 0 ? found(rule, query, "query") : refusal(rule, reasonsOf(faults));
}

function found({ where, tag, id }: GnipRule, value: string, type: GnipReading): FoundRule {
  const own = { ...(tag === null ? {} : { tag }), ...(id === null ? {} : { gnip_id: id }) };
  return { kind: "rule", where, fields: { value, ...own }, type };
}

function refusal({ where, value }: GnipRule, reason: string): Refusal {
  return { kind: "refused", where, value, reason };
}

function reasonsOf(faults: readonly TranslationFault[]): string {
  const more = faults.length - MOST_REASONS;
  return faults.slice(0, MOST_REASONS).map(reasonOf).join(", ") + (more > 0 ? `, and ${more} more` : "");
}

function reasonOf({ start, says, instead }: TranslationFault): string {
  const place = `at column ${start + 1}: ${shown(says, 200)}`;
  return instead === "" ? place : `${place}; write ${shown(instead, 200)}`;
}
