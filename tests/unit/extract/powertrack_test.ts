import { assert, assertEquals } from "@std/assert";
import { translatePowerTrack } from "../../../src/extract/powertrack.ts";
import { checkQuery } from "../../../src/model/query_check.ts";
import { TIERS } from "../../../src/model/tier.ts";
import { seeded, withChance } from "../../support/seeded.ts";
import { gnipSample } from "./gnip_samples.ts";
import { isMatch, randomRule, WORDS } from "./logic.ts";
import { mangled } from "./mangled.ts";

function query(value: string): string {
  const { query, faults } = translatePowerTrack(value);
  assertEquals(faults, [], value);
  return query;
}

/** `the words with the fault: says; instead`. */
function faults(value: string): string[] {
  return translatePowerTrack(value).faults
    .map(({ start, end, says, instead }) => `${value.slice(start, end)} | ${says}${instead && `; ${instead}`}`);
}

/** The sentences alone. */
function says(value: string): string[] {
  return faults(value).map((fault) => fault.split("; ")[0]!);
}

Deno.test("what both languages have stays as it is", () => {
  const same = [
    "(apple OR iphone) (price OR cost) lang:en -is:retweet",
    'url_contains:"example.com" x has:links',
    "bounding_box:[-105.301758 39.964069 -105.178505 40.09455]",
    "point_radius:[-105.27346517 40.01924738 10.0mi]",
    "#deno OR $TSLA OR @denoland",
    '"Toys \\"R\\" Us" sample:10',
    "🦖 has:geo",
    '"happy birthday"~3 -to:nasa retweets_of:12345',
    'x url:"https://example.com" url_title:a url_description:b source:"Twitter Web App" place:boulder',
    "x is:verified is:quote -is:reply has:media has:images has:videos has:mentions has:hashtags",
    "x followers_count:100 listed_count:5..9 bio:a bio_name:b bio_location:c from:nasa",
  ];
  for (const value of same) assertEquals(query(value), value);
  assertEquals(query("  a1\t\n (b1   OR (c1)) "), "a1 (b1 OR c1)");
});

Deno.test("what has another name gets it", () => {
  const renamed = {
    "twitter_lang:en": "lang:en",
    "country_code:us": "place_country:us",
    "place_country_code:us": "place_country:us",
    'place_contains:"New York"': 'place:"New York"',
    "bio_contains:dev": "bio:dev",
    "bio_name_contains:jim": "bio_name:jim",
    "bio_location_contains:co": "bio_location:co",
    "statuses_count:10": "tweets_count:10",
    "friends_count:100..500": "following_count:100..500",
    "retweets_of_status_id:1128017341835464704": "retweets_of_tweet_id:1128017341835464704",
    "in_reply_to_status_id:1128017341835464704": "in_reply_to_tweet_id:1128017341835464704",
    "has:symbols": "has:cashtags",
    "has:lang": "-lang:und",
    "FROM:nasa": "from:nasa",
  };
  for (const [theirs, ours] of Object.entries(renamed)) {
    assertEquals(query(`snow ${theirs}`), `snow ${ours}`);
    const minus = ours.startsWith("-") ? ours.slice(1) : `-${ours}`;
    assertEquals(query(`snow -${theirs}`), `snow ${minus}`);
  }
});

Deno.test("what X does not have is named with its place, and with what comes nearest", () => {
  const place = "which searches what an account wrote of its place itself";
  const without = "the rule without it: X has nothing like it";
  const instead = {
    "contains:phone": '"phone", which finds whole words only',
    "profile_country:US": `bio_location: with the country's names, ${place}, or place_country:US for posts from there`,
    "profile_country_code:US":
      `bio_location: with the country's names, ${place}, or place_country:US for posts from there`,
    "profile_region:colorado": `bio_location:colorado, ${place}`,
    'profile_region_contains:"New York"': `bio_location:"New York", ${place}`,
    "profile_subregion:weld": `bio_location:weld, ${place}`,
    "profile_subregion_contains:weld": `bio_location:weld, ${place}`,
    "profile_locality:greeley": `bio_location:greeley, ${place}`,
    "profile_locality_contains:greeley": `bio_location:greeley, ${place}`,
    "profile_point_radius:[-105 40 10mi]":
      `bio_location: with the names of places, ${place}, or point_radius:[-105 40 10mi] for posts from there`,
    "profile_bounding_box:[-105.3 39.9 -105.1 40]":
      `bio_location: with the names of places, ${place}, or bounding_box:[-105.3 39.9 -105.1 40] for posts from there`,
    'time_zone:"Mountain Time"': `bio_location: with the names of places, ${place}`,
    "bio_lang:es": "lang: for the language of the post",
    "klout_score:40": without,
    "klout_topic:coffee": without,
    "klout_topic_id:7": without,
    "klout_topic_contains:coffee": without,
  };
  for (const [operator, write] of Object.entries(instead)) {
    const name = operator.split(":")[0];
    for (const value of [`snow ${operator}`, `${operator} snow`, `-(x ${operator}) snow`, `(snow OR -${operator}) x`]) {
      assertEquals(faults(value), [`${operator} | X has no operator ${name}:; ${write}`]);
    }
  }
  for (const value of ["profile_geo", "profile_geo_region", "profile_geo_subregion", "profile_geo_locality"]) {
    assertEquals(faults(`snow has:${value}`), [
      `has:${value} | X has no has:${value}; bio_location: with the names of places, ${place}`,
    ]);
  }
  assertEquals(faults("snow form:nasa"), ["form:nasa | X has no operator form:; from:"]);
});

