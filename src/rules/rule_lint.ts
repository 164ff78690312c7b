/**
 * What is wrong with rules, before X is asked: faults, which X refuses or which mean nothing, and cautions, which work,
 * but perhaps not as they were meant. Each message has its place and what to write instead.
 *
 * It promises to throw for no rule, and to tell nothing that is not so. What it cannot know is left to X.
 *
 * Source: docs.x.com, Filtered stream: Build a rule, and Operators; for `track`, the retired v1.1 statuses/filter.
 */

import { normalValue } from "../model/normal_value.ts";
import { operatorOf } from "../model/operators.ts";
import { queriesOf, type Translation } from "../model/query.ts";
import { checkQuery } from "../model/query_check.ts";
import { parseQuery } from "../model/query_parser.ts";
import { quoted, type Span } from "../model/query_tree.ts";
import { type Rule, RuleFault } from "../model/rule.ts";
import { slotName } from "../model/slot.ts";
import { trackTokens } from "../model/track_value.ts";
import type { Tier } from "../model/tier.ts";
import { coveredRules } from "./covered_rules.ts";

export interface LintMessage {
  readonly level: "fault" | "caution";
  readonly rule: Rule;
  /** The text that the span is about: the rule's value, or what it becomes for X. */
  readonly text: string;
  /** UTF-16 offsets in it, the end exclusive; absent for what concerns the whole. */
  readonly span?: Span;
  /** What is wrong, a short sentence without its full stop. */
  readonly says: string;
  /** What to write instead. */
  readonly instead: string;
}

export interface LintOptions {
  readonly tier: Tier;
  readonly translation: Translation;
}

/** Checks rules, each by itself and among each other. The messages are in the order of the rules. */
export function lintRules(rules: readonly Rule[], options: LintOptions): LintMessage[] {
  const single = rules.map((rule) => lintRule(rule, options));
  const isSound = single.map(({ messages }) => messages.every(({ level }) => level !== "fault"));
  const doubles = duplicates(rules);
  const covered = coveredRules(single.map(({ queries }, at) => {
    if (!isSound[at] || doubles.has(at)) return [];
    return queries.flatMap((query) => parseQuery(query).tree ?? []);
  }));
  return single.flatMap(({ messages }, at) => {
    const rule = rules[at]!;
    const first = doubles.get(at);
    const cover = covered.get(at);
    if (first !== undefined) {
      const says = `it means the same as ${named(rules[first]!)}`;
      messages.push({ level: "caution", rule, text: rule.value, says, instead: "one of them, with both tags" });
    } else if (cover !== undefined) {
      const says = `all that it finds is found by ${named(rules[cover]!)} as well`;
      const instead = "nothing, unless its own tag matters";
      messages.push({ level: "caution", rule, text: rule.value, says, instead });
    }
    return messages;
  });
}

/** What is wrong with one rule by itself, and the queries that it becomes. */
function lintRule(rule: Rule, options: LintOptions): { messages: LintMessage[]; queries: readonly string[] } {
  const { value } = rule;
  let queries: string[];
  try {
    queries = queriesOf(rule, options.translation);
  } catch (error) {
    if (!(error instanceof RuleFault)) throw error;
    const instead = EXAMPLES[rule.slot.type];
    return { messages: [{ level: "fault", rule, text: value, says: error.message, instead }], queries: [] };
  }
  const messages = [...aboutWriting(rule), ...aboutSize(rule, queries)];
  for (const query of rule.slot.type === "query" ? pieces(value, queries) : queries) {
    for (const { level, start, end, says, instead } of checkQuery(query, options.tier).complaints) {
      messages.push({ level, rule, text: query, span: { start, end }, says, instead });
    }
  }
  return { messages, queries };
}

const EXAMPLES: Readonly<Record<Rule["slot"]["type"], string>> = {
  track: "words, such as deno kafka",
  follow: "an account, such as nasa or 11348282",
  geo: "west,south,east,north in degrees, such as -74.1,40.6,-73.8,40.9",
  query: "a query, such as deno lang:en",
};

/** A query is checked as it was written, so that columns are those of its value, unless it is sent in pieces. */
function pieces(value: string, queries: readonly string[]): readonly string[] {
  return queries.length === 1 ? [value] : queries;
}

/** Words of a `track` rule that people mean otherwise. */
function aboutWriting(rule: Rule): LintMessage[] {
  if (rule.slot.type !== "track") return [];
  const messages: LintMessage[] = [];
  for (const { kind, text: word, start, end } of trackTokens(rule.value)) {
    if (kind !== "word") continue;
    const caution = (says: string, instead: string) =>
      messages.push({ level: "caution", rule, text: rule.value, span: { start, end }, says, instead });
    const [, name = ""] = /^-?([a-z_]+):./i.exec(word) ?? [];
    if (/^(or|and)$/i.test(word)) caution(`${word} is a word to look for here`, 'a comma for "or", a space for "and"');
    else if (word === "NOT") {
      caution("NOT is a word to look for here", "a query rule, with a minus before the next word");
    } else if (operatorOf(name.toLowerCase())) {
      caution(`${name}: is text to look for here, for a track rule has no operators`, `a query rule: ${word}`);
    } else if (/^-[\p{L}\p{N}]/u.test(word)) {
      caution("a minus leaves nothing out here, for a track rule has no operators", `a query rule with ${word}`);
    } else if (/^([a-z0-9-]+\.)+[a-z]{2,}(\/|$)/i.test(word)) {
      caution(
        "an address is found where a text shows it so, not in every link to it",
        `a query rule: url:${quoted(word)}`,
      );
    } else if (word.includes("*")) {
      caution("X finds whole words only: a * stands for nothing", "each form of the word, with commas between");
    }
  }
  return messages;
}

/** What one rule costs of X's rules when it has to be cut. */
function aboutSize(rule: Rule, queries: readonly string[]): LintMessage[] {
  const { slot: { type }, value: text } = rule;
  const tiles = type === "geo" ? queries.join(" ").split("bounding_box:").length - 1 : 1;
  if (tiles > 1) {
    const says = `its area has 25 miles or more, so it becomes ${tiles} tiles in ${counted(queries.length)} at X`;
    return [{
      level: "caution",
      rule,
      text,
      says,
      instead: "a smaller area, or a query rule with place_country: or place:",
    }];
  }
  if (queries.length === 1) return [];
  const says = `it is longer than X takes, so it becomes ${counted(queries.length)} at X`;
  return [{ level: "caution", rule, text, says, instead: "fewer alternatives, where that is too many" }];
}

function counted(rules: number): string {
  return rules === 1 ? "one rule" : `${rules} rules`;
}

/** For each rule that means the same as an earlier one of its type, that one. */
function duplicates(rules: readonly Rule[]): Map<number, number> {
  const first = new Map<string, number>();
  const found = new Map<number, number>();
  for (const [at, { slot, value }] of rules.entries()) {
    const key = `${slot.type} ${normalValue(slot.type, value)}`;
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, at);
    else found.set(at, earlier);
  }
  return found;
}

function named({ slot, value }: Rule): string {
  const cut = value.length > 80 ? `${value.slice(0, 79)}…` : value;
  return `${slotName(slot)} "${cut}"`;
}
