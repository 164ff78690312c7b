/**
 * A rule of GNIP's PowerTrack in X's rule language. Their grammar is nearly the same: what has another name gets it,
 * negated groups are written out, and all that X does not have or take is named with its place and what to write
 * instead.
 *
 * How long the query becomes is not judged here, for that is a matter of the tier; nor is what is only worth a look.
 * Source: docs.x.com, PowerTrack API: Rules and filtering, and Filtered stream: Build a rule.
 */

import { MOST_VALUE_LENGTH } from "../model/rule.ts";
import { checkQuery } from "../model/query_check.ts";
import { type Complaint, parseQuery } from "../model/query_parser.ts";
import { joined, printQuery, type QueryNode, type Span, termsOf } from "../model/query_tree.ts";
import { type Tier, TIERS } from "../model/tier.ts";
import { withPositiveCompany } from "./positive_company.ts";
import { counterpartOf } from "./powertrack_operators.ts";

/** What X would refuse; its place is that in the rule as GNIP has it, in UTF-16 units. */
export interface TranslationFault extends Span {
  /** What is wrong, a short sentence without its full stop. */
  readonly says: string;
  /** What to write instead; empty where the sentence says it all. */
  readonly instead: string;
}

export interface PowerTrackTranslation {
  /** X's query; where there are faults, as far as it got. */
  readonly query: string;
  readonly faults: readonly TranslationFault[];
}

/** Everything that X may have: who has which tier is not known from a file of GNIP's. */
const WIDEST_TIER: Tier = { ...TIERS.enterprise, ruleLength: 16 * MOST_VALUE_LENGTH };

/** Translates a rule. Never throws. */
export function translatePowerTrack(value: string): PowerTrackTranslation {
  const { tree, faults: grammar } = parsePowerTrack(value);
  if (!tree) return { query: "", faults: inOrder(grammar) };
  const gone: TranslationFault[] = notAsWord(tree);
  const translated = withPositiveCompany(withCounterparts(tree, gone));
  const query = printQuery(translated);
  // Where the grammar is broken, what is wrong beyond it may only follow from that.
  const refused = grammar.length === 0 ? refusedByX(query, translated, value) : [];
  const told = refused.filter((fault) => !gone.some(({ start, end }) => start <= fault.start && fault.end <= end));
  return { query, faults: inOrder([...grammar, ...gone, ...told]) };
}

/** A rule as a tree, and what is wrong with its grammar in PowerTrack; undefined when nothing can be made of it. */
export function parsePowerTrack(value: string): { tree: QueryNode | undefined; faults: TranslationFault[] } {
  const { tree, complaints } = parseQuery(value);
  const faults = complaints.filter((complaint) => complaint.level === "fault" && !isNegatedGroup(complaint, value));
  return { tree, faults };
}

/** Whether a complaint is about a minus before a bracket: that is translated. */
function isNegatedGroup({ start, end }: Span, value: string): boolean {
  return /^-+\([^]/.test(value.slice(Math.max(0, start), end));
}

/** GNIP's second PowerTrack refused this word, the first one looked for it: nobody meant either. */
function notAsWord(tree: QueryNode): TranslationFault[] {
  return termsOf(tree).filter(({ term }) => term.operator === "keyword" && term.value === "NOT")
    .map(({ term: { start, end } }) => ({
      start,
      end,
      says: "NOT is a word here and negates nothing",
      instead: 'a minus right before what must not be there, or "NOT" for the word',
    }));
}

function withCounterparts(node: QueryNode, faults: TranslationFault[]): QueryNode {
  if (node.kind === "not") return { ...node, part: withCounterparts(node.part, faults) };
  if (node.kind !== "term") return joined(node.kind, node.parts.map((part) => withCounterparts(part, faults)));
  const counterpart = counterpartOf(node);
  if ("node" in counterpart) return counterpart.node;
  faults.push({ start: node.start, end: node.end, ...counterpart });
  return node;
}

/** What X refuses in the translation, with the places in the original. */
function refusedByX(query: string, translated: QueryNode, value: string): TranslationFault[] {
  const { tree, complaints } = checkQuery(query, WIDEST_TIER);
  const places = new Map<string, Span>();
  if (tree) notePlaces(tree, translated, places);
  return complaints.filter(({ level }) => level === "fault").map((complaint: Complaint) => {
    const { start, end } = places.get(placeKey(complaint)) ?? { start: 0, end: value.length };
    return { start, end, says: complaint.says, instead: complaint.instead };
  });
}

/** Of each part of the printed tree, where what it was made of stood. */
function notePlaces(printed: QueryNode, translated: QueryNode, places: Map<string, Span>): void {
  if (printed.kind !== translated.kind) return;
  if (printed.kind === "not" && translated.kind === "not") notePlaces(printed.part, translated.part, places);
  if ((printed.kind === "and" || printed.kind === "or") && translated.kind === printed.kind) {
    printed.parts.forEach((part, at) => {
      const twin = translated.parts[at];
      if (twin) notePlaces(part, twin, places);
    });
  }
  places.set(placeKey(printed), originOf(translated));
}

function placeKey({ start, end }: Span): string {
  return `${start}-${end}`;
}

/** From the first to the last place of what a part was made of: a part that was written out has no order. */
function originOf(node: QueryNode): Span {
  if (node.kind === "term" || node.kind === "not") return node;
  const spans = node.parts.map(originOf);
  return {
    start: spans.reduce((least, { start }) => Math.min(least, start), Infinity),
    end: spans.reduce((most, { end }) => Math.max(most, end), 0),
  };
}

/** By place, each once: a part that was written out several times is told of once. */
function inOrder(faults: readonly TranslationFault[]): TranslationFault[] {
  const once = new Map(faults.map(({ start, end, says, instead }) => [
    `${start}-${end}-${says}`,
    { start, end, says, instead },
  ]));
  return [...once.values()].sort((a, b) => a.start - b.start || a.end - b.end);
}