Deno.test("the places are those in the original, whatever was renamed before them", () => {
  assertEquals(says("  twitter_lang:xx   (statuses_count:many OR place_contains:b) -(lang:yy snow) c"), [
    'twitter_lang:xx | lang: X knows no language "xx"',
    'statuses_count:many | tweets_count: "many" is no value for it',
    'lang:yy | lang: X knows no language "yy"',
  ]);
  assertEquals(says("snow friends_count:x contains:y country_code:usa"), [
    'friends_count:x | following_count: "x" is no value for it',
    "contains:y | X has no operator contains:",
    'country_code:usa | place_country: "usa" is no value for it',
  ]);
});

Deno.test("what could stand alone in PowerTrack and cannot at X is named", () => {
  assertEquals(says("twitter_lang:en has:links"), ["twitter_lang:en has:links | lang:en has:links cannot stand alone"]);
  assertEquals(says("snow OR has:symbols"), ["has:symbols | has:cashtags cannot stand alone"]);
  assertEquals(says("snow OR (friends_count:9 is:verified)"), [
    "friends_count:9 is:verified | following_count:9 is:verified cannot stand alone",
  ]);
  assertEquals(says("-has:lang"), ["has:lang | lang:und cannot stand alone"]);
  assertEquals(says("-ipad"), ["-ipad | nothing in it must be there, so nearly everything would match"]);
  assertEquals(says("apple OR -ipad"), ["-ipad | what must not be there cannot be an alternative"]);
  assertEquals(says("-(apple ipad)"), [
    "apple | what must not be there cannot be an alternative",
    "ipad | what must not be there cannot be an alternative",
  ]);
});

Deno.test("what is broken in grammar is named and not guessed", () => {
  assertEquals(says("apple OR"), ["OR | nothing follows this OR"]);
  assertEquals(says("lang:en ("), ["( | this bracket is never closed"]);
  assertEquals(says("snow ("), ["( | this bracket is never closed"]);
  assertEquals(says("apple or pear"), ["or | X takes or neither for a join nor for a word"]);
  assertEquals(says("(a1 b1) AND (c1)"), ["AND | X takes AND neither for a join nor for a word"]);
  assertEquals(says("sun NOT lang:es"), ["NOT | NOT is a word here and negates nothing"]);
  assertEquals(says('sun "NOT" lang:es'), []);
  assertEquals(says('say "hello'), ['" | this quote is never closed']);
  assertEquals(says("coca-cola -(x"), [
    "coca-cola | coca-cola has punctuation in it, which needs quotes",
    "( | " +
    "this bracket is never closed",
  ]);
  assertEquals(says('x "a b"~9'), ['"a b"~9 | ~9 is too far']);
  assertEquals(translatePowerTrack("").faults.length, 1);
  assertEquals(translatePowerTrack("()").faults.length, 1);
});

Deno.test("negated groups are written out", () => {
  assertEquals(query("snow -(rain OR hail)"), "snow -rain -hail");
  assertEquals(query("snow -(rain OR (hail OR has:links)) x"), "snow -rain -hail -has:links x");
  assertEquals(query("snow -(rain hail)"), "snow -rain OR snow -hail");
  assertEquals(query("snow ice -(rain hail) lang:en"), "snow ice lang:en -rain OR snow ice lang:en -hail");
  assertEquals(query("snow -(rain hail) sample:10"), "(snow -rain OR snow -hail) sample:10");
  assertEquals(query("snow -(-(rain OR hail))"), "snow (rain OR hail)");
  assertEquals(query("snow -(rain -hail)"), "snow -rain OR snow hail");
  assertEquals(query("(snow -(rain OR hail)) OR ice"), "snow -rain -hail OR ice");
  assertEquals(query("snow -(rain)"), "snow -rain");
  assertEquals(query("snow (ice OR (-rain (hail OR -sun)))"), "snow ice OR snow -rain hail OR snow -rain -sun");
});

