import { assert, assertEquals } from "@std/assert";
import { checkQuery, isAcceptable } from "../../../src/model/query_check.ts";
import { parseQuery } from "../../../src/model/query_parser.ts";
import { TIERS } from "../../../src/model/tier.ts";
import { withChance } from "../../support/seeded.ts";
import { hostileText, longTexts } from "./hostile_texts.ts";

const TIER = TIERS["pay-per-use"];

/** `level: the words with the complaint | what is wrong | what to write instead`. */
function complaints(text: string, tier = TIER): string[] {
  return checkQuery(text, tier).complaints.map(({ level, start, end, says, instead }) =>
    `${level}: ${text.slice(start, end)} | ${says} | ${instead}`
  );
}

Deno.test("what X takes has no complaint", () => {
  const sound = [
    "deno",
    '"climate change" (ice OR "sea level") lang:en -is:retweet',
    "from:nasa OR to:11348282 OR retweets_of_user:nasa",
    "#deno $TSLA @denoland -is:nullcast",
    "(snow OR rain) sample:10",
    "snow sample:100",
    "(has:links OR has:media) deno",
    "bounding_box:[-74.1 40.6 -73.8 40.9]",
    "geo_bounding_box:[-74.1 40.6 -73.8 40.9] OR point_radius:[-73.9 40.7 24mi]",
    '"the end"',
    "🦖 OR ❤",
    "context:10.799022225751871488 OR context:47.* OR conversation_id:1334987486343299072",
  ];
  for (const text of sound) assertEquals(complaints(text), [], text);
});

Deno.test("what needs company cannot stand alone: in the whole, nor as an alternative", () => {
  const instead = "a word, an account or an area beside it";
  assertEquals(complaints("lang:en"), [`fault: lang:en | lang:en cannot stand alone | ${instead}`]);
  assertEquals(complaints("has:links -is:retweet"), [
    `fault: has:links -is:retweet | has:links cannot stand alone | ${instead}`,
  ]);
  assertEquals(complaints("deno OR (is:quote lang:en)"), [
    `fault: (is:quote lang:en) | is:quote lang:en cannot stand alone | ${instead}`,
  ]);
  for (const operator of ["source:x", "followers_count:9", "url_contains:x", "in_reply_to_tweet_id:1", "sample:10"]) {
    assertEquals(complaints(operator), [`fault: ${operator} | ${operator} cannot stand alone | ${instead}`]);
    assertEquals(complaints(`deno ${operator}`), []);
  }
});

Deno.test("negations alone, and negations as alternatives", () => {
  const alone = "nothing in it must be there, so nearly everything would match | a word that must be there beside it";
  assertEquals(complaints("-deno"), [`fault: -deno | ${alone}`]);
  assertEquals(complaints("-deno -kafka"), [`fault: -deno -kafka | ${alone}`]);
  assertEquals(complaints("deno OR (-java -is:retweet)"), [`fault: (-java -is:retweet) | ${alone}`]);
  const alternative =
    "what must not be there cannot be an alternative | a word that must be there beside it: (word -other)";
  assertEquals(complaints("deno OR -java"), [`fault: -java | ${alternative}`]);
  assertEquals(complaints("rust (-deno OR -java)"), [`fault: -deno | ${alternative}`, `fault: -java | ${alternative}`]);
});

Deno.test("common words alone are refused; among alternatives X is not known to refuse them", () => {
  const says = (word: string) => `"${word}" is too common to be a rule by itself | a rarer word beside it`;
  assertEquals(complaints("the"), [`fault: the | ${says("the")}`]);
  assertEquals(complaints("The a lang:en"), [`fault: The a lang:en | ${says("The")}`]);
  assertEquals(complaints('"of the"'), [`fault: "of the" | ${says("of the")}`]);
  assertEquals(complaints("the OR of"), [`fault: the | ${says("the")}`]);
  assertEquals(complaints("deno OR the"), [`caution: the | ${says("the")}`]);
});

Deno.test("operators that X has not are named with the nearest that it has", () => {
  assertEquals(complaints("form:nasa"), ["fault: form:nasa | X has no operator form: | from:"]);
  assertEquals(complaints("deno langs:en"), ["fault: langs:en | X has no operator langs: | lang:"]);
  assertEquals(complaints("bounding_bx:[1 2 3 4]"), [
    "fault: bounding_bx:[1 2 3 4] | X has no operator bounding_bx: | bounding_box:",
  ]);
  assertEquals(complaints('recipe:"a b"'), [
    'fault: recipe:"a b" | X has no operator recipe: | "recipe:a b" for the text itself',
  ]);
  assertEquals(complaints("https://x.com/a"), [
    'fault: https://x.com/a | an address needs url: and quotes | url:"https://x.com/a"',
  ]);
  for (const name of ["constructor", "tostring", "__proto__", "hasownproperty"]) {
    assertEquals(checkQuery(`${name}:x`, TIER).complaints[0]?.says, `X has no operator ${name}:`);
  }
});

Deno.test("operators of other tiers are not available", () => {
  assertEquals(complaints('embedding:"cats"'), [
    'fault: embedding:"cats" | embedding: is not available on pay-per-use | another tier, or the words themselves',
  ]);
  assertEquals(complaints('embedding:"cats" embedding_threshold:0.7', TIERS.enterprise), []);
});

