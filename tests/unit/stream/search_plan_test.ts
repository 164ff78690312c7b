/** How queries of the stream are looked for by search: nothing is forgotten, nothing is searched in vain. */

import { assert, assertEquals } from "@std/assert";
import { isExactQuery } from "../../../src/model/exact_query.ts";
import type { WantedQuery } from "../../../src/model/wire_rules.ts";
import { isByKeyword, planSearches } from "../../../src/stream/search_plan.ts";
import { withChance } from "../../support/seeded.ts";
import { query } from "../match/tagger_bench.ts";

type Chance = () => number;

const EXACT = ["deno", '"two words"', "#tag", "from:nasa", "coffee lang:en", "(tea OR mate) -milk", "to:12"];
const BY_X = ["🦖", "地震", "url:deno.com", "deno followers_count:100", '"one two"~3', "(deno OR url:x.com) tea"];
const FOREIGN: Readonly<Record<string, string>> = {
  "deno sample:10": "sample",
  "bio:writer": "bio",
  "deno bio_name:anna": "bio_name",
  'bio_location:"new york"': "bio_location",
  "user_bio:writer": "bio",
  "user_bio_location:paris deno": "bio_location",
  "deno -bio:writer": "bio",
  "(deno OR bio:writer) tea": "bio",
};

const pick = <Choice>(choices: readonly Choice[], chance: Chance) => choices[Math.floor(chance() * choices.length)]!;
const wanted = (value: string): WantedQuery => ({ value, rules: [query(value)], isExact: isExactQuery(value) });

interface Made {
  readonly query: WantedQuery;
  readonly searchable: readonly string[];
  /** Each alternative that cannot be searched, with the reason. */
  readonly lost: ReadonlyMap<string, string>;
}

/** A query of one to four alternatives, with what has to become of each. */
function made(number: number, longest: number, chance: Chance): Made {
  const lost = new Map<string, string>();
  const parts = Array.from({ length: 1 + Math.floor(chance() * 4) }, (_, index) => {
    const kind = chance();
    if (kind < 0.15) {
      const text = pick(Object.keys(FOREIGN), chance);
      lost.set(text, `search has no ${FOREIGN[text]}:`);
      return text;
    }
    if (kind < 0.25) {
      const text = `word${number}x${index} ${"deno ".repeat(longest)}end`.slice(0, longest + 1).trimEnd().padEnd(
        longest + 1,
        "s",
      );
      lost.set(text, `search takes ${longest} characters, it has ${longest + 1}`);
      return text;
    }
    return kind < 0.75 ? pick(EXACT, chance) : pick(BY_X, chance);
  });
  const searchable = parts.filter((part) => !lost.has(part));
  return { query: wanted(parts.join(" OR ")), searchable, lost };
}

Deno.test("each alternative is in a search that names its query, or is told with the reason", () =>
  withChance((chance) => {
    for (let round = 0; round < 200; round++) {
      const longest = pick([40, 64, 128, 512], chance);
      const all = Array.from({ length: Math.floor(chance() * 30) }, (_, number) => made(number, longest, chance));
      const queries = all.map(({ query }) => query);
      const { searches, unsearchable } = planSearches(queries, longest);
      for (const search of searches) {
        assert(search.query.length <= longest, `longer than ${longest}: ${search.query}`);
        assert(search.queries.length > 0 && new Set(search.queries).size === search.queries.length, search.query);
        // Of what our matcher does not decide all that a search looks for is the query's own.
        for (const { isExact, value } of search.queries) {
          const own = value.split(" OR ");
          const isOwn = search.query.split(" OR ").every((text) => own.includes(text));
          assert(isExact || isOwn, `not exact, and shared: ${search.query}`);
        }
      }
      for (const { query, searchable } of all) {
        const own = searches.filter(({ queries }) => queries.includes(query));
        // What is put together is read again piece by piece: each piece is one of ours, and each of ours is there.
        const pieces = own.flatMap((search) => search.query.split(" OR "));
        for (const text of searchable.flatMap((one) => one.split(" OR "))) {
          assert(pieces.includes(text), `${text} of ${query.value} is in no search`);
        }
        if (!query.isExact) {
          const texts = searchable.flatMap((one) => one.split(" OR "));
          assertEquals(new Set(pieces), new Set(texts), query.value);
        } else if (searchable.length === 0) assertEquals(own, [], query.value);
      }
      const lost = all.flatMap((one) => [...one.lost]);
      const toldOnce = new Map(unsearchable.map(({ query, reason }) => [query, reason]));
      assertEquals(toldOnce, new Map(lost));
      const searched = searches.map((search) => search.query).join("\n");
      for (const text of toldOnce.keys()) assert(!searched.includes(text), `${text} is searched for`);
      assertEquals(planSearches(queries, longest), { searches, unsearchable }, "the same again");
    }
  }));

