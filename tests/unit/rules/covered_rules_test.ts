import { assert, assertEquals } from "@std/assert";
import { parseQuery } from "../../../src/model/query_parser.ts";
import type { QueryNode, Term } from "../../../src/model/query_tree.ts";
import { coveredRules } from "../../../src/rules/covered_rules.ts";
import { withChance } from "../../support/seeded.ts";

function treesOf(queries: readonly string[]): QueryNode[] {
  return queries.map((query) => parseQuery(query).tree!);
}

/** `what is covered < what covers it`, of rules of one query each. */
function told(...rules: string[]): string[] {
  return [...coveredRules(rules.map((rule) => treesOf([rule])))].map(([rule, by]) => `${rules[rule]} < ${rules[by]}`);
}

Deno.test("a rule that asks for more covers less", () => {
  assertEquals(told("deno", "deno kafka"), ["deno kafka < deno"]);
  assertEquals(told("deno kafka rust", "kafka deno"), ["deno kafka rust < kafka deno"]);
  assertEquals(told("deno", "deno -java", "deno lang:en"), ["deno -java < deno", "deno lang:en < deno"]);
  assertEquals(told("from:nasa", "from:NASA has:links"), ["from:NASA has:links < from:nasa"]);
  assertEquals(told("deno -java", "deno kafka -Java"), ["deno kafka -Java < deno -java"]);
  assertEquals(told("(a1 OR b1) c1", "c1 d1 (a1 OR b1)"), ["c1 d1 (a1 OR b1) < (a1 OR b1) c1"]);
});

Deno.test("alternatives cover each of themselves, and are covered when each of them is", () => {
  assertEquals(told("tea OR coffee", "tea"), ["tea < tea OR coffee"]);
  assertEquals(told("tea OR coffee", "green tea OR coffee OR tea black"), [
    "green tea OR coffee OR tea black < tea OR coffee",
  ]);
  assertEquals(told("tea", "coffee", "tea OR coffee"), ["tea < tea OR coffee", "coffee < tea OR coffee"]);
  assertEquals(told("tea", "tea OR coffee", "green tea"), ["tea < tea OR coffee", "green tea < tea OR coffee"]);
  assertEquals(
    [...coveredRules([treesOf(["tea x1", "coffee y1"]), treesOf(["coffee", "tea"])])],
    [[0, 1]],
  );
});

Deno.test("a word covers phrases in which it stands", () => {
  assertEquals(told("deno", '"deno kafka"'), ['"deno kafka" < deno']);
  assertEquals(told("deno", '"Deno kafka"~3'), ['"Deno kafka"~3 < deno']);
  assertEquals(told("cola", '"coca-cola"'), ['"coca-cola" < cola']);
  assertEquals(told("deno", '"🦖 deno"'), ['"🦖 deno" < deno']);
  assertEquals(told('"deno" kafka', "kafka deno rust"), ['kafka deno rust < "deno" kafka']);
});

Deno.test("nothing is told that is not so", () => {
  const apart = [
    ["deno kafka", "deno rust"],
    ["deno", "denoland"],
    ["deno", "#deno"],
    ["deno", "-deno java"],
    ["deno -java", "deno"],
    ["deno", "kafka OR deno rust"],
    ['"a b"', '"a b"~3'],
    ['"a b~3"', '"a b"~3'],
    ['"🦖 deno"', "deno"],
    ["deno", 'url:"deno"'],
    ["(deno OR kafka) rust", "(deno OR go) rust"],
    ["deno sample:10", "deno"],
    ["deno sample:10", "deno sample:10 kafka"],
    ['embedding:"cats"', 'embedding:"cats" embedding_threshold:0.1'],
  ];
  for (const [narrow, wide] of apart) {
    assertEquals(told(narrow!, wide!).filter((text) => text.startsWith(`${wide} <`)), [], `${narrow} | ${wide}`);
  }
});

Deno.test("of rules that cover each other the first stays", () => {
  assertEquals(told("deno", '"deno"'), ['"deno" < deno']);
  assertEquals(told("deno", "Deno", "DENO"), ["Deno < deno", "DENO < deno"]);
  assertEquals(told("x1 OR deno", "kafka", "deno OR x1", "deno OR x1 OR x1 y1"), [
    "deno OR x1 < x1 OR deno",
    "deno OR x1 OR x1 y1 < x1 OR deno",
  ]);
});