Deno.test("a query longer than the tier takes is told from where it is too long", () => {
  const text = "deno ".repeat(204) + "kafk";
  assertEquals(text.length, 1_024);
  assertEquals(complaints(text), []);
  assertEquals(complaints(`${text}a`), [
    "fault: a | it is 1025 characters long, pay-per-use takes 1024 | several rules, or shorter ones",
  ]);
  assertEquals(complaints(`${text}a`, TIERS.enterprise), []);
  assertEquals(complaints(`${text}a`, { ...TIER, ruleLength: 1_025 }), []);
});

Deno.test("what must be negated, what must not, and what holds for the whole rule", () => {
  assertEquals(complaints("deno is:nullcast"), [
    "fault: is:nullcast | is:nullcast must be negated | -is:nullcast",
  ]);
  assertEquals(complaints("deno -sample:10"), [
    "fault: sample:10 | sample: cannot be negated | sample:10 without its minus",
  ]);
  assertEquals(complaints("tea OR coffee sample:10"), [
    "fault: sample:10 | sample: holds for the whole rule, so alternatives need brackets | (a OR b) sample:10",
  ]);
});

Deno.test("accounts, cashtags and hashtags that cannot exist", () => {
  const name = "a name of at most 15 letters, digits and _";
  assertEquals(complaints("@a_name_that_is_too_long"), [
    `fault: @a_name_that_is_too_long | no account can be named @a_name_that_is_too_long | ${name}`,
  ]);
  assertEquals(complaints("@böse"), [`fault: @böse | no account can be named @böse | ${name}`]);
  assertEquals(complaints("from:@nasa"), [
    "fault: from:@nasa | from: an account's name stands without its @ | from:nasa",
  ]);
  assertEquals(complaints("from:na-sa"), [
    `fault: from:na-sa | from: "na-sa" cannot be an account | ${name}, or a numeric id`,
  ]);
  assertEquals(complaints("to:12345678901234567890"), [
    `fault: to:12345678901234567890 | to: "12345678901234567890" cannot be an account | ${name}, or a numeric id`,
  ]);
  assertEquals(complaints("$1000"), [
    'fault: $1000 | $1000 is no cashtag | "$1000" for the text, or a symbol such as $TSLA',
  ]);
  assertEquals(complaints("#2024"), ['caution: #2024 | a hashtag of digits alone is none at X | "#2024"']);
});

Deno.test("phrases whose words may stand too far apart", () => {
  assertEquals(complaints('"a storm"~6'), []);
  assertEquals(complaints('"a storm"~7'), ['fault: "a storm"~7 | ~7 is too far | ~6 at most']);
});

Deno.test("words that work otherwise than they look", () => {
  assertEquals(complaints("deno NOT java"), [
    "caution: NOT | NOT is a word to look for here | a minus right before what must not be there",
  ]);
  const unspaced = "in text without spaces between words X may find this only where it stands by itself | " +
    "words as they stand between spaces, or a hashtag";
  for (const text of ["地震", "ข่าว", "カメラ", '"地震!"', "မြန်မာ"]) {
    assertEquals(complaints(text), [`caution: ${text} | ${unspaced}`]);
  }
  for (const text of ["한국", "#地震", "новости", "خبر", "चाय"]) assertEquals(complaints(text), []);
});

Deno.test("complaints are in the order of their places; where grammar is broken, nothing is guessed of the whole", () => {
  assertEquals(checkQuery("lang:en or has:lnk --x", TIER).complaints.map(({ start, says }) => `${start} ${says}`), [
    "8 X takes or neither for a join nor for a word",
    '11 has: "lnk" is no value for it',
    "19 a term can be negated once only",
  ]);
  assertEquals(checkQuery(")".repeat(1_026), TIER).complaints.slice(-3).map(({ start }) => start), [
    1_024,
    1_024,
    1_025,
  ]);
  assertEquals(complaints("from:"), [
    "fault: from: | from: has no value | " +
    'from: with its value right behind it, without a space, or "from:" for the text itself',
  ]);
  assertEquals(complaints('from:""').length, 1);
});

Deno.test("a query is acceptable when it has no fault; cautions are none", () => {
  assertEquals(isAcceptable("deno OR the", TIER), true);
  assertEquals(isAcceptable("the", TIER), false);
});

Deno.test("no text makes parsing or checking throw, and every complaint has its place in the text", async () => {
  const check = (text: string) => {
    for (const { start, end, says, instead } of checkQuery(text, TIER).complaints) {
      const isPlace = 0 <= start && start <= end && end <= text.length;
      if (!isPlace || says === "" || instead === "") {
        throw new Error(JSON.stringify({ text, start, end, says, instead }));
      }
    }
    const parsed = parseQuery(text);
    assert(parsed.tree !== undefined || parsed.complaints.length > 0, JSON.stringify(text));
  };
  await withChance((chance) => {
    for (let round = 0; round < 10_000; round++) check(hostileText(chance));
  });
  longTexts().forEach(check);
});
