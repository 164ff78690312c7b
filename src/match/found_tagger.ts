/**
 * Names the rules that a tweet matched which was found by a search: X names none on a page of search. What our own
 * matcher decides exactly it decides here as well, for search is laxer than the stream (it folds accents); of the other
 * queries X is believed, if the search was for them alone. Pure.
 */

import type { Rule } from "../model/rule.ts";
import type { JsonObject } from "../model/json.ts";
import type { WantedQueries, WantedQuery } from "../model/wire_rules.ts";
import { Matcher } from "./matcher.ts";
import type { Tagged } from "./tagger.ts";

export class FoundTagger {
  readonly #matcher: Matcher<WantedQuery>;

  /** The queries that were looked for. */
  constructor(wanted: WantedQueries) {
    this.#matcher = new Matcher(wanted.all.filter(({ isExact }) => isExact));
  }

  /** The rules of a tweet as X sent it, found by searches for these queries; or that the stream would not have sent it. */
  tag(message: JsonObject, foundBy: Iterable<WantedQuery>): Tagged {
    const named = [...foundBy].filter(({ isExact }) => !isExact);
    const matched = this.#matcher.match(message);
    const rules = new Set<Rule>([...named, ...matched].flatMap((query) => query.rules));
    const [first, ...others] = rules;
    if (!first) return { kind: "drop", reason: "not_matched" };
    return { kind: "match", rules: [first, ...others], attribution: matched.length > 0 ? "local" : "x" };
  }
}