Deno.test("exact queries share a search as long as they fit, the others have searches of their own", () => {
  const queries = ["deno", "🦖", "coffee", "地震", "tea"].map(wanted);
  const plan = (longest: number) =>
    planSearches(queries, longest).searches.map(({ query, queries }) => [query, queries.map(({ value }) => value)]);
  assertEquals(plan(512), [
    ["deno OR coffee OR tea", ["deno", "coffee", "tea"]],
    ["🦖", ["🦖"]],
    ["地震", ["地震"]],
  ]);
  assertEquals(plan("deno OR coffee".length), [
    ["deno OR coffee", ["deno", "coffee"]],
    ["tea", ["tea"]],
    ["🦖", ["🦖"]],
    ["地震", ["地震"]],
  ]);
});

Deno.test("of a query with alternatives those are searched that can be, each within the length", () => {
  const long = wanted("alpha OR bio:writer OR bravo OR charlie");
  const { searches, unsearchable } = planSearches([long], 16);
  assertEquals(searches.map(({ query }) => query), ["alpha OR bravo", "charlie"]);
  assertEquals(searches.map(({ queries }) => queries), [[long], [long]]);
  assertEquals(unsearchable, [{ query: "bio:writer", reason: "search has no bio:" }]);
  assertEquals(planSearches([wanted("abcdefgh ijklmnop")], 16).unsearchable, [
    { query: "abcdefgh ijklmnop", reason: "search takes 16 characters, it has 17" },
  ]);
});

Deno.test("what is found with its retweets shares no search with what is not", () => {
  const queries = ["deno", "#tag", "coffee", "from:nasa", "tea OR @nasa"].map(wanted);
  assertEquals(planSearches(queries, 512).searches.map(({ queries, query }) => [query, queries.length]), [
    ["deno OR coffee OR tea", 3],
    ["#tag OR from:nasa OR @nasa", 3],
  ]);
  assertEquals(planSearches([wanted("url:deno.com OR 🦖 OR #tag")], 512).searches.map(({ query }) => query), [
    "🦖",
    "url:deno.com OR #tag",
  ]);
});

Deno.test("what several queries are looked for with is searched once, for all of them", () => {
  const queries = ["🦖 OR bio:writer", "🦖 OR sample:10 deno", "🦖"].map(wanted);
  const { searches } = planSearches(queries, 512);
  assertEquals(searches.map(({ queries, query }) => [query, queries.map(({ value }) => value)]), [
    ["🦖", queries.map(({ value }) => value)],
  ]);
});

Deno.test("a query that cannot be read is searched as it is: X has the last word", () => {
  const { searches, unsearchable } = planSearches([wanted("deno (")], 512);
  assertEquals([searches.map(({ query }) => query), unsearchable], [["deno ("], []]);
});

Deno.test("nothing is wanted, nothing is searched", () => {
  assertEquals(planSearches([], 512), { searches: [], unsearchable: [] });
});

Deno.test("what is looked for by its words finds no retweets; by accounts, tags and places it does", () => {
  const byKeyword = [
    "deno",
    "from:nasa -deno",
    '"two words"',
    "from:nasa deno",
    "#tag OR deno",
    "(#tag OR deno) lang:en",
  ];
  assertEquals(byKeyword.map(isByKeyword), byKeyword.map(() => true));
  const others = ["#tag", "from:nasa", "retweets_of:nasa", "@nasa lang:en"];
  assertEquals(others.map(isByKeyword), others.map(() => false));
});
