/**
 * Finds, among many queries, those that a tweet matches. Queries are looked up by their keys (words, entities,
 * accounts, places) in one map for each kind, so the cost of a tweet grows with its own words and its matches, not
 * with the number of queries: what an automaton is for texts cut anywhere, a map is for words.
 */

import { parseQuery } from "../model/query_parser.ts";
import type { JsonObject } from "../model/json.ts";
import { type Account, Content } from "./content.ts";
import { cellOf, isDecidedByKeys, type Key, type KeyKind, keysOf, type Predicate, predicateOf } from "./predicate.ts";

interface Entry<Query> {
  readonly query: Query;
  /** Undefined where a key decides. */
  readonly matches: Predicate | undefined;
  /** The number of the tweet that it was looked at for last. */
  seenFor: number;
}

type Index<Query> = Map<string, Entry<Query>[]>;

export class Matcher<Query extends { readonly value: string }> {
  readonly #indexes = new Map<KeyKind, Index<Query>>();
  /** Queries without a key. */
  readonly #always: Entry<Query>[] = [];
  readonly size: number;
  #tweets = 0;

  /** Throws RangeError for a query that cannot be decided exactly: the caller asks `isExactQuery` first. */
  constructor(queries: Iterable<Query>) {
    let size = 0;
    for (const query of queries) {
      const { tree } = parseQuery(query.value);
      if (!tree) throw new RangeError(`Cannot match the query ${query.value}: there is nothing in it`);
      const matches = predicateOf(tree);
      this.#add({ query, matches: isDecidedByKeys(tree) ? undefined : matches, seenFor: 0 }, keysOf(tree));
      size += 1;
    }
    this.size = size;
  }

  #add(entry: Entry<Query>, keys: readonly Key[] | undefined): void {
    if (!keys) {
      this.#always.push(entry);
      return;
    }
    for (const { kind, value } of keys) {
      let index = this.#indexes.get(kind);
      if (!index) this.#indexes.set(kind, index = new Map());
      const sharers = index.get(value);
      if (!sharers) index.set(value, [entry]);
      else if (sharers.at(-1) !== entry) sharers.push(entry); // the keys of an entry come one after the other
    }
  }

  /** The queries that a tweet matches. `message` is what X sent: `data` and `includes`. */
  match(message: JsonObject): Query[] {
    const content = new Content(message);
    const found: Query[] = [];
    const number = ++this.#tweets;
    const look = (entries: readonly Entry<Query>[] | undefined) => {
      if (!entries) return;
      for (const entry of entries) {
        if (entry.seenFor === number) continue;
        entry.seenFor = number;
        if (entry.matches === undefined || entry.matches(content)) found.push(entry.query);
      }
    };
    const lookUp = (kind: KeyKind, values: (content: Content) => Iterable<string | undefined>) => {
      const index = this.#indexes.get(kind);
      if (!index) return;
      for (const value of values(content)) if (value !== undefined) look(index.get(value));
    };
    for (const text of this.#indexes.has("word") ? content.texts : []) lookUp("word", () => text);
    lookUp("#", (tweet) => tweet.tags("hashtags"));
    lookUp("$", (tweet) => tweet.tags("cashtags"));
    lookUp("@", ({ mentions }) => mentions);
    lookUp("from", ({ author }) => references(author));
    lookUp("to", ({ repliedTo }) => references(repliedTo));
    lookUp("retweets_of", ({ retweetedFrom }) => references(retweetedFrom));
    lookUp("country", ({ country }) => [country]);
    lookUp("tweet", (tweet) => [tweet.conversationId, tweet.repliedToTweet, tweet.retweetedTweet]);
    lookUp("cell", ({ whereabouts: at }) => at ? [cellOf(at.west, at.south)] : []);
    look(this.#always);
    return found;
  }
}

function references({ id, name }: Account): (string | undefined)[] {
  return [id, name];
}