Deno.test("of rules that cover one after the other, the last is named", () => {
  assertEquals(told("deno kafka rust", "deno kafka", "deno"), ["deno kafka rust < deno", "deno kafka < deno"]);
  assertEquals(told("deno", "deno kafka", "deno kafka rust"), ["deno kafka < deno", "deno kafka rust < deno"]);
});

Deno.test("a rule of nothing covers nothing and is not covered", () => {
  assertEquals([...coveredRules([[], treesOf(["deno"]), []])], []);
});

/** What a tweet holds: words in their order, and whatever else is true of it. */
interface Tweet {
  readonly words: readonly string[];
  readonly facts: ReadonlySet<string>;
}

function matches(node: QueryNode, tweet: Tweet, chance: () => number): boolean {
  switch (node.kind) {
    case "term":
      return isIn(node, tweet, chance);
    case "not":
      return !matches(node.part, tweet, chance);
    case "and":
      return node.parts.every((part) => matches(part, tweet, chance));
    case "or":
      return node.parts.some((part) => matches(part, tweet, chance));
  }
}

function isIn({ operator, value, distance }: Term, { words, facts }: Tweet, chance: () => number): boolean {
  const sought = value.toLowerCase().match(/[a-z0-9]+|🦖/g) ?? [];
  if (operator === "sample") return chance() < 0.5;
  if (operator === "keyword") return words.includes(value.toLowerCase());
  if (operator !== "phrase") return facts.has(`${operator}:${value.toLowerCase()}`);
  if (distance === undefined) {
    return words.some((_, at) => sought.every((word, offset) => words[at + offset] === word));
  }
  return words.some((_, at) => {
    const near = words.slice(at, at + sought.length + distance);
    return sought.every((word) => near.includes(word));
  });
}

const WORDS = ["tea", "green", "ice", "🦖"];
const FACTS = ["#:tea", "from:tea", "has:links"];
const TERMS = [
  ...["tea", "Tea", "green", "ice", "🦖", '"tea"', '"green tea"', '"Green  Tea"', '"tea-ice"', '"🦖 tea"'],
  ...['"green tea"~1', '"green tea~1"', "#tea", "#Tea", "from:tea", "FROM:Tea", "has:links", "sample:50"],
];

/** One of few rules, so that many cover others. */
function randomRule(chance: () => number): string[] {
  const some = (most: number, make: () => string) => Array.from({ length: 1 + Math.floor(chance() * most) }, make);
  const term = () =>
    (chance() < 0.2 ? "-" : "") + TERMS[Math.floor(chance() * (TERMS.length - (chance() < 0.9 ? 1 : 0)))]!;
  const group = () => chance() < 0.8 ? term() : `(${some(2, term).join(" OR ")})`;
  return some(2, () => some(2, () => some(3, group).join(" ")).join(" OR "));
}

Deno.test("whatever is told is true: no tweet matches a covered rule and not the one that covers it", async () => {
  await withChance((chance) => {
    let told = 0;
    for (let round = 0; round < 300; round++) {
      const rules = Array.from({ length: 12 }, () => randomRule(chance));
      const trees = rules.map(treesOf);
      const covered = coveredRules(trees);
      for (const [rule, by] of covered) {
        told++;
        assert(!covered.has(by), `${rules[by]!.join(" | ")} is covered itself, of ${JSON.stringify(rules)}`);
        for (let tries = 0; tries < 60; tries++) {
          const tweet: Tweet = {
            words: Array.from({ length: Math.floor(chance() * 5) }, () => WORDS[Math.floor(chance() * WORDS.length)]!),
            facts: new Set(FACTS.filter(() => chance() < 0.5)),
          };
          if (!trees[rule]!.some((tree) => matches(tree, tweet, chance))) continue;
          assert(
            trees[by]!.some((tree) => matches(tree, tweet, chance)),
            `${rules[rule]!.join(" | ")} is not covered by ${rules[by]!.join(" | ")}: ${tweet.words} ${[
              ...tweet.facts,
            ]}`,
          );
        }
      }
    }
    assert(told > 500, `only ${told} rules were covered`);
  });
});

Deno.test("rules that share their words by the thousand are compared with some of the others", () => {
  const rules = Array.from({ length: 5_000 }, (_, at) => treesOf([`deno kafka w${at}`]));
  assertEquals(coveredRules([...rules, treesOf(["deno kafka w77 x"])]), new Map([[5_000, 77]]));
  assertEquals(coveredRules([...rules, treesOf(["deno kafka"])]).size, 5_000);
});
