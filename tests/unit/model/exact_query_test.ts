import { assertEquals } from "@std/assert";
import { wordsOf } from "../../../src/match/words.ts";
import { Matcher } from "../../../src/match/matcher.ts";
import { isExactQuery } from "../../../src/model/exact_query.ts";
import { parseQuery } from "../../../src/model/query_parser.ts";
import { printQuery, termsOf } from "../../../src/model/query_tree.ts";
import { withChance } from "../../support/seeded.ts";
import { randomTree } from "./generated_trees.ts";
import { hostileText, longTexts } from "./hostile_texts.ts";

Deno.test("words, phrases, entities, accounts, ids, boxes and countries are decided exactly", () => {
  const exact = [
    "deno",
    "diacrítica новости 한국 2024",
    '"sea level rise" OR "  deno "',
    "#地震 @denoland $TSLA -#x",
    "from:nasa OR to:11348282 OR retweets_of:nasa OR retweets_of_user:nasa",
    "deno lang:en -is:retweet is:quote is:Reply has:hashtags has:cashtags -has:mentions",
    "conversation_id:1 OR (deno in_reply_to_tweet_id:2) OR (deno retweets_of_status_id:3)",
    "place_country:US OR bounding_box:[-74.1 40.6 -73.8 40.9]",
  ];
  for (const query of exact) assertEquals(isExactQuery(query), true, query);
});

Deno.test("what X has not published precisely is left to X", () => {
  const left = [
    "地震",
    "カメラ",
    "ー",
    "ข่าว",
    "မြန်မာ",
    "🦖",
    '"❤️"',
    "𝒟eno",
    "\u0301deno",
    '"coca-cola"',
    '"don\'t"',
    '"#deno"',
    '"sea level"~2',
    'url:"https://deno.com"',
    "deno url_contains:x",
    "point_radius:[1 2 3mi]",
    "deno followers_count:100",
    "deno sample:10",
    "deno is:verified",
    "deno -is:nullcast",
    "deno has:links",
    "deno has:media",
    "deno has:geo",
    "context:10.1",
    "entity:x",
    "bio:x",
    "place:paris",
    "deno source:x",
    'embedding:"x"',
  ];
  for (const query of left) assertEquals(isExactQuery(query), false, query);
  for (const query of left) assertEquals(isExactQuery(`deno OR (kafka ${query})`), false, query);
});

Deno.test("what X would refuse shares no rule with others: it would spoil them", () => {
  const refused = [
    "",
    "deno OR",
    "deno)",
    "lang:en",
    "the",
    "-deno",
    "from:a_name_that_is_too_long",
    "$1000",
    "deno lang:xx",
    "bounding_box:[1 2 3]",
    "bounding_box:[0 0 5 5]",
    "deno is:nothing",
    "keyword:deno",
  ];
  for (const query of refused) assertEquals(isExactQuery(query), false, query);
});

Deno.test("its length is no matter", () => {
  assertEquals(isExactQuery("deno ".repeat(2_000)), true);
});

Deno.test("whatever is called exact our matcher takes, and cuts into words as they are written", async () => {
  await withChance((chance) => {
    for (let round = 0; round < 5_000; round++) {
      const query = chance() < 0.5 ? hostileText(chance) : `deno ${printQuery(randomTree(chance, 1))}`;
      if (!isExactQuery(query)) continue;
      new Matcher([{ value: query }]);
      for (const { term: { operator, value } } of termsOf(parseQuery(query).tree!)) {
        if (operator === "keyword") assertEquals(wordsOf(value), [value.toLowerCase()], query);
        if (operator === "phrase") {
          assertEquals(wordsOf(value).join(" "), value.trim().toLowerCase().replace(/\s+/g, " "));
        }
      }
    }
  });
  for (const text of longTexts()) isExactQuery(text);
});