Deno.test("groups that would become too many alternatives stay, and are named", () => {
  const groups = ["a1 b1", "c1 d1", "e1 f1", "g1 h1", "i1 j1"].map((words) => `-(${words})`);
  assertEquals(query(`snow ${groups.join(" ")}`).split(" OR ").length, 32);
  assertEquals(says(`snow ${groups.join(" ")} -(k1 l1)`).slice(-1), [
    "l1 | what must not be there cannot be an alternative",
  ]);
});

Deno.test("two names of one thing beside each other become one", () => {
  assertEquals(query("(lang:es OR twitter_lang:es) playa sol"), "lang:es playa sol");
  assertEquals(query("lang:es twitter_lang:es playa"), "lang:es playa");
  assertEquals(query("(-has:lang OR lang:en OR twitter_lang:en) snow"), "(lang:und OR lang:en) snow");
});

Deno.test("the translation matches what the rule matches", async () => {
  await withChance((chance) => {
    let translated = 0;
    for (let round = 0; round < 2_000; round++) {
      const value = randomRule(chance, 4);
      const { query, faults } = translatePowerTrack(value);
      if (faults.length > 0) continue;
      translated++;
      for (let set = 0; set < 1 << WORDS.length; set++) {
        const there = new Set(WORDS.filter((_, at) => set & 1 << at));
        assertEquals(isMatch(query, there), isMatch(value, there), `${value} became ${query} for ${[...there]}`);
      }
    }
    assert(translated > 200, `only ${translated} rules of 2000 were translated`);
  });
});

Deno.test("what has no fault X would take, and every fault has its place in the value", async () => {
  const values = (JSON.parse(await gnipSample("powertrack.json")).rules as { value: string }[]).map(({ value }) =>
    value
  );
  values.push("snow -(rain (hail OR x)) -has:lang", "a1 -(b1 c1) -(d1 e1) -(f1 g1)");
  await withChance((chance) => {
    for (let round = 0; round < 5_000; round++) {
      const value = mangled(values[Math.floor(chance() * values.length)]!, chance);
      const { query, faults } = translatePowerTrack(value);
      for (const { start, end, says } of faults) {
        assert(0 <= start && start <= end && end <= value.length && says !== "", JSON.stringify(value));
      }
      if (faults.length > 0) continue;
      const refused = checkQuery(query, { ...TIERS.enterprise, ruleLength: Infinity }).complaints
        .filter(({ level }) => level === "fault");
      assertEquals(refused, [], `${JSON.stringify(value)} became ${query}`);
    }
  });
});

Deno.test("the rules of the sample: which are translated, and what stands against the others", async () => {
  const { rules } = JSON.parse(await gnipSample("powertrack.json")) as { rules: { value: string; tag: string }[] };
  const read = rules.map(({ value, tag }) => [tag, says(value).join(" / ")]);
  assertEquals(read, [
    ["apple", ""],
    ["links", 'url_contains:"example.com" has:links | url_contains:example.com has:links cannot stand alone'],
    ["bio", "profile_country:US | X has no operator profile_country:"],
    ["boulder", ""],
    ["boulder-circle", ""],
    ["substring", 'contains:"phone" | X has no operator contains:'],
    ["entities", ""],
    ["quoted", ""],
    ["japan", ""],
    ["emoji", ""],
    ["broken-or", "OR | nothing follows this OR"],
    ["negated-alone", "-ipad | nothing in it must be there, so nearly everything would match"],
  ]);
});

Deno.test("rules of 100,000 characters are done in no time to speak of", () => {
  const chance = seeded(1);
  const words = Array.from({ length: 15_000 }, () => `w${Math.floor(chance() * 1e4)}`);
  const values = [
    words.join(" "),
    words.join(" OR "),
    `x -(${words.join(" OR ")})`,
    `x -(${words.join(" ")})`,
    words.map((word, at) => at % 3 === 0 ? `-(${word} y)` : word).join(" "),
    `${words.join(" ")} -(a1 b1) -(c1 d1) -(e1 f1) -(g1 h1) -(i1 j1)`,
    "-(x ".repeat(20_000),
    "(".repeat(100_000),
    `"${"\\".repeat(99_999)}`,
    "contains:x ".repeat(9_000),
  ];
  for (const value of values) translatePowerTrack(value.slice(0, 100_000));
});
